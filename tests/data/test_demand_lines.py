from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.data.demand_lines import demand_contacts, demand_lines
from retention_lab.errors import LabError
from tests.data.small_tables import open_small, random_tables

UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("series", [None, "product_id", "region", "category"])
def test_every_line_counts_once_whatever_tells_series_apart(tmp_path: Path, series: str | None) -> None:
    with open_small(tmp_path, random_tables(customers=60)) as tables:
        places = ("transactions", "products", "customers")
        if series is not None and not any(
            tables.has(place) and series in tables.columns(place) for place in places
        ):
            with pytest.raises(LabError, match=f"No column '{series}'"):
                demand_lines(tables, series, "amount", UNTIL)
            return
        found = demand_lines(tables, series, "amount", UNTIL)
        paid = tables.query("SELECT sum(amount) AS total FROM transactions")["total"][0].as_py()
    assert np.asarray(found["value"]).sum() == pytest.approx(paid)
    assert (set(found["series"].to_pylist()) == {"all"}) == (series is None)


def test_orders_are_counted_and_returns_are_none(tmp_path: Path) -> None:
    with open_small(tmp_path, random_tables(customers=60)) as tables:
        found = demand_lines(tables, None, "orders", UNTIL)
        made = tables.query(
            "SELECT count(DISTINCT (order_id, date_trunc('minute', ordered_at))) AS orders "
            "FROM transactions WHERE amount > 0"
        )
    assert np.asarray(found["value"]).sum() == made["orders"][0].as_py()


def test_what_is_dated_later_is_left_out(tmp_path: Path) -> None:
    with (
        open_small(tmp_path, random_tables(customers=60)) as tables,
        pytest.raises(LabError, match="No transaction lies before"),
    ):
        demand_lines(tables, None, "amount", datetime(1990, 1, 1, tzinfo=UTC))


def test_an_unknown_series_is_refused_with_the_nearest_column(tmp_path: Path) -> None:
    with (
        open_small(tmp_path, random_tables(customers=60)) as tables,
        pytest.raises(LabError, match="Did you mean 'order_id'"),
    ):
        demand_lines(tables, "orderid", "amount", UNTIL)


def test_contacts_are_assignments_to_an_offer(tmp_path: Path) -> None:
    shop = random_tables(customers=4)
    at = datetime(2025, 9, 1, 10)
    shop["assignments"] = pa.table({
        "experiment": ["x"] * 3,
        "customer_id": shop["customers"]["customer_id"].to_pylist()[:3],
        "arm": ["none", "coupon", "coupon"],
        "propensity": [0.5, 0.5, 0.5],
        "assigned_at": pa.array([at] * 3, pa.timestamp("us")),
        "role": ["holdout", "exploration", "exploration"],
        "intended_arm": pa.nulls(3, pa.string()),
    })  # fmt: skip
    shop.pop("propensities", None)
    with open_small(tmp_path, shop) as tables:
        assert demand_contacts(tables, UNTIL).to_pylist() == [{"day": 20_332, "contacts": 2}]
        assert demand_contacts(tables, at.replace(tzinfo=UTC)).num_rows == 0
