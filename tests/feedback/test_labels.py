import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.feedback.labels import ScoreRule, negative_name, tone_labels

RULE = ScoreRule(4, 2)


def column(*values: object) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


def test_what_a_person_said_wins_over_the_score() -> None:
    found = tone_labels(column("good", "neutral", None), "good", column(1.0, 5.0, 5.0), RULE)
    assert found.tolist() == [1.0, 0.0, 1.0]


def test_a_score_in_between_tells_nothing() -> None:
    found = tone_labels(None, "good", column(5.0, 4.0, 3.0, 2.0, 1.0, None), RULE)
    np.testing.assert_array_equal(found, [1, 1, np.nan, 0, 0, np.nan])


def test_numbers_are_labels_too() -> None:
    assert tone_labels(column(1, 0, 1), "1", None, None).tolist() == [1.0, 0.0, 1.0]


def test_without_label_and_score_nothing_can_be_learned() -> None:
    with pytest.raises(LabError, match="Nothing says how the messages are meant"):
        tone_labels(None, "good", column(1.0), None)


def test_the_other_label_has_its_own_name_where_there_is_one() -> None:
    assert negative_name(column("good", "bad", None), "good") == "bad"
    assert negative_name(column("good", "bad", "neutral"), "good") == "not good"
    assert negative_name(None, "good") == "not good"
