from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lab.calibrators import Calibrator
from retention_lab.errors import LabError
from retention_lab.feedback.learners import fit_logistic
from retention_lab.feedback.scorer import FeedbackScorer, from_files
from retention_lab.feedback.themes import DEFAULT_THEMES, themes_of
from retention_lab.feedback.tone import Tone
from retention_lab.feedback.topics import fit_topics
from tests.feedback.shop_talk import shop_talk


@cache
def scorer(language: str = "auto", id_column: str | None = None) -> FeedbackScorer:
    talk = shop_talk()
    vocabulary, themes = talk.vocabulary(), themes_of(DEFAULT_THEMES)
    weighed = vocabulary.weigh(vocabulary.counts(talk.plain))
    return FeedbackScorer(
        learner="logistic",
        vocabulary=vocabulary,
        tone=Tone(fit_logistic(weighed, talk.tone), Calibrator("none")),
        topics=fit_topics(themes.names, themes.places(talk.plain), weighed, themes),
        text_column="text",
        positive="good",
        negative="bad",
        language=language,
        id_column=id_column,
    )


def test_a_row_is_scored_in_its_place_with_its_id() -> None:
    table = pa.table({"who": ["b", "a", "c"], "text": ["Too expensive.", None, "质量非常好,谢谢！"]})
    found = scorer(id_column="who").predict(table)
    assert found.schema == scorer().output_schema()
    assert found["id"].to_pylist() == ["b", "a", "c"]
    assert found["label"].to_pylist() == ["bad", None, "good"]
    assert found["topic"].to_pylist() == ["price", None, "product"]
    low, none, high = found["probability"].to_pylist()
    assert none is None
    assert low < 0.5 < high


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\x00",
        "👍",
        "😀" * 3,
        "12345",
        "Der Kundendienst antwortet überhaupt niemals",
        "Очень плохо",
        "とても良い",
    ],
)
def test_nothing_is_said_of_a_text_that_the_model_cannot_read(text: str) -> None:
    found = scorer().predict(pa.table({"text": [text]}))
    assert found.select(["label", "probability", "topic"]).to_pylist() == [
        {"label": None, "probability": None, "topic": None}
    ]


def test_a_message_of_100_kb_is_read() -> None:
    long = "The quality is excellent, thank you! 质量非常好。" * 2_500
    assert len(long.encode()) > 100_000
    assert scorer().predict(pa.table({"text": [long]}))["label"].to_pylist() == ["good"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.none() | st.text() | st.text(alphabet="goodbad 好坏服务!?👍\u200d"), max_size=5))
def test_any_text_is_scored_or_refused_never_a_crash(texts: list[str | None]) -> None:
    found = scorer().predict(pa.table({"text": pa.array(texts, pa.string())}))
    assert found.num_rows == len(texts)
    for row in found.to_pylist():
        if row["probability"] is None:
            assert (row["label"], row["topic"]) == (None, None)
        else:
            assert 0 <= row["probability"] <= 1
            assert row["label"] == ("good" if row["probability"] >= 0.5 else "bad")


@given(st.text(alphabet="goodbad 好坏服务!?👍", max_size=40))
@settings(max_examples=50, deadline=None)
def test_a_message_is_read_alike_whoever_stands_beside_it(text: str) -> None:
    alone = scorer().read([text])
    beside = scorer().read(["Great shop!", text, None])
    np.testing.assert_array_equal(alone.probability, beside.probability[1:2])
    assert alone.topic[0] == beside.topic[1]


def test_only_the_language_that_was_asked_for_is_read() -> None:
    texts = ["The quality is excellent", "质量非常好"]
    assert scorer("en").read(texts).known.tolist() == [True, False]
    assert scorer("zh").read(texts).known.tolist() == [False, True]


def test_the_words_that_decided_are_the_model_s_own() -> None:
    said = {one.term: one.log_odds for one in scorer().words("Disappointed. The quality is excellent", 50)}
    assert said["disappointed"] < 0 < said["excellent"]
    assert set(said) <= set(scorer().vocabulary.terms)


def test_the_files_hold_the_model_whole_and_no_message() -> None:
    files = scorer().to_files()
    assert set(files) == {"scorer.json", "arrays.npz"}
    again = from_files(files)
    table = pa.table({"text": shop_talk(50, seed=9).texts})
    assert again.predict(table).equals(scorer().predict(table))
    text = files["scorer.json"].decode()
    assert not [one for one in shop_talk().plain if len(one) > 20 and one in text]


def test_a_table_without_the_messages_is_refused_by_the_nearest_name() -> None:
    with pytest.raises(LabError, match="texts"):
        scorer().predict(pa.table({"texts": ["a"]}))


def test_there_are_no_settings_to_give() -> None:
    with pytest.raises(LabError, match="'threshold'"):
        scorer().predict(pa.table({"text": ["a"]}), {"threshold": 0.3})
