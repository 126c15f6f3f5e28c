from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.data.experiments import experiment_rows
from retention_lab.data.past_units import past_units
from retention_lab.errors import LabError
from tests.data.small_tables import open_small, random_tables

STARTS, ENDS = datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC)


def test_past_units_are_counted_as_those_of_an_experiment(tmp_path: Path) -> None:
    """Assigned at the window's start, the same customers have the same totals."""
    tables = random_tables(customers=200)
    known = [one for one in tables["customers"].to_pylist() if one["signup_at"] < STARTS.replace(tzinfo=None)]
    count = len(known)
    tables["assignments"] = pa.table(
        {
            "experiment": ["past"] * count,
            "customer_id": [one["customer_id"] for one in known],
            "arm": ["none"] * count,
            "propensity": np.ones(count),
            "assigned_at": pa.array([STARTS.replace(tzinfo=None)] * count, pa.timestamp("us")),
            "role": ["exploration"] * count,
            "intended_arm": pa.nulls(count, pa.string()),
        }
    )
    tables.pop("propensities", None)
    with open_small(tmp_path, tables) as opened:
        experiment = {row["customer_id"]: row for row in experiment_rows(opened, ["past"], 30).to_pylist()}
        found = {row["customer_id"]: row for row in past_units(opened, ENDS, 30).to_pylist()}
    assert set(experiment) <= set(found)  # whoever ordered before registering is known too
    names = ("orders", "active", "revenue", "contribution", "redemption_cost", "contact_cost", "profit")
    for customer, row in experiment.items():
        assert {name: row[name] for name in names} == pytest.approx(
            {name: found[customer][name] for name in names}
        )
    assert sum(row["active"] for row in found.values()) > 20


def test_contribution_is_left_out_where_nobody_knows_it(tmp_path: Path) -> None:
    tables = random_tables()
    tables["transactions"] = tables["transactions"].drop_columns(["contribution"])
    with open_small(tmp_path, tables) as opened:
        found = past_units(opened, ENDS, 30)
    assert "revenue" in found.column_names
    assert not {"contribution", "profit"} & set(found.column_names)


def test_a_window_before_anybody_was_known_is_refused(tmp_path: Path) -> None:
    with (
        open_small(tmp_path, random_tables()) as opened,
        pytest.raises(LabError, match="No customer was known"),
    ):
        past_units(opened, ENDS, 3_000)
