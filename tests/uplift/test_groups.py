import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.groups import GroupEffects, group_effects


def customers(rows: int, seed: int, *, levels: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Effect scores whose mean is the uniform score less .3, and the score."""
    rng = np.random.default_rng(seed)
    score = rng.random(rows)
    e = score - 0.3 + rng.normal(size=rows)
    return e, np.floor(4 * score) if levels else score


def held(found: GroupEffects, truth: list[float]) -> bool:
    assert len(found.groups) == len(truth)
    return all(g.low <= true <= g.high for g, true in zip(found.groups, truth, strict=True))


def test_groups_are_means_of_the_rows_from_low_to_high() -> None:
    e, score = customers(1000, 1)
    found = group_effects(e, score)
    by_score = e[np.argsort(score)].reshape(5, 200).mean(axis=1)
    np.testing.assert_allclose([g.effect.value for g in found.groups], by_score, atol=1e-12)
    assert [g.rows for g in found.groups] == [200] * 5
    assert found.top_less_bottom.value == pytest.approx(by_score[-1] - by_score[0])
    predicted = [g.predicted for g in found.groups]
    assert predicted == sorted(predicted)


@pytest.mark.parametrize("levels", [False, True])
def test_bands_hold_all_truths_at_once_as_often_as_they_say(levels: bool) -> None:
    truth = [0.125, 0.375, 0.625, 0.875] if levels else [0.1, 0.3, 0.5, 0.7, 0.9]
    runs = 1000
    covered = 0
    for seed in range(runs):
        covered += held(group_effects(*customers(1000, seed, levels=levels)), [t - 0.3 for t in truth])
    assert abs(covered / runs - 0.95) < 0.0227  # 3.3 binomial standard errors


def test_the_error_includes_that_the_cuts_are_estimated() -> None:
    # no noise but the score's own: what moves the groups is where the cuts fall
    found = []
    for seed in range(1000):
        score = np.random.default_rng(seed).random(500)
        found.append(group_effects(score, score).top_less_bottom)
    covered = np.mean([one.low <= 0.8 <= one.high for one in found])
    assert abs(covered - 0.95) < 0.0227  # 3.3 binomial standard errors
    # that error alone: without it the mean of a group of 100 would seem this much surer
    assert np.mean([one.se for one in found]) == pytest.approx(np.std([one.value for one in found]), rel=0.08)


def test_the_top_is_not_above_the_bottom_where_the_score_knows_nothing() -> None:
    rng = np.random.default_rng(2)
    p = [group_effects(rng.normal(size=500), rng.normal(size=500)).p_greater for _ in range(1000)]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 0.0227  # 3.3 binomial standard errors


def test_one_sided_and_two_sided_tests_agree() -> None:
    e, score = customers(1000, 3)
    up, down = group_effects(e, score), group_effects(-e, score)
    assert up.top_less_bottom.p_value is not None
    assert up.p_greater == pytest.approx(up.top_less_bottom.p_value / 2)
    assert down.p_greater == pytest.approx(1 - up.p_greater)


@pytest.mark.parametrize("levels", [False, True])
def test_row_order_and_the_scale_of_the_score_do_not_matter(levels: bool) -> None:
    e, score = customers(400, 4, levels=levels)
    order = np.random.default_rng(5).permutation(400)
    plain = group_effects(e, score)
    for other in (group_effects(e[order], score[order]), group_effects(e, np.exp(score))):
        for a, b in zip(plain.groups, other.groups, strict=True):
            assert (a.low, a.high, a.rows) == pytest.approx((b.low, b.high, b.rows), abs=1e-12)


def test_repeating_every_customer_changes_neither_value_nor_error() -> None:
    e, score = customers(600, 6)
    once = group_effects(e, score)
    twice = group_effects(np.repeat(e, 2), np.repeat(score, 2), group=np.repeat(np.arange(600), 2))
    for a, b in zip(once.groups, twice.groups, strict=True):
        assert b.effect.value == pytest.approx(a.effect.value)
        assert b.effect.se == pytest.approx(a.effect.se, rel=0.02)


def test_bands_are_wider_than_single_intervals() -> None:
    found = group_effects(*customers(1000, 7))
    assert found.each == pytest.approx(0.95**0.2)
    for g in found.groups:
        assert g.low < g.effect.low < g.effect.high < g.high


def test_scores_that_all_tie_make_no_groups() -> None:
    with pytest.raises(LabError, match="tie"):
        group_effects(np.arange(10.0), np.zeros(10))
