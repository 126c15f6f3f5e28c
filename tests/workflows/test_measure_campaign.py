import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import LabError
from retention_lab.simulate import Retailer, respond
from retention_lab.workflows.launch_campaign import launch_campaign
from retention_lab.workflows.measure_campaign import MeasureReport, measure_campaign
from retention_lab.workflows.plan_campaign import plan_campaign
from retention_lab.workflows.project import Lab
from retention_lab.workflows.report_campaign import report_campaign
from retention_lab.workflows.simulated_data import data_folder, write_tables
from tests.workflows.conftest import copied, silent

Edit = Callable[[Lab, str, str, str], Lab]
EXPERIMENT = "winback-2026-03-01"


@pytest.fixture(scope="module")
def launched(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("launched") / "lab"
    lab = copied(promoted, folder)
    plan_campaign(lab, "winback", say=silent)
    launch_campaign(lab, "winback", seed=7)
    return folder


@pytest.fixture(scope="module")
def over(launched: Path, simulated: tuple[Path, Retailer], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A project whose launch has run its horizon."""
    lab = copied(launched, tmp_path_factory.mktemp("over") / "lab")
    shop = simulated[1]
    assignments = pq.read_table(lab.folder / "data" / "assignments" / f"{EXPERIMENT}.parquet")
    after = respond(shop, assignments, at=shop.as_of, horizon_days=30, seed=1).retailer
    write_tables(data_folder(lab), after.tables, {"as_of": after.as_of.isoformat()})
    return lab


@pytest.fixture(scope="module")
def found(over: Lab) -> MeasureReport:
    return measure_campaign(over, "winback")


@pytest.fixture
def lab(over: Lab, tmp_path: Path) -> Lab:
    return copied(over.folder, tmp_path / "lab")


def test_before_the_horizon_closes_it_says_when(launched: Path, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="closes on 2026-03-31"):
        measure_campaign(copied(launched, tmp_path / "open"), "winback")


def test_the_totals_add_up_and_have_the_contracts_keys(found: MeasureReport) -> None:
    result = found.as_json()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert set(result) >= {
        *("experiment", "incremental_contribution", "cost", "profit", "roi", "per_offer"),
        *("policy_vs_random", "trustworthy", "checks", "run_id"),
    }
    assert result["trustworthy"] is True
    profit = result["incremental_contribution"]["value"] - result["cost"]["value"]
    assert result["profit"]["value"] == pytest.approx(profit)
    assert result["cost"]["value"] == pytest.approx(result["redemption_cost"] + result["contact_cost"])
    assert result["cost"]["value"] == pytest.approx(sum(one["cost"]["value"] for one in result["per_offer"]))
    assert result["expected"]["profit"]["value"] is not None


def test_the_interval_holds_the_truth_of_the_arms_drawn(
    over: Lab, found: MeasureReport, shop: Retailer
) -> None:
    truth = shop.truth
    place = {customer: i for i, customer in enumerate(truth.customer_ids.to_pylist())}
    table = pq.read_table(over.folder / "data" / "assignments" / f"{EXPERIMENT}.parquet")
    at = [place[customer] for customer in table["customer_id"].to_pylist()]
    arm = [truth.arms.index(name) for name in table["arm"].to_pylist()]
    gain = truth.expected_profit[at, arm] - truth.expected_profit[at, 0]
    profit = found.measured.profit
    slack = (profit.high - profit.low) / 2  # one seed: about four standard errors
    assert profit.low - slack < gain.sum() < profit.high + slack


def test_groups_known_before_the_draw_are_measured_apart(found: MeasureReport) -> None:
    result = found.as_json()
    for name in ("per_intended_offer", "per_segment", "per_decile"):
        assert sum(one["n"] for one in result[name]) == result["customers"]
        assert sum(one["cost"]["value"] for one in result[name]) == pytest.approx(result["cost"]["value"])
    assert result["per_intended_offer"][0]["offer"] == "none"
    assert "at_risk" in {one["segment"] for one in result["per_segment"]}
    deciles = [one["profit"]["value"] for one in result["per_decile"] if one["profit"]["value"] is not None]
    assert np.mean(deciles[:3]) > np.mean(deciles[-3:])
    assert all(one["profit"]["value"] is not None or one["profit"]["reason"] for one in result["per_segment"])


def test_the_model_is_held_against_the_campaigns_own_rows(found: MeasureReport) -> None:
    model = found.as_json()["model"]
    assert {one["offer"] for one in model["calibration"]} == set(found.offers)
    for one in model["calibration"]:
        assert one["observed"]["ci_low"] < one["observed"]["value"] < one["observed"]["ci_high"]
    assert model["gate"]["passed"] in (True, False)
    assert any(check["name"].startswith("G2") for check in model["gate"]["checks"])
    assert ("no longer passes" in model["detail"]) is not model["gate"]["passed"]


def test_a_model_that_turns_out_wrong_fails_its_gate_and_the_command_is_named(lab: Lab) -> None:
    """Everybody whom the model sent an offer brings a loss beyond what the offer could bring."""
    data = data_folder(lab)
    drawn = pq.read_table(lab.folder / "data" / "assignments" / f"{EXPERIMENT}.parquet")
    with_offer = [row["customer_id"] for row in drawn.to_pylist() if row["arm"] != "none"]
    orders = pq.read_table(data / "transactions.parquet")
    template = orders.to_pylist()[0]
    loss = {"amount": -400.0, "contribution": -400.0, "ordered_at": datetime(2026, 3, 5)}
    lost = [
        {**template, **loss, "order_id": f"loss-{one}", "customer_id": one, "offer_id": None, "discount": 0.0}
        for one in with_offer
    ]
    names = orders.schema.names
    lost = [{name: row.get(name) for name in names} for row in lost]
    more = pa.Table.from_pylist(lost, schema=orders.schema)
    pq.write_table(pa.concat_tables([orders, more]), data / "transactions.parquet")
    model = measure_campaign(lab, "winback").as_json()["model"]
    assert model["gate"]["passed"] is False
    assert "no longer passes its gate. Train it again: `lab train winback-uplift`." in model["detail"]


def test_who_is_suppressed_between_launch_and_export_stays_as_assigned(
    lab: Lab, found: MeasureReport
) -> None:
    drawn = pq.read_table(lab.folder / "data" / "assignments" / f"{EXPERIMENT}.parquet").to_pylist()
    some = [row["customer_id"] for row in drawn if row["arm"] != "none"][:40]
    path = lab.folder / "data" / "suppressions.parquet"
    known = pq.read_table(path)
    blank = dict.fromkeys(known.column_names)
    more = pa.Table.from_pylist([{**blank, "customer_id": one} for one in some], schema=known.schema)
    pq.write_table(pa.concat_tables([known, more]), path)
    again = measure_campaign(lab, "winback")
    assert again.rows == found.rows
    assert again.measured.profit.value == pytest.approx(found.measured.profit.value)
    assert [one.rows for one in again.measured.per_offer] == [one.rows for one in found.measured.per_offer]


def test_an_arm_that_was_changed_after_the_draw_is_refused(lab: Lab) -> None:
    path = lab.folder / "data" / "assignments" / f"{EXPERIMENT}.parquet"
    rows = pq.read_table(path)
    arms = rows["arm"].to_pylist()
    other = ["none" if arm != "none" else "message" for arm in arms]
    pq.write_table(rows.set_column(2, "arm", pa.array(other)), path)
    with pytest.raises(LabError, match="differs from the one in propensities"):
        measure_campaign(lab, "winback")


def test_an_experiment_from_elsewhere_is_measured_without_a_plan(lab: Lab) -> None:
    past = pq.read_table(lab.folder / "data" / "assignments.parquet")["experiment"].to_pylist()
    name = sorted({one for one in past if one.startswith("exploration")})[-1]
    report = measure_campaign(lab, "winback", experiment=name)
    result = report.as_json()
    assert result["experiment"] == name
    assert result["profit"]["value"] is not None
    assert "not planned here" in result["expected"]["profit"]["reason"]
    assert "no policy's choices" in result["policy_vs_random"]["reason"]
    assert (lab.folder / report_campaign(lab, "winback", experiment=name)["file"]).exists()
    with pytest.raises(LabError, match="No experiment in assignments is named"):
        measure_campaign(lab, "winback", experiment="nothing")


def test_offers_that_the_campaign_prices_itself_are_charged_without_an_offers_table(
    over: Lab, lab: Lab, found: MeasureReport
) -> None:
    (lab.folder / "data" / "offers.parquet").unlink()
    again = measure_campaign(lab, "winback")
    assert again.measured.cost.value == pytest.approx(found.measured.cost.value)


def test_transactions_without_discounts_leave_the_discount_unknown(lab: Lab, edit: Edit) -> None:
    path = lab.folder / "data" / "transactions.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["discount"]), path)
    result = measure_campaign(lab, "winback").as_json()
    assert result["discount"]["value"] is None
    assert result["discount"]["reason"]
    report_campaign(lab, "winback")


def test_the_pages_show_the_numbers_of_the_json_in_both_languages(lab: Lab) -> None:
    files = report_campaign(lab, "winback")["files"]
    assert set(files) == {"en", "zh-CN"}
    result = measure_campaign(lab, "winback").as_json()
    for file in files.values():
        page = (lab.folder / file).read_text("utf-8")
        text = re.sub(r"<[^>]+>", " ", page)
        assert EXPERIMENT in text
        profit = result["profit"]["value"]
        digits = f"{profit:,.0f}"
        assert digits in text or f"{np.round(profit, -int(np.floor(np.log10(abs(profit)))) + 2):,.0f}" in text
        assert "http://" not in page.replace("http://www.w3.org", "")
        for one in result["per_offer"]:
            assert one["offer"] in text


def test_unknown_redemptions_are_not_taken_for_none(lab: Lab) -> None:
    data = data_folder(lab)
    (data / "redemptions.parquet").unlink()
    orders = pq.read_table(data / "transactions.parquet")
    if "offer_id" in orders.column_names:
        pq.write_table(orders.drop_columns(["offer_id"]), data / "transactions.parquet")
    with pytest.raises(LabError, match=r"Nothing says who redeemed an offer.*lab data import redemptions"):
        measure_campaign(lab, "winback")


def test_where_no_model_chose_there_is_no_choosing_to_judge(
    simulated: tuple[Path, Retailer], tmp_path: Path
) -> None:
    shop = simulated[1]
    lab = copied(simulated[0], tmp_path / "explored")
    plan_campaign(lab, "winback", say=silent)
    launch = launch_campaign(lab, "winback", seed=7)
    assignments = pq.read_table(lab.folder / launch.assignments_file)
    after = respond(shop, assignments, at=shop.as_of, horizon_days=30, seed=1).retailer
    write_tables(data_folder(lab), after.tables, {"as_of": after.as_of.isoformat()})
    found = measure_campaign(lab, "winback")
    assert found.policy_vs_random is None
    assert "only explored" in found.no_comparison
