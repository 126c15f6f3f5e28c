from dataclasses import replace

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.incremental import CampaignRows, increment, measure
from tests.targeting.campaigns import toy_campaign


def test_where_all_have_the_same_chances_it_is_the_difference_of_means_times_the_treated() -> None:
    rows = simple_rows(400, seed=1)
    found = measure(rows)
    treated = rows.arm > 0
    difference = rows.contribution[treated].mean() - rows.contribution[~treated].mean()
    assert found.incremental_contribution.value == pytest.approx(difference * treated.sum())
    assert found.cost.value == pytest.approx(rows.cost.sum())
    assert found.profit.value == pytest.approx(found.incremental_contribution.value - found.cost.value)
    assert found.roi is not None
    assert found.roi.value == pytest.approx(found.profit.value / found.cost.value)


def test_customers_are_compared_with_those_who_had_the_same_chances() -> None:
    """Big spenders are offered more; within equal chances nothing differs, so nothing was caused."""
    n = 4_000
    rng = np.random.default_rng(2)
    big = np.arange(n) % 2
    p = np.where(big[:, None] == 1, [0.2, 0.8], [0.8, 0.2])
    arm = (rng.uniform(size=n) < p[:, 1]).astype(np.int64)
    rows = CampaignRows(arm, big, np.full(n, "exploration"), p, 10.0 + 90 * big, np.zeros(n), np.zeros(n))
    assert measure(rows).incremental_contribution.value == pytest.approx(0.0, abs=1e-6)


def test_the_offers_add_up_to_the_whole_where_chances_are_equal() -> None:
    rows = simple_rows(900, seed=3, offers=3)
    found = measure(rows)
    assert sum(offer.rows for offer in found.per_offer) == (rows.arm > 0).sum()
    parts = [offer.profit.value for offer in found.per_offer if offer.profit is not None]
    assert sum(parts) == pytest.approx(found.profit.value)
    assert sum(offer.cost.value for offer in found.per_offer) == pytest.approx(found.cost.value)


def test_currency_scales_everything_and_row_order_nothing() -> None:
    toy = toy_campaign(4)
    one = measure(toy.rows)
    hundred = replace(
        toy.rows,
        contribution=toy.rows.contribution * 100,
        redemption_cost=toy.rows.redemption_cost * 100,
        contact_cost=toy.rows.contact_cost * 100,
    )
    cents = measure(hundred)
    for name in ("value", "low", "high", "se"):
        assert getattr(cents.profit, name) == pytest.approx(100 * getattr(one.profit, name), rel=1e-6)
    assert cents.profit.p_value == pytest.approx(one.profit.p_value, rel=1e-5)
    order = np.random.default_rng(1).permutation(len(toy.rows.arm))
    turned = measure(reordered(toy.rows, order))
    assert turned.profit.low == pytest.approx(one.profit.low, rel=1e-9)
    assert turned.profit.high == pytest.approx(one.profit.high, rel=1e-9)


def test_a_covariate_narrows_the_interval_and_a_constant_one_changes_nothing() -> None:
    toy = toy_campaign(5, 6_000)
    bare = measure(replace(toy.rows, covariates=None)).profit
    same = measure(replace(toy.rows, covariates=np.ones((6_000, 2)))).profit
    known = measure(toy.rows).profit
    assert same == bare
    assert known.high - known.low < bare.high - bare.low


def test_a_higher_confidence_is_wider_and_the_p_value_agrees_with_the_interval() -> None:
    rows = simple_rows(1_000, seed=6)
    effect = increment(rows, rows.contribution, rows.arm > 0)
    wide = increment(rows, rows.contribution, rows.arm > 0, confidence=0.99)
    assert wide.low < effect.low < effect.value < effect.high < wide.high
    assert effect.p_value is not None
    assert (effect.p_value < 0.05) is (effect.low > 0 or effect.high < 0)
    shifted = rows.contribution - np.where(rows.arm > 0, effect.low / (rows.arm > 0).sum(), 0.0)
    edge = increment(rows, shifted, rows.arm > 0)
    assert edge.low == pytest.approx(0.0, abs=0.02 * (effect.high - effect.low))
    assert edge.p_value == pytest.approx(0.05, abs=0.004)


