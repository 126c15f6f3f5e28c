import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import ConfigurationError, GateError, LabError
from retention_lab.simulate import Retailer
from retention_lab.tracking.journal import move_champion
from retention_lab.tracking.registry import CHAMPION, delete_alias, set_alias
from retention_lab.workflows.plan_campaign import PlanReport, plan_campaign
from retention_lab.workflows.plan_files import latest_plan
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.conftest import copied, silent

Edit = Callable[[Lab, str, str, str], Lab]


def plan(lab: Lab, *overrides: str, **more: object) -> PlanReport:
    return plan_campaign(lab, "winback", overrides=overrides, say=silent, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, PlanReport]:
    lab = copied(promoted, tmp_path_factory.mktemp("plan") / "lab")
    return lab, plan(lab)


def test_the_document_has_the_contracts_keys_and_no_number_that_json_lacks(
    found: tuple[Lab, PlanReport],
) -> None:
    result = found[1].as_json()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert set(result) >= {
        *("audience", "eligible", "suppressed", "assigned", "holdout", "exploration", "expected"),
        *("dual_price", "curve", "baselines", "plan_file", "run_id"),
    }
    assert set(result["expected"]) == {"incremental_contribution", "cost", "profit"}
    assert set(result["baselines"]) == {"risk_only", "response_only", "everyone", "random", "nobody"}
    assert result["eligible"] + sum(result["suppressed"].values()) == result["considered"]
    assert sum(result["assigned"].values()) == (found[1].rows.intended > 0).sum() > 0


def test_probabilities_are_the_roles_shares_around_the_intended_arm(found: tuple[Lab, PlanReport]) -> None:
    rows, result = found[1].rows, found[1].result
    np.testing.assert_allclose(rows.propensity.sum(axis=1), 1, atol=1e-12)
    arms = rows.propensity.shape[1]
    expected = np.full_like(rows.propensity, 1 / arms) * rows.exploration[:, None]
    expected[:, 0] += result["holdout"]
    expected[np.arange(len(expected)), rows.intended] += 1 - result["holdout"] - rows.exploration
    np.testing.assert_allclose(rows.propensity, expected, atol=1e-12)
    assert result["exploration"] == pytest.approx(rows.exploration.mean())


@pytest.mark.slow
def test_intended_choices_and_the_launch_both_keep_to_the_budget(found: tuple[Lab, PlanReport]) -> None:
    tight = plan(found[0], "budget=150")
    assert tight.result["spend"] <= 150
    assert tight.result["expected_spend"] <= 150 + 1e-6
    assert any("Exploration was lowered" in note for note in tight.notes)
    assert found[1].result["spend"] <= 2000
    assert plan(found[0], "budget=0").result["spend"] == 0


def test_the_expected_profit_is_contribution_less_cost_and_grows_out_of_random_offers(
    found: tuple[Lab, PlanReport],
) -> None:
    expected = found[1].result["expected"]
    difference = expected["incremental_contribution"]["value"] - expected["cost"]["value"]
    assert expected["profit"]["value"] == pytest.approx(difference)
    assert expected["profit"]["value"] > found[1].result["baselines"]["nobody"]["value"]
    curve = found[1].result["curve"]
    nothing = found[1].result["baselines"]["nobody"]  # a budget of nothing chooses nobody
    assert curve[0]["profit"] == pytest.approx(nothing)
    assert [point["budget"] for point in curve] == sorted(point["budget"] for point in curve)


def test_the_expected_profit_covers_the_truth(found: tuple[Lab, PlanReport], shop: Retailer) -> None:
    rows, truth = found[1].rows, shop.truth
    place = {customer: i for i, customer in enumerate(truth.customer_ids.to_pylist())}
    at = [place[customer] for customer in rows.ids.tolist()]
    columns = [truth.arms.index(name) for name in rows.arms]
    profit = truth.expected_profit[at][:, columns]
    total = float(np.sum(rows.propensity * (profit - profit[:, :1])))
    expected = found[1].result["expected"]["profit"]
    width = expected["ci_high"] - expected["ci_low"]
    assert expected["ci_low"] - width / 2 < total < expected["ci_high"] + width / 2  # about 4 standard errors


def test_the_plan_file_is_what_was_reported(found: tuple[Lab, PlanReport]) -> None:
    lab, report = found
    fresh = plan(lab)
    file = latest_plan(lab, "winback")
    assert file.path == lab.folder / fresh.result["plan_file"]
    table = pq.read_table(file.path)
    arms = [f"p.{name}" for name in report.rows.arms]
    assert table.column_names[:3] == ["customer_id", "intended_arm", "expected_net_value"]
    assert [name for name in table.column_names if name.startswith("p.")] == arms
    again = file.rows()
    np.testing.assert_array_equal(again.intended, fresh.rows.intended)
    np.testing.assert_array_equal(again.propensity, fresh.rows.propensity)
    assert file.facts["expected"] == fresh.result["expected"] == report.result["expected"]


