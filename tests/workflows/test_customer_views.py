"""The customer view over the simulated project: RFM, stages, cohorts, loyalty, one customer, the page."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from retention_lab.config.project import Privacy, Project
from retention_lab.customers.cohorts import month_name
from retention_lab.errors import LabError
from retention_lab.simulate import Retailer
from retention_lab.workflows.customer_cohorts import customer_cohorts
from retention_lab.workflows.customer_lifecycle import customer_lifecycle
from retention_lab.workflows.customer_loyalty import CHANNEL, EVERYBODY, customer_loyalty
from retention_lab.workflows.customer_profile import customer_profile
from retention_lab.workflows.customer_rfm import customer_rfm
from retention_lab.workflows.customers_page import report_customers
from retention_lab.workflows.project import Lab
from tests.workflows.conftest import silent
from tests.workflows.small_shops import small_shop

DECEMBER, MARCH = datetime(2025, 12, 1), datetime(2026, 3, 1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, Retailer]:
    return small_shop(tmp_path_factory.mktemp("views") / "lab")


@pytest.fixture(scope="module")
def lab(shop: tuple[Lab, Retailer]) -> Lab:
    return shop[0]


def named(shop: Retailer) -> list[dict]:
    """Order lines that are somebody's; a few are not."""
    return [line for line in shop.tables["transactions"].to_pylist() if line["customer_id"] is not None]


def buyers(shop: Retailer) -> set[str]:
    return {line["customer_id"] for line in named(shop) if line["amount"] > 0}


def test_every_buyer_is_in_one_cell(lab: Lab, shop: tuple[Lab, Retailer], tmp_path: Path) -> None:
    view = customer_rfm(lab, MARCH, tmp_path / "rfm.parquet")
    found, count = view.as_json(), len(buyers(shop[1]))
    assert sum(row["customers"] for row in found["rows"]) == count
    assert sum(one["customers"] for one in found["cells"]) == count
    assert sum(one["revenue_share"] for one in found["cells"]) == pytest.approx(1)
    assert found["without_orders"] == found["customers"] - count
    rows = pq.read_table(tmp_path / "rfm.parquet")
    assert rows.num_rows == found["customers"]
    assert rows["cell"].null_count == rows["rfm"].null_count == found["without_orders"]
    counted = Counter(rows["cell"].drop_null().to_pylist())
    assert counted == {one["cell"]: one["customers"] for one in found["cells"] if one["customers"]}


def test_stages_and_moves_count_everybody_once(lab: Lab, tmp_path: Path) -> None:
    found = customer_lifecycle(lab, MARCH, DECEMBER, tmp_path / "stages.csv").as_json()
    assert sum(row["customers"] for row in found["rows"]) == found["customers"]
    assert sum(row["customers"] for row in found["transitions"]) == found["customers"]
    then = customer_lifecycle(lab, DECEMBER).as_json()
    came = sum(row["customers"] for row in found["transitions"] if row["from"] == "not_known")
    assert found["customers"] - came == then["customers"]
    for row in then["rows"]:
        left = sum(one["customers"] for one in found["transitions"] if one["from"] == row["stage"])
        assert left == row["customers"]
    assert (tmp_path / "stages.csv").read_text().count("\n") == found["customers"] + 1


def test_without_a_date_the_view_is_of_the_day_after_the_last_order(lab: Lab) -> None:
    assert customer_lifecycle(lab).as_json()["as_of"][:10] == "2026-03-01"


def test_an_earlier_date_that_is_not_earlier_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="is not before 2025-12-01") as caught:
        customer_lifecycle(lab, DECEMBER, MARCH)
    assert caught.value.key == "before"


def test_cohorts_add_up_to_the_buyers_and_to_their_revenue(lab: Lab, shop: tuple[Lab, Retailer]) -> None:
    view = customer_cohorts(lab, MARCH)
    found = view.as_json()
    assert found["customers"] == len(buyers(shop[1]))
    total = sum(float(line["amount"]) for line in named(shop[1]))
    assert sum(row["revenue"] for row in found["rows"]) == pytest.approx(total)
    assert all(row["active"] == row["customers"] for row in found["rows"] if row["months_since"] == 0)
    assert month_name(int(view.cohorts.cohorts[-1])) == "2026-02"
    assert all(row["complete"] for row in found["rows"])
    assert not all(row["complete"] for row in customer_cohorts(lab, datetime(2026, 2, 10)).as_json()["rows"])


