from dataclasses import dataclass, replace

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import Nuisances
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.understanding.sensitivity import (
    STRENGTHS,
    Comparison,
    average_effect_sensitivity,
    effect_bounds,
    sensitivity,
)
from retention_lab.uplift.worth import Worth

ARMS = ("none", "offer")
STRENGTH = 2.0


@dataclass(frozen=True)
class Confounded:
    """sample and nuisances as a lab would have them; truth: the average effect."""

    sample: UpliftSample
    nuisances: Nuisances
    truth: float


def confounded(rows: int, seed: int, *, effect: float = 0.0, noise: float = 0.0) -> Confounded:
    """A hidden trait doubles the odds of the offer where it is there, and halves them where it is not.

    How common it is makes the propensity given the feature right. The outcome is the trait, the feature, the
    effect and noise: without noise no other hidden cause of that strength could bias the comparison more.
    """
    rng = np.random.default_rng(seed)
    x = rng.random(rows)
    p = 0.2 + 0.5 * x
    odds = p / (1 - p)
    with_trait, without = (o / (1 + o) for o in (STRENGTH * odds, odds / STRENGTH))
    trait = rng.random(rows) < (p - without) / (with_trait - without)
    arm = (rng.random(rows) < np.where(trait, with_trait, without)).astype(int)
    outcome = trait + x + effect * arm + noise * rng.normal(size=rows)
    mean = np.column_stack([x, x + effect])  # right about the feature, blind to the trait
    nuisances = Nuisances(mean, np.column_stack([1 - p, p]), estimated=True)
    return Confounded(UpliftSample(x[:, None], arm, outcome), nuisances, effect)


def offer(found: Confounded) -> Comparison:
    control = np.zeros(len(found.sample), dtype=np.int64)
    return Comparison(control + 1, control, "the effect of the offer")


def test_the_worst_hidden_cause_is_named_with_its_true_strength() -> None:
    found = confounded(200_000, 1)
    told = average_effect_sensitivity(found.sample, found.nuisances, ARMS)["offer"]
    assert told.effect.low > 0.1  # the offer seems to work, and does nothing
    at_truth = {b.strength: b for b in told.bounds}[STRENGTH]
    assert abs(at_truth.low.value) < 3.2 * at_truth.low.se  # the bound is the truth itself
    assert told.tips_at == pytest.approx(STRENGTH, abs=0.05)
    assert told.undecided_at is not None
    assert 1.9 < told.undecided_at < told.tips_at


def test_bounds_of_the_true_strength_cover_the_truth_as_often_as_they_say_and_no_bounds_hardly_ever() -> None:
    runs, covered, naive = 400, 0, 0
    for seed in range(runs):
        found = confounded(1500, seed, effect=-0.2, noise=0.5)
        bounds, effect = (
            effect_bounds(found.sample, found.nuisances, offer(found), one) for one in (STRENGTH, 1.0)
        )
        covered += bounds.low.low <= found.truth <= bounds.high.high
        naive += effect.low.low <= found.truth <= effect.high.high
    assert covered / runs > 0.95 - 0.035  # 3.2 binomial standard errors; cautious bounds cover more often
    assert naive / runs < 0.05


def test_the_interval_of_a_bound_covers_it_as_often_as_it_says() -> None:
    runs, covered = 500, 0
    for seed in range(runs):
        found = confounded(1000, seed)  # without noise the bound at the true strength is the truth
        low = effect_bounds(found.sample, found.nuisances, offer(found), STRENGTH).low
        covered += low.low <= found.truth <= low.high
    assert abs(covered / runs - 0.95) < 0.032  # 3.2 binomial standard errors


def test_bounds_are_the_extremes_over_all_weights() -> None:
    found = confounded(12, 3, noise=1.0)
    bounds = sensitivity(found.sample, found.nuisances, offer(found)).bounds[-1]
    arm, p = found.sample.arm, found.nuisances.propensity[np.arange(12), found.sample.arm]
    residual = found.sample.outcome - found.nuisances.mean[np.arange(12), arm]
    predicted = float(np.mean(found.nuisances.mean[:, 1] - found.nuisances.mean[:, 0]))

    def extreme(which: int, sign: float) -> float:
        rows = np.flatnonzero(arm == which)
        corners = np.array(np.meshgrid(*[[1 / 3.0, 3.0]] * len(rows))).reshape(len(rows), -1)
        weight = 1 + corners * ((1 - p[rows]) / p[rows])[:, None]
        means = (weight * residual[rows][:, None]).sum(axis=0) / weight.sum(axis=0)
        return float(sign * (sign * means).max())

    assert bounds.low.value == pytest.approx(predicted + extreme(1, -1) - extreme(0, 1))
    assert bounds.high.value == pytest.approx(predicted + extreme(1, 1) - extreme(0, -1))