def test_the_band_holds_each_interval_and_budgets_are_recommended_by_other_rows(
    found: tuple[Lab, PlanReport],
) -> None:
    result = found[1].result
    for point in result["curve"]:
        assert point["band_low"] <= point["profit"]["ci_low"]
        assert point["band_high"] >= point["profit"]["ci_high"]
    best, safe = result["recommended_budget"], result["largest_safe_budget"]
    budgets = [point["budget"] for point in result["curve"]]
    assert best["budget"] in budgets
    assert best["chosen_on"] + best["valued_on"] == result["held_out_rows"]
    assert safe["budget"] == max(p["budget"] for p in result["curve"] if p["band_low"] > 0)
    assert 0 <= result["overspend_probability"] <= 1
    assert result["expected_spend"] <= result["worst_spend"]


def test_the_plan_against_other_ways_is_paired(found: tuple[Lab, PlanReport]) -> None:
    result = found[1].result
    for way in ("everyone", "nobody"):
        gap = result["expected"]["profit"]["value"] - result["baselines"][way]["value"]
        assert result["against"][way]["value"] == pytest.approx(gap)
    ours, theirs = (
        one["ci_high"] - one["ci_low"]
        for one in (result["expected"]["profit"], result["baselines"]["everyone"])
    )
    gap = result["against"]["everyone"]
    assert gap["ci_high"] - gap["ci_low"] < np.hypot(ours, theirs)


def test_an_audience_like_the_experiments_customers_is_no_shift(found: tuple[Lab, PlanReport]) -> None:
    assert found[1].result["shift"] == {"found": False, "columns": []}
    assert not any("is not like the customers" in note for note in found[1].notes)


def test_a_planted_shift_is_said(lab: Lab, shop: Retailer) -> None:
    """After the last experiment everybody starts to order for ten times as much."""
    path = lab.folder / "data" / "transactions.parquet"
    orders = pq.read_table(path)
    recent = pc.greater(orders["ordered_at"], pa.scalar(shop.as_of.replace(tzinfo=None) - timedelta(days=29)))
    for name in ("amount", "contribution"):
        grown = pc.if_else(recent, pc.multiply(orders[name].cast(pa.float64()), 10.0), orders[name])
        orders = orders.set_column(orders.column_names.index(name), name, grown)
    pq.write_table(orders, path)
    report = plan(lab, "audience.where=null")
    assert report.result["shift"]["found"]
    assert "mean_order_value" in {one["name"] for one in report.result["shift"]["columns"]}
    assert any("is not like the customers of the experiments in" in note for note in report.notes)


def test_chosen_customers_are_worth_more_than_they_cost(found: tuple[Lab, PlanReport]) -> None:
    rows = found[1].rows
    assert (rows.value[rows.intended > 0] > 0).all()
    assert (rows.value[rows.intended == 0] == 0).all()


def test_a_date_names_the_plan_in_the_projects_zone(lab: Lab, edit: Edit) -> None:
    lab = edit(lab, "lab.yaml", "timezone: UTC", "timezone: Asia/Shanghai")
    report = plan(lab, as_of=datetime(2026, 2, 27, 20, tzinfo=UTC))
    assert report.result["plan_file"].endswith("plan-2026-02-28.parquet")
    assert report.as_of == datetime(2026, 2, 27, 20, tzinfo=UTC)


def test_without_a_champion_only_random_offers_go_out_within_the_budget(lab: Lab) -> None:
    delete_alias(lab.open_store(), "winback-uplift", CHAMPION)
    report = plan(lab, "budget=50")
    result = report.result
    assert result["model"] is None
    assert sum(result["assigned"].values()) == 0
    assert 0 < result["exploration"] < 0.1
    assert result["expected_spend"] <= 50 + 1e-6
    assert result["expected"]["profit"]["value"] is None
    assert "no champion" in result["expected"]["profit"]["reason"]
    assert any("only the random offers go out" in note for note in report.notes)


@pytest.mark.slow
def test_a_champion_moved_outside_the_gate_is_named_and_needs_to_be_accepted(lab: Lab) -> None:
    store = lab.open_store()
    train_uplift(lab, "winback-uplift", overrides=["learners=[s]"], say=silent)
    set_alias(store, "winback-uplift", CHAMPION, "2")
    with pytest.raises(GateError, match="not put there by `lab promote`") as refused:
        plan(lab)
    assert refused.value.exit_code == 1
    assert "--accept-ungated" in refused.value.next_step
    report = plan(lab, accept_ungated=True)
    assert any("not put there by" in note for note in report.notes)


