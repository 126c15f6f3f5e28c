from pathlib import Path

import pyarrow as pa

from retention_lab.churn.reasons import GROUPS, OTHER
from retention_lab.data.snapshot import snapshot
from retention_lab.data.snapshot_columns import (
    COLUMNS,
    CORE,
    EVIDENCE_OF,
    FURTHER,
    MARKS,
    core_features,
    feature_columns,
)
from tests.data.small_tables import day, open_small, random_tables


def test_features_are_neither_ids_nor_consent_nor_names(tmp_path: Path) -> None:
    tables = random_tables(customers=150)
    names = [f"name {i}" for i in range(150)]
    tables["customers"] = tables["customers"].append_column("nickname", pa.array(names))
    with open_small(tmp_path, tables) as opened:
        found = feature_columns(snapshot(opened, day(499)))
    never = {"customer_id", "as_of", "signup_at", "birth_year", "referred_by", "consent_email", "nickname"}
    assert never & set(found) == set()
    assert {"age", "referred", "region", "lifecycle", "contacts_365", "shoe size", "orders"} < set(found)


def test_features_keep_the_order_of_the_table() -> None:
    table = pa.table({"b": [1.5], "email": ["x"], "a": [True], "when": pa.array([0], pa.timestamp("us"))})
    assert feature_columns(table) == ["b", "a"]
    assert feature_columns(table.select(["a", "b"])) == ["a", "b"]


def test_a_model_learns_from_the_core_unless_it_asks_for_more(tmp_path: Path) -> None:
    with open_small(tmp_path, random_tables(customers=30)) as opened:
        table = snapshot(opened, day(499))
    core, every = core_features(table), feature_columns(table)
    assert [name for name in every if name in core] == core
    assert set(every) - set(core) == {*FURTHER, *MARKS}
    assert {"shoe size", "region", "lifecycle", "revenue_90"} < set(core)
    assert (len(CORE), len(COLUMNS)) == (43, len(CORE) + len(FURTHER) + len(MARKS))


def test_every_column_is_evidence_of_a_cause_or_said_to_be_of_none() -> None:
    assert set(COLUMNS) < set(EVIDENCE_OF)
    assert set(EVIDENCE_OF.values()) == {*GROUPS, OTHER}
    assert {EVIDENCE_OF[name] for name in MARKS} == set(GROUPS)