def test_nothing_spent_has_no_return_on_it() -> None:
    rows = simple_rows(400, seed=7)
    free = replace(rows, contact_cost=np.zeros(400), redemption_cost=np.zeros(400))
    assert measure(free).roi is None


def test_an_offer_that_hardly_anyone_drew_says_why_it_has_no_result() -> None:
    rows = simple_rows(400, seed=8)
    wider = np.column_stack([rows.propensity, np.zeros(400)])
    found = measure(replace(rows, propensity=wider))
    assert found.per_offer[1].profit is None
    assert found.per_offer[1].rows == 0
    assert "0 customers got the offer" in str(found.per_offer[1].reason)


def test_too_small_a_holdout_is_refused_by_name() -> None:
    rows = simple_rows(400, seed=9)
    keep = (rows.arm > 0) | (np.cumsum(rows.arm == 0) <= 10)
    with pytest.raises(LabError, match="10 without one"):
        measure(reordered(rows, np.flatnonzero(keep)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"propensity": np.tile([0.5, 0.4], (400, 1))}, "propensities of row 0"),
        ({"contribution": np.append(np.nan, np.ones(399))}, "contribution of row 0 is missing"),
        ({"contact_cost": np.append(np.ones(399), np.inf)}, "contact_cost of row 399"),
        ({"covariates": np.full((400, 1), np.nan)}, "covariate"),
    ],
)
def test_rows_that_no_launch_can_have_logged_are_refused(change: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(LabError, match=words):
        measure(replace(simple_rows(400, seed=10), **change))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "holdout"), [(2_000, 0.1), (2_000, 0.2)])
def test_the_interval_of_profit_covers_the_truth_as_often_as_it_says(customers: int, holdout: float) -> None:
    inside, error, width = [], [], []
    for seed in range(1_000, 1_500):
        toy = toy_campaign(seed, customers, holdout=holdout)
        found = increment(toy.rows, toy.rows.contribution, toy.rows.arm > 0, cost=toy.rows.cost)
        inside.append(found.low <= toy.true_profit <= found.high)
        error.append(found.value - toy.true_profit)
        width.append(found.high - found.low)
    assert abs(np.mean(inside) - 0.95) < 0.033  # 3.3 binomial standard errors of 500 seeds
    assert abs(np.mean(error)) < 3.3 * np.std(error) / np.sqrt(500)
    assert np.mean(width) < 1.3 * 2 * 1.96 * np.std(error)  # no wider than it must be


def simple_rows(n: int, seed: int, offers: int = 1) -> CampaignRows:
    """Everybody has the same chances: .3 of none, the rest over the offers."""
    rng = np.random.default_rng(seed)
    p = np.append(0.3, np.full(offers, 0.7 / offers))
    arm = rng.choice(offers + 1, n, p=p)
    spend = np.where(rng.uniform(size=n) < 0.3 + 0.1 * (arm > 0), np.exp(rng.normal(2, 0.7, n)), 0.0)
    return CampaignRows(
        arm=arm,
        intended=np.ones(n, dtype=np.int64),
        role=np.full(n, "exploration"),
        propensity=np.tile(p, (n, 1)),
        contribution=spend,
        redemption_cost=np.where((arm > 0) & (spend > 0), 1.0, 0.0),
        contact_cost=np.where(arm > 0, 0.2, 0.0),
    )


def reordered(rows: CampaignRows, order: np.ndarray) -> CampaignRows:
    fields = {name: getattr(rows, name) for name in rows.__slots__}
    return CampaignRows(**{name: None if one is None else one[order] for name, one in fields.items()})
