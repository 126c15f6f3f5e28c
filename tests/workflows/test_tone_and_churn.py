"""Text and behaviour together: a churn model reads the tone of messages, where there is something in it."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.workflows.project import Lab
from retention_lab.workflows.score_tone import score_tone
from retention_lab.workflows.train import train
from tests.workflows.conftest import silent
from tests.workflows.small_shops import small_shop

TONE = ("mean_tone", "complaints")
LOOK = np.datetime64("2025-12-01", "us")  # the only look that is taken; labels follow it


@pytest.mark.slow
def test_the_tone_helps_where_those_who_leave_complain_first(tmp_path: Path) -> None:
    lab, _ = small_shop(tmp_path / "lab", customers=2_000)
    assert _gain(lab, complaining=0.5) > 0.03  # log loss; the tone tells half of the leavers


@pytest.mark.slow
def test_the_tone_does_not_help_where_anybody_complains(tmp_path: Path) -> None:
    lab, _ = small_shop(tmp_path / "lab", customers=2_000)
    assert abs(_gain(lab, complaining=0.0)) < 0.01


def _gain(lab: Lab, complaining: float) -> float:
    """Cross-fitted log loss that the tone saves, where so many leavers more than stayers complain."""
    _write_messages(lab, complaining)
    train(lab, "feedback", overrides=("models=[logistic]",), say=silent)
    score_tone(lab, "feedback")
    common = ("models=[logistic]", "snapshots.count=1")
    march = datetime(2026, 3, 1)
    losses = []
    for more in ((), (f"exclude=[{', '.join(TONE)}]",)):
        found = train(lab, "churn", as_of=march, overrides=(*common, *more), register=False, say=silent)
        losses.append(float(found.as_json()["candidates"][0]["cross_fitted_log_loss"]))
    with_tone, without = losses
    return without - with_tone


def _write_messages(lab: Lab, complaining: float) -> None:
    """Everybody wrote once in the month before the look; in what tone depends on what came after it.

    People labelled half of it, and nobody gave a score: only the words tell."""
    rng = np.random.default_rng(4)
    orders = pq.read_table(lab.folder / "data" / "transactions.parquet")
    ids = pq.read_table(lab.folder / "data" / "customers.parquet")["customer_id"].to_pylist()
    later = np.asarray(orders["ordered_at"].cast(pa.timestamp("us")).to_numpy()) >= LOOK
    bought = set(np.array(orders["customer_id"].to_pylist(), dtype=object)[later].tolist())
    share = np.array([0.25 if one in bought else 0.25 + complaining for one in ids])
    bad = rng.random(len(ids)) < share
    table = pa.table(
        {
            "customer_id": ids,
            "at": pa.array(LOOK - rng.integers(1, 30, len(ids)).astype("timedelta64[D]")),
            "text": np.where(
                bad, "Disappointed. It broke after a week", "Great shop! Well packed, thank you"
            ),
            "label": pa.array(np.where(bad, "negative", "positive"), mask=rng.random(len(ids)) < 0.5),
        }
    )
    pq.write_table(table, lab.folder / "data" / "feedback.parquet")