def test_groups_and_channels_are_parts_of_everybody(lab: Lab, tmp_path: Path) -> None:
    view = customer_loyalty(lab, MARCH, by="region", window_days=60, out=tmp_path / "loyalty.parquet")
    found = view.as_json()
    whole, parts = found["rows"][0], found["rows"][1:]
    assert (whole["group"], whole["level"]) == (EVERYBODY, None)
    assert sum(part["customers"] for part in parts) == whole["customers"]
    assert {part["group"] for part in parts} == {"region"}
    funnels = [one for one in found["funnel"] if one["group"] == "region"]
    assert sum(one["view"] for one in funnels) == found["funnel"][0]["view"]
    assert {one["level"] for one in found["funnel"] if one["group"] == CHANNEL} >= {"web", "app"}
    rows = pq.read_table(tmp_path / "loyalty.parquet")
    assert rows.num_rows == whole["customers"]
    orders = rows["orders"].to_numpy()
    assert whole["repeat_purchase_rate"]["value"] == pytest.approx((orders > 1).sum() / (orders > 0).sum())
    kept = rows["ordered_before"].to_numpy(zero_copy_only=False)
    again = kept & rows["ordered_now"].to_numpy(zero_copy_only=False)
    assert whole["retention_rate"]["value"] == pytest.approx(again.sum() / kept.sum())


def test_the_duration_is_from_the_first_order_to_the_last(
    lab: Lab, shop: tuple[Lab, Retailer], tmp_path: Path
) -> None:
    customer_loyalty(lab, MARCH, out=tmp_path / "loyalty.parquet")
    rows = pq.read_table(tmp_path / "loyalty.parquet").to_pylist()
    ordered: dict[str, dict[str, datetime]] = {}
    for line in named(shop[1]):
        if line["amount"] > 0:
            own = ordered.setdefault(line["customer_id"], {})
            own[line["order_id"]] = min(own.get(line["order_id"], line["ordered_at"]), line["ordered_at"])
    for row in rows[:200]:
        times = list(ordered.get(row["customer_id"], {}).values())
        if times:
            days = (max(times) - min(times)).total_seconds() / 86_400
            assert row["duration_days"] == pytest.approx(days, abs=1e-9)
        else:
            assert row["duration_days"] is None


@pytest.mark.parametrize(
    ("by", "message"),
    [("regoin", "not told apart by 'regoin'"), ("revenue", "not words"), ("customer_id", "different values")],
)
def test_what_is_no_group_of_customers_is_refused(lab: Lab, by: str, message: str) -> None:
    with pytest.raises(LabError, match=message):
        customer_loyalty(lab, MARCH, by=by)


def test_a_profile_agrees_with_the_tables(lab: Lab, shop: tuple[Lab, Retailer]) -> None:
    someone = min(buyers(shop[1]))
    found = customer_profile(lab, someone, MARCH).as_json()
    facts = {row["name"]: row for row in found["rows"]}
    own = [line for line in named(shop[1]) if line["customer_id"] == someone]
    assert facts["orders"]["value"] == len({line["order_id"] for line in own if line["amount"] > 0})
    assert facts["revenue"]["value"] == pytest.approx(float(sum(line["amount"] for line in own)))
    assert 0 < facts["orders"]["percentile"] < 1
    assert found["rfm"]["cell"] is not None
    assert {order["order_id"] for order in found["orders"]} <= {line["order_id"] for line in own}
    shown = {*facts} & {"customer_id", "birth_year", "signup_at", "referred_by"}
    assert not shown


def test_a_profile_of_nobody_does_not_repeat_the_id(lab: Lab) -> None:
    with pytest.raises(LabError, match="has that id") as caught:
        customer_profile(lab, "anna@example.org", MARCH)
    assert "anna" not in str(caught.value)


def test_a_prospect_has_a_profile_and_no_score(lab: Lab, shop: tuple[Lab, Retailer]) -> None:
    known = set(shop[1].tables["customers"]["customer_id"].to_pylist())
    found = customer_profile(lab, min(known - buyers(shop[1])), MARCH).as_json()
    assert found["rfm"] == {"cell": None, "reason": "the customer has not ordered"}
    assert found["orders"] == []


def test_a_date_before_anybody_came_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="Nobody was a customer before 2001-01-01"):
        customer_rfm(lab, datetime(2001, 1, 1))


def test_the_page_shows_what_the_commands_show(lab: Lab) -> None:
    found = report_customers(lab, MARCH, DECEMBER, say=silent)
    page = (lab.folder / found["file"]).read_text(encoding="utf-8")
    stages = customer_lifecycle(lab, MARCH).as_json()
    active = next(row["customers"] for row in stages["rows"] if row["stage"] == "active")
    assert f"{active:,}" in page
    rate = customer_loyalty(lab, MARCH).groups[0].metrics["repeat_purchase_rate"]
    assert not isinstance(rate, str)
    assert f"{100 * rate.value:.1f}%" in page
    assert found["files"] == {"en": found["file"]}
    grid = customer_rfm(lab, MARCH).grid
    assert all(f">{n}</text>" in page for n in np.unique(grid[grid >= 20]))


def test_the_page_hides_what_the_project_calls_small(lab: Lab) -> None:
    grid = customer_rfm(lab, MARCH).grid
    for least in (1, 35):
        settings = lab.settings.model_copy(update={"privacy": Privacy(min_cell=least)})
        found = report_customers(Lab(Project(lab.folder, settings)), MARCH, DECEMBER, say=silent)
        page = (lab.folder / found["file"]).read_text(encoding="utf-8")
        assert all(f">{n}</text>" in page for n in np.unique(grid[grid >= least]))
        assert (">·</text>" in page) == (least > 1)
