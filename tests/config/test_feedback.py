from pathlib import Path

import pytest

from retention_lab.config.feedback import FeedbackDefinition
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.kinds import KINDS
from tests.config.labs import lab_in

OWN = "kind: feedback\nlabel: {column: label, positive: good}\nscore: {positive_from: 4, negative_to: 2}\n"


def read(folder: Path, text: str, *overrides: str) -> FeedbackDefinition:
    found = read_definition(lab_in(folder, one=text), "one", overrides)
    assert isinstance(found, FeedbackDefinition)
    return found


def test_a_definition_over_the_project_s_feedback_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, OWN + "answers: {complaint: {price: {en: 'Dear {customer_id}'}}}\n")
    assert not found.flat
    assert found.answers.complaint["price"]["en"] == "Dear {customer_id}"


@pytest.mark.parametrize(
    ("text", "override", "key", "message"),
    [
        (OWN, "score.negative_to=4", "negative_to", "praise and a complaint at once"),
        (OWN, "label.column=tone", "label.column", "in the column `label`"),
        (OWN, "score.column=stars", "score.column", "in the column `score`"),
        (OWN, "customer=who", "customer", "belongs to a `table:`"),
        (OWN, "models=[bert]", "models", "naive_bayes"),
        (OWN, "themes={price: [dear]}", "themes", "One theme is no choice"),
        (OWN, "answers={complaint: {prize: {en: a}}}", "prize", "Did you mean 'price'"),
        (OWN, "answers={complaint: {price: {en: 'Hi {name}'}}}", "answers", "'{name}' to fill in"),
        (KINDS["feedback"] + "topic: t\n", "themes={a: [b], c: [d]}", "themes", "not from both"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_key(
    tmp_path: Path, text: str, override: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text, override)
    assert key in str(caught.value.key)
    assert message in str(caught.value)


def test_answers_may_speak_of_topics_that_only_a_column_knows(tmp_path: Path) -> None:
    text = KINDS["feedback"] + "topic: t\nanswers: {praise: {taste: {en: Thanks}}}\n"
    assert read(tmp_path, text).answers.praise["taste"] == {"en": "Thanks"}
