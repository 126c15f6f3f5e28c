import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.understanding.four_groups import (
    GROUPS,
    Boundaries,
    boundaries,
    four_groups,
    group_of,
)


def predicted(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predicted effect, predicted baseline, and scores of an effect that is half of what is predicted."""
    rng = np.random.default_rng(seed)
    effect, baseline = rng.normal(size=rows), rng.random(rows)
    return effect, baseline, 0.5 * effect + rng.normal(size=rows)


def test_each_customer_is_in_the_group_that_the_rule_says() -> None:
    effect = np.array([0.3, 0.1, 0.1, -0.3, 0.2, -0.2])
    baseline = np.array([0.9, 0.9, 0.1, 0.9, 0.5, 0.5])
    found = [GROUPS[i] for i in group_of(effect, baseline, Boundaries(0.2, 0.5))]
    assert found[:4] == ["persuadable", "sure_thing", "lost_cause", "sleeping_dog"]
    assert found[4:] == ["lost_cause", "lost_cause"]  # exactly at a boundary counts as no effect, no buyer


def test_the_boundaries_are_half_the_typical_effect_and_the_mean_baseline() -> None:
    at = boundaries(np.array([3.0, -4.0]), np.array([0.2, 0.4]))
    assert at == Boundaries(pytest.approx(np.sqrt(12.5) / 2), pytest.approx(0.3))
    assert boundaries(np.array([3.0]), np.array([0.2]), threshold=1.5).effect == 1.5


def test_the_groups_do_not_depend_on_the_unit_of_the_outcome() -> None:
    effect, baseline, _ = predicted(500, 1)
    np.testing.assert_array_equal(
        group_of(effect, baseline, boundaries(effect, baseline)),
        group_of(100 * effect, 100 * baseline, boundaries(100 * effect, 100 * baseline)),
    )


def test_one_effect_for_everybody_makes_everybody_persuadable_or_nobody() -> None:
    for size, name in ((0.1, "persuadable"), (-0.1, "sleeping_dog")):
        effect, baseline = np.full(10, size), np.linspace(0, 1, 10)
        found = four_groups(effect, baseline, boundaries(effect, baseline))
        assert {g.name: g.customers for g in found.groups}[name] == 10
    nothing = np.zeros(10)
    found = four_groups(nothing, baseline, boundaries(nothing, baseline))
    assert [g.customers for g in found.groups] == [0, 5, 5, 0]


def test_shares_and_means_come_to_those_of_all_customers() -> None:
    effect, baseline, e = predicted(3000, 2)
    found = four_groups(effect, baseline, boundaries(effect, baseline), e)
    assert sum(g.share for g in found.groups) == pytest.approx(1.0)
    assert sum(g.customers for g in found.groups) == 3000
    assert sum(g.share * (g.predicted_effect or 0) for g in found.groups) == pytest.approx(effect.mean())
    assert sum(g.share * g.measured.value for g in found.groups if g.measured) == pytest.approx(e.mean())
    assert "no customer's group" in found.caveat


def test_intervals_cover_the_true_average_effect_of_each_group_as_often_as_they_say() -> None:
    runs, covered = 500, np.zeros(4)
    for seed in range(runs):
        effect, baseline, e = predicted(400, seed)
        at = Boundaries(0.5, 0.5)
        code = group_of(effect, baseline, at)
        for i, one in enumerate(four_groups(effect, baseline, at, e).groups):
            truth = 0.5 * effect[code == i].mean()  # of the customers at hand: their noise is what varies
            assert one.measured is not None
            covered[i] += one.measured.low <= truth <= one.measured.high
    # the interval is of the population's average, so of the customers at hand it covers a little more often
    assert covered.min() / runs > 0.95 - 0.032  # 3.2 binomial standard errors


def test_customers_of_one_group_of_rows_count_once() -> None:
    effect, baseline, e = predicted(500, 3)
    at, twice = boundaries(effect, baseline), np.repeat(np.arange(500), 2)
    plain = four_groups(effect, baseline, at, e)
    doubled = four_groups(effect[twice], baseline[twice], at, e[twice], twice)
    for one, two in zip(plain.groups, doubled.groups, strict=True):
        assert one.measured is not None
        assert two.measured is not None
        assert two.measured.se == pytest.approx(one.measured.se)


def test_what_was_not_measured_says_why() -> None:
    effect, baseline, e = predicted(50, 4)
    assert all(
        g.measured is None and g.reason for g in four_groups(effect, baseline, Boundaries(1, 0)).groups
    )
    found = four_groups(effect, baseline, Boundaries(99.0, 0.5), e)
    assert found.groups[0].predicted_effect is None
    assert found.groups[0].reason == "0 customers of this group show no spread."


def test_predictions_that_are_missing_do_not_match_or_a_negative_threshold_are_refused() -> None:
    effect, baseline, _ = predicted(5, 5)
    with pytest.raises(LabError, match="5 effects and 4 baselines"):
        boundaries(effect, baseline[:4])
    with pytest.raises(LabError, match="threshold"):
        boundaries(effect, baseline, threshold=-1.0)
    effect[0] = np.nan
    with pytest.raises(LabError, match="missing"):
        boundaries(effect, baseline)
