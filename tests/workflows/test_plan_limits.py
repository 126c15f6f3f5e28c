"""Caps, stock, discounts and least shares: kept by the choices and by the launch under its probabilities."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.snapshot import snapshot
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.workflows.plan_campaign import PlanReport, plan_campaign
from retention_lab.workflows.project import Lab
from tests.workflows.conftest import copied, silent

Edit = Callable[[Lab, str, str, str], Lab]


@pytest.fixture(scope="module")
def lab(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Two offers are sent by post, which the audience's consent to e-mail does not cover: it is widened."""
    lab = copied(promoted, tmp_path_factory.mktemp("limits") / "lab")
    path = lab.folder / "data" / "offers.parquet"
    rows = pq.read_table(path).to_pylist()
    by_post = ("points_200", "message")
    rows = [
        {
            **row,
            "channel": "post" if row["offer_id"] in by_post else "email",
            "stock": 60 if row["offer_id"] == "coupon_20" else None,
        }
        for row in rows
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return lab


def plan(lab: Lab, *overrides: str) -> PlanReport:
    return plan_campaign(lab, "winback", overrides=["audience.channel=null", *overrides], say=silent)


def limit(report: PlanReport, name: str) -> dict[str, float]:
    found: dict[str, float] = next(one for one in report.result["limits"] if one["limit"] == name)
    return found


@pytest.fixture(scope="module")
def capped(lab: Lab) -> PlanReport:
    return plan(lab, "constraints.channel_caps={post: 80}", "discount_budget=200")


def test_the_choices_and_the_launch_keep_every_cap(capped: PlanReport) -> None:
    rows = capped.rows
    post = [rows.arms.index(name) for name in ("points_200", "message")]
    coupon = rows.arms.index("coupon_20")
    assert np.isin(rows.intended, post).sum() <= 80
    assert rows.propensity[:, post].sum() <= 80 + 1e-6
    assert (rows.intended == coupon).sum() <= 60
    assert rows.propensity[:, coupon].sum() <= 60 + 1e-6
    for name in ("stock of coupon_20", "channel post", "discount budget"):
        found = limit(capped, name)
        assert found["chosen"] <= found["most"] + 1e-6
        assert found["launched"] <= found["most"] + 1e-6
    assert limit(capped, "channel post")["launched"] == pytest.approx(rows.propensity[:, post].sum())
    assert capped.result["spend"] <= 2000


def test_what_is_scarce_has_a_price_and_the_reader_is_told_what_was_done(capped: PlanReport) -> None:
    assert max(one["price"] for one in capped.result["limits"]) > 0
    assert any("since more would go beyond" in note for note in capped.notes)


@pytest.mark.slow
def test_the_held_out_rows_are_valued_under_the_same_caps(lab: Lab) -> None:
    """Nobody may get anything but by the cap of one contact, so little more than exploration is left."""
    tight = plan(lab, "constraints.channel_caps={post: 1, email: 1}")
    brings, nothing = (tight.result[name] for name in ("expected", "baselines"))
    free = plan(lab).result["expected"]["profit"]["value"]
    beyond = brings["profit"]["value"] - nothing["nobody"]["value"]
    assert abs(beyond) < 0.05 * free


@pytest.mark.slow
def test_a_least_share_is_of_the_choices_and_costs_others_their_offers(lab: Lab) -> None:
    report = plan(lab, "budget=300", "constraints.min_share={column: region, shares: {north: 0.5}}")
    with lab.open_tables() as tables:
        known = snapshot(tables, report.as_of)
    region = dict(zip(known["customer_id"].to_pylist(), known["region"].to_pylist(), strict=True))
    north = np.array([region[customer] == "north" for customer in report.rows.ids.tolist()])
    assert (report.rows.intended[north] > 0).mean() >= 0.5
    assert (report.rows.intended[~north] > 0).mean() < 0.5
    found = limit(report, "region north")
    assert found["chosen"] >= found["least"] == np.ceil(north.sum() / 2)
    assert report.result["spend"] <= 300
    assert report.result["curve"][0]["budget"] > 0  # nothing would not do


@pytest.mark.slow
def test_in_the_worst_case_the_budget_holds_even_if_everybody_redeems(lab: Lab) -> None:
    report = plan(lab, "budget=700", "budget_mode=worst_case")
    price = report.result["offers"]
    worst = [sum(price[name].values()) for name in report.rows.offers]
    per_arm = np.array([0.0, *worst])
    assert per_arm[report.rows.intended].sum() <= 700 + 1e-6
    assert report.result["worst_spend"] == pytest.approx((report.rows.propensity @ per_arm).sum())
    assert report.result["worst_spend"] <= 700 + 1e-6
    usual = plan(lab, "budget=700")
    assert usual.result["worst_spend"] > 700
    assert report.result["overspend_probability"] < usual.result["overspend_probability"]


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("constraints.channel_caps={sms: 5}", "constraints.channel_caps.sms", "No offer goes out by 'sms'"),
        (
            "constraints.min_share={column: regoin, shares: {north: 0.1}}",
            "constraints.min_share.column",
            "Did you mean 'region'",
        ),
        (
            "constraints.min_share={column: region, shares: {nroth: 0.1}}",
            "constraints.min_share.shares.nroth",
            "No eligible customer",
        ),
        ("measure_by=regoin", "measure_by", "Did you mean 'region'"),
    ],
)
def test_a_limit_that_says_nothing_is_refused(lab: Lab, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        plan(lab, override)
    assert caught.value.key == key
    assert message in str(caught.value)


@pytest.mark.slow
def test_a_least_share_beyond_the_budget_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="do not leave enough for the least shares"):
        plan(lab, "budget=10", "constraints.min_share={column: region, shares: {north: 1.0}}")


@pytest.mark.slow
def test_how_sure_a_model_without_refits_is_cannot_be_asked(lab: Lab) -> None:
    for override in ("policy.risk={cautious: 0.2}", "exploration_by=thompson"):
        with pytest.raises(LabError, match="keeps no refits") as caught:
            plan(lab, override)
        assert "spread: 8" in caught.value.next_step
