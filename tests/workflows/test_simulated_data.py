import json
from pathlib import Path

import pytest

from retention_lab.config.loading import read_project
from retention_lab.errors import LabError
from retention_lab.simulate import Retailer
from retention_lab.workflows.customer_columns import customer_columns
from retention_lab.workflows.project import Lab
from retention_lab.workflows.simulated_data import simulate_into
from tests.workflows.conftest import CUSTOMERS, SEED


def test_the_tables_are_written_and_the_truth_is_not(simulated: tuple[Path, Retailer]) -> None:
    folder, shop = simulated
    names = {path.stem for path in (folder / "data").glob("*.parquet")}
    assert names == set(shop.tables)
    facts = json.loads((folder / "data" / "simulation.json").read_text())
    assert (facts["customers"], facts["seed"]) == (CUSTOMERS, SEED)
    assert not any("truth" in path.name for path in folder.rglob("*"))


def test_tables_that_are_there_are_not_overwritten(simulated: tuple[Path, Retailer]) -> None:
    with pytest.raises(LabError, match="has tables already"):
        simulate_into(Lab(read_project(simulated[0])), customers=100, seed=1)


def test_every_column_that_a_condition_may_ask_is_listed_with_its_meaning(
    simulated: tuple[Path, Retailer],
) -> None:
    rows = customer_columns(Lab(read_project(simulated[0])))
    names = [row["column"] for row in rows]
    assert {"customer_id", "recency_days", "lifecycle"} <= set(names)
    assert len(set(names)) == len(names)
    assert all(row["meaning"] for row in rows)
    assert not next(row for row in rows if row["column"] == "customer_id")["feature"]