@pytest.mark.slow
def test_a_version_that_was_never_promoted_needs_to_be_accepted_too(lab: Lab, edit: Edit) -> None:
    train_uplift(lab, "winback-uplift", overrides=["learners=[t]"], say=silent)
    lab = edit(lab, "campaigns/winback.yaml", "winback-uplift@champion", "winback-uplift/2")
    with pytest.raises(GateError, match="never promoted"):
        plan(lab)
    lab = edit(lab, "campaigns/winback.yaml", "winback-uplift/2", "winback-uplift/1")
    assert plan(lab).result["model_version"] == "1"


@pytest.mark.slow
def test_a_constant_champion_spreads_its_one_offer_by_a_keyed_order(lab: Lab) -> None:
    """Only the constant learner: everybody ties, and neither row order nor chance decides."""
    constant = train_uplift(lab, "winback-uplift", overrides=["learners=[constant]"], say=silent)
    move_champion(
        lab.open_store(), "winback-uplift", constant.model_version, who="tester", why="a test", evidence={}
    )
    report = plan(lab, "budget=100")
    used = {name for name, count in report.result["assigned"].items() if count}
    assert used == {report.result["constant_arm"]}
    chosen = report.rows.intended > 0
    assert 0 < chosen.mean() < 1
    first, last = np.array_split(chosen, 2)  # rows are sorted by customer
    assert abs(first.mean() - last.mean()) < 0.1
    assert any("one offer for all" in note for note in report.notes)


@pytest.mark.slow
def test_an_offer_that_no_experiment_has_tried_is_explored_and_never_chosen(lab: Lab, edit: Edit) -> None:
    path = lab.folder / "data" / "offers.parquet"
    table = pq.read_table(path)
    row = {**table.to_pylist()[0], "offer_id": "gift", "cost_per_redemption": 4.0}
    pq.write_table(pa.Table.from_pylist([*table.to_pylist(), row], schema=table.schema), path)
    lab = edit(lab, "campaigns/winback.yaml", "free_shipping, message]", "gift, message]")
    report = plan(lab)
    gift = report.rows.arms.index("gift")
    assert report.result["assigned"]["gift"] == 0
    assert (report.rows.propensity[:, gift] > 0).all()
    assert "No experiment has tried 'gift'" in report.result["expected"]["profit"]["reason"]
    assert any("does not know gift" in note for note in report.notes)
    only = edit(lab, "campaigns/winback.yaml", "[coupon_10, coupon_20, points_200, gift, message]", "[gift]")
    assert plan(only).result["assigned"] == {"gift": 0}


def test_offers_of_another_channel_are_never_chosen_nor_drawn(lab: Lab, edit: Edit) -> None:
    path = lab.folder / "data" / "offers.parquet"
    rows = pq.read_table(path).to_pylist()
    channels = {"coupon_10": "sms", "message": "email"}
    rows = [{**row, "channel": channels.get(row["offer_id"])} for row in rows]
    pq.write_table(pa.Table.from_pylist(rows), path)
    report = plan(lab)
    assert report.result["assigned"]["coupon_10"] == 0
    assert (report.rows.propensity[:, report.rows.arms.index("coupon_10")] == 0).all()
    assert report.result["expected"]["profit"]["value"] is not None
    lab = edit(
        lab, "campaigns/winback.yaml", "coupon_10, coupon_20, points_200, free_shipping, message", "coupon_10"
    )
    with pytest.raises(ConfigurationError, match="goes out by email"):
        plan(lab)


def test_without_a_champion_the_stock_limits_what_is_explored(lab: Lab) -> None:
    delete_alias(lab.open_store(), "winback-uplift", CHAMPION)
    path = lab.folder / "data" / "offers.parquet"
    rows = [{**row, "stock": 5} for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows), path)
    report = plan(lab)
    assert report.rows.propensity[:, 1:].sum(axis=0).max() <= 5 + 1e-9
    assert any("go beyond 'stock of coupon_10'" in note for note in report.notes)


def test_late_data_are_mentioned(lab: Lab, shop: Retailer) -> None:
    report = plan(lab, as_of=shop.as_of + timedelta(days=20))
    assert any("last transaction is of" in note for note in report.notes)


def test_nobody_eligible_an_unknown_offer_and_a_model_are_refused(lab: Lab, edit: Edit) -> None:
    with pytest.raises(LabError, match="is eligible"):
        plan(lab, "audience.where=recency_days > 100000")
    with pytest.raises(ConfigurationError, match="is a model"):
        plan_campaign(lab, "winback-uplift", say=silent)
    lab = edit(lab, "campaigns/winback.yaml", "coupon_10,", "cupon_10,")
    with pytest.raises(ConfigurationError, match="No offer is named 'cupon_10'"):
        plan(lab)


def test_too_few_held_out_rows_like_the_audience_give_nulls_with_the_reason(lab: Lab) -> None:
    report = plan(lab, "audience.where=recency_days > 500")
    assert report.result["expected"]["profit"]["value"] is None
    assert "fewer than 200" in report.result["expected"]["profit"]["reason"]
    assert report.result["curve"] == []
