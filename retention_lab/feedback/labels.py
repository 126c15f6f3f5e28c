"""What is known of a message's tone: what a person said of it, else its score."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.labels import label_text


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """Scores from positive_from on are praise, up to negative_to complaints; in between they tell nothing."""

    positive_from: float
    negative_to: float


def tone_labels(
    label: pa.ChunkedArray | None, positive: str, score: pa.ChunkedArray | None, rule: ScoreRule | None
) -> Floats:
    """(n,) 1, 0, or NaN where neither label nor score tells.

    >>> label = pa.chunked_array([["good", "bad", None, None, None]])
    >>> tone_labels(label, "good", pa.chunked_array([[1.0, 5.0, 5.0, 3.0, 1.0]]), ScoreRule(4, 2)).tolist()
    [1.0, 0.0, 1.0, nan, 0.0]
    """
    if label is None and (score is None or rule is None):
        raise LabError(
            "Nothing says how the messages are meant: there is no label, and no score to take its place.",
            "Add a column of labels, or of scores and `score: {positive_from: …, negative_to: …}`.",
            key="label",
        )
    rows = len(score) if label is None and score is not None else len(label or ())
    found = np.full(rows, np.nan)
    if score is not None and rule is not None:
        number = np.asarray(score.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        found[number >= rule.positive_from] = 1.0
        found[number <= rule.negative_to] = 0.0
    if label is not None:
        said = label_text(label)
        there = np.asarray(said.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
        is_positive = np.array([one == positive for one in said.to_pylist()], dtype=np.bool_)
        found[there] = is_positive[there]
    return found


def negative_name(label: pa.ChunkedArray | None, positive: str) -> str:
    """What the other label is called: by its own name where there is one, else `not …`."""
    others = set() if label is None else set(label_text(label).drop_null().unique().to_pylist()) - {positive}
    return others.pop() if len(others) == 1 else f"not {positive}"