def test_bounds_widen_with_the_strength_around_the_effect() -> None:
    found = confounded(2000, 4, noise=1.0)
    told = sensitivity(found.sample, found.nuisances, offer(found))
    assert tuple(b.strength for b in told.bounds) == STRENGTHS
    lows, highs = [b.low.value for b in told.bounds], [b.high.value for b in told.bounds]
    assert told.effect.value > lows[0] > lows[1] > lows[2] > lows[3] > lows[4]
    assert told.effect.value < highs[0] < highs[1] < highs[2] < highs[3] < highs[4]


def test_a_turned_outcome_turns_the_bounds_and_keeps_the_strength() -> None:
    found = confounded(3000, 5, noise=0.3)
    turned = replace(
        found,
        sample=UpliftSample(found.sample.features, found.sample.arm, -found.sample.outcome),
        nuisances=replace(found.nuisances, mean=-found.nuisances.mean),
    )
    one, two = (sensitivity(f.sample, f.nuisances, offer(f)) for f in (found, turned))
    assert two.tips_at == pytest.approx(one.tips_at, rel=2e-4)
    assert two.bounds[2].low.value == pytest.approx(-one.bounds[2].high.value)
    assert two.bounds[2].low.se == pytest.approx(one.bounds[2].high.se)


def test_row_order_and_repeated_customers_change_nothing() -> None:
    found = confounded(800, 6, noise=0.3)
    rows = np.random.default_rng(7).permutation(np.repeat(np.arange(800), 2))
    sample = UpliftSample(
        found.sample.features.values[rows], found.sample.arm[rows], found.sample.outcome[rows], group=rows
    )
    again = replace(found, sample=sample, nuisances=found.nuisances.rows(rows))
    one, two = (sensitivity(f.sample, f.nuisances, offer(f)) for f in (found, again))
    assert two.tips_at == pytest.approx(one.tips_at, rel=2e-4)
    for a, b in zip(one.bounds, two.bounds, strict=True):
        assert b.low.value == pytest.approx(a.low.value)
        assert b.low.se == pytest.approx(a.low.se, rel=1e-6)


def test_a_policy_is_compared_where_it_differs_and_net_of_costs() -> None:
    found = confounded(40_000, 8, effect=1.0, noise=0.3)
    x = found.sample.features.values[:, 0]
    control = np.zeros(len(x), dtype=np.int64)
    some = Comparison((x > 0.75).astype(np.int64), control, "the gain of the rule over nobody")
    worth = Worth(per_unit=10.0, cost=(0.0, 2.0))
    told = sensitivity(found.sample, found.nuisances, some, worth)
    at_truth = {b.strength: b for b in told.bounds}[STRENGTH].low
    # what it truly earns: 10 a head less 2, for a quarter of the customers; noise makes the bound cautious
    assert at_truth.low < 0.25 * (10 - 2) < told.effect.low
    assert at_truth.value > 0.25 * (10 - 2) - 0.4
    whole = {b.strength: b for b in sensitivity(found.sample, found.nuisances, offer(found), worth).bounds}
    assert whole[STRENGTH].low.value == pytest.approx(8.0, abs=1.2)


def test_words_say_what_the_figures_mean() -> None:
    found = confounded(20_000, 9)
    told = average_effect_sensitivity(found.sample, found.nuisances, ARMS)["offer"]
    assert f"by a factor of {told.tips_at:.2f} either way" in told.meaning
    assert "the average effect of offer could be 0" in told.meaning
    nothing = confounded(20_000, 9, effect=-told.effect.value)
    told = average_effect_sensitivity(nothing.sample, nothing.nuisances, ARMS)["offer"]
    assert told.undecided_at == 1.0
    assert "not told from 0" in told.meaning
    huge = confounded(20_000, 9, effect=5.0)
    told = average_effect_sensitivity(huge.sample, huge.nuisances, ARMS)["offer"]
    assert told.tips_at is None
    assert "factor of 100" in told.meaning


def test_randomised_data_equal_policies_and_unseen_choices_are_refused() -> None:
    found = confounded(100, 10)
    with pytest.raises(LabError, match="were logged"):
        sensitivity(found.sample, replace(found.nuisances, estimated=False), offer(found))
    control = np.zeros(100, dtype=np.int64)
    with pytest.raises(LabError, match="never differ"):
        sensitivity(found.sample, found.nuisances, Comparison(control, control, "nothing"))
    with pytest.raises(LabError, match="strength"):
        effect_bounds(found.sample, found.nuisances, offer(found), 0.5)
    one = np.where(np.arange(100) == np.flatnonzero(found.sample.arm == 0)[0], 1, 0)
    with pytest.raises(LabError, match="No customer got"):
        sensitivity(found.sample, found.nuisances, Comparison(one, control, "the gain of one offer"))
