from datetime import UTC, datetime, timedelta

import pytest

from retention_lab.data.snapshot_columns import FURTHER
from retention_lab.errors import LabError
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_uplift import read_rows, uplift_definition

NAME = "winback-uplift"


def test_as_of_a_date_only_experiments_that_had_closed_are_learned_from(lab: Lab) -> None:
    definition = uplift_definition(lab, NAME)
    now, _ = read_rows(lab, definition, None)
    with lab.open_tables() as tables:
        first = tables.query("SELECT min(assigned_at) AS at FROM assignments")["at"][0].as_py()
    early = first.replace(tzinfo=UTC) + timedelta(days=31)
    then, said = read_rows(lab, definition, early)
    assert 0 < len(then) < len(now)
    assert "outcomes are not complete yet" in said[0]["detail"]
    with pytest.raises(LabError, match="No experiment can be learned from"):
        read_rows(lab, definition, early - timedelta(days=30))


def test_since_a_date_only_customers_assigned_from_then_on_are_learned_from(lab: Lab) -> None:
    everything, _ = read_rows(lab, uplift_definition(lab, NAME), None)
    with lab.open_tables() as tables:
        days = tables.query("SELECT DISTINCT assigned_at FROM assignments ORDER BY 1")[
            "assigned_at"
        ].to_pylist()
    day = f"{days[1]:%Y-%m-%d}"
    recent, said = read_rows(lab, uplift_definition(lab, NAME, [f"since={day}"]), None)
    left_out = len(everything) - len(recent)
    assert 0 < left_out < len(everything)
    assert f"{left_out} rows: assigned before {day}" in said[0]["detail"]
    assert set(recent.unit) <= set(everything.unit)
    with pytest.raises(LabError, match="was assigned since 2099-01-01") as caught:
        read_rows(lab, uplift_definition(lab, NAME, ["since=2099-01-01"]), None)
    assert caught.value.key == "since"


def test_a_date_that_the_data_do_not_reach_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="nothing is known as of that date"):
        read_rows(lab, uplift_definition(lab, NAME), datetime(2099, 1, 1, tzinfo=UTC))


def test_a_misspelt_exclusion_lets_nothing_in(lab: Lab) -> None:
    with pytest.raises(LabError, match="no feature 'recency_dais' to exclude"):
        read_rows(lab, uplift_definition(lab, NAME, ["exclude=[recency_dais]"]), None)


def test_rows_are_judged_net_of_the_costs_of_offers(lab: Lab) -> None:
    rows, _ = read_rows(lab, uplift_definition(lab, NAME), None)
    assert rows.in_money
    assert rows.worth.cost is not None
    assert rows.worth.cost[0] == 0.0
    assert max(rows.worth.cost) > 0
    assert (rows.arms[0], rows.id_column) == ("none", "customer_id")


def test_rows_have_the_core_of_the_snapshot_and_more_where_it_is_named(lab: Lab) -> None:
    plain, _ = read_rows(lab, uplift_definition(lab, NAME), None)
    assert not set(FURTHER) & set(plain.table.column_names)
    assert {"recency_days", "orders_90", "lifecycle", "region"} < set(plain.table.column_names)
    named, _ = read_rows(lab, uplift_definition(lab, NAME, ["features=[orders_90, order_days_90]"]), None)
    assert named.table.column_names == ["orders_90", "order_days_90"]
