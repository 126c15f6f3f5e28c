import numpy as np
import pyarrow.csv as csv
import pytest
from scipy import stats

from retention_lab.errors import LabError
from retention_lab.uplift.effects import arm_means, average_effects
from tests.shared_data import shared_file

HILLSTROM = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")


def test_hillstrom_has_its_published_means_and_effects() -> None:
    table = csv.read_csv(shared_file("hillstrom/hillstrom.csv.gz"))
    arm = np.array([HILLSTROM.index(name) for name in table["segment"].to_pylist()])
    outcomes = {n: table[n].to_numpy().astype(float) for n in ("visit", "conversion", "spend")}
    np.testing.assert_allclose(arm_means(arm, outcomes["visit"], 3), [0.106167, 0.182757, 0.1514], atol=1e-6)
    found = {(e.arm, e.outcome): e.effect for e in average_effects(arm, outcomes, HILLSTROM)}
    expected = {
        ("Mens E-Mail", "visit"): (0.07659, 0.003386),
        ("Mens E-Mail", "conversion"): (0.006805, 0.000921),
        ("Mens E-Mail", "spend"): (0.769827, 0.145247),
        ("Womens E-Mail", "visit"): (0.045233, 0.003234),
        ("Womens E-Mail", "conversion"): (0.003111, 0.000823),
        ("Womens E-Mail", "spend"): (0.424412, 0.130333),
    }
    for key, (value, se) in expected.items():
        assert found[key].value == pytest.approx(value, abs=1e-6)
        assert found[key].se == pytest.approx(se, abs=1e-6)
    assert found["Womens E-Mail", "spend"].p_value == pytest.approx(1.13e-3, abs=5e-6)


def test_equal_chances_give_the_interval_of_welch() -> None:
    rng = np.random.default_rng(1)
    arm = np.repeat([0, 1], [40, 15])
    y = rng.normal(size=55) * np.where(arm == 1, 3, 1)
    found = average_effects(arm, {"y": y}, ("none", "coupon"), np.full((55, 2), 0.5))[0].effect
    welch = stats.ttest_ind(y[arm == 1], y[arm == 0], equal_var=False)
    assert found.p_value == pytest.approx(welch.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval()))


def logged(seed: int, rows: int = 3000) -> tuple[np.ndarray, ...]:
    """Likely buyers got the offer more often; its effect is .5 for everybody."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    p = np.where(x > 0, 0.8, 0.3)
    arm = (rng.random(rows) < p).astype(int)
    return arm, x + 0.5 * arm + rng.normal(size=rows), np.column_stack([1 - p, p])


def test_logged_chances_take_out_who_was_chosen() -> None:
    runs, covered, naive = 400, 0, []
    for seed in range(runs):
        arm, y, propensity = logged(seed)
        effect = average_effects(arm, {"y": y}, ("none", "coupon"), propensity)[0].effect
        covered += effect.low <= 0.5 <= effect.high
        naive.append(y[arm == 1].mean() - y[arm == 0].mean())
    assert abs(covered / runs - 0.95) < 0.035  # 3.2 binomial standard errors
    assert np.mean(naive) > 1.0  # what the raw difference would have claimed


def test_an_offer_is_compared_on_the_customers_who_could_get_it() -> None:
    rng = np.random.default_rng(3)
    rich = rng.random(40_000) < 0.5  # they spend 10 more, and cannot get the offer
    propensity = np.where(rich[:, None], [1.0, 0.0], [0.5, 0.5])
    arm = (rng.random(40_000) < propensity[:, 1]).astype(int)
    spend = 10 * rich + 0.5 * arm + rng.normal(size=40_000)
    effect = average_effects(arm, {"y": spend}, ("none", "coupon"), propensity)[0].effect
    assert effect.value == pytest.approx(0.5, abs=0.06)


def test_a_customer_with_several_rows_counts_once() -> None:
    rng = np.random.default_rng(2)
    arm, y = rng.integers(0, 2, 500), rng.normal(size=500)
    once = average_effects(arm, {"y": y}, ("none", "coupon"))[0].effect
    copies = average_effects(
        np.repeat(arm, 4), {"y": np.repeat(y, 4)}, ("none", "coupon"), None, np.repeat(np.arange(500), 4)
    )[0].effect
    assert copies.value == pytest.approx(once.value)
    assert copies.se == pytest.approx(once.se, rel=0.01)


def test_an_arm_with_one_row_shows_no_spread() -> None:
    with pytest.raises(LabError, match="Arm 'coupon' has 1 rows"):
        average_effects(np.array([0, 0, 1]), {"y": np.ones(3)}, ("none", "coupon"))
