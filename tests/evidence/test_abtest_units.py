import numpy as np
import pytest

from evidence import abtest_level, abtest_sequential
from evidence.abtest_units import (
    CORRELATION,
    MEAN,
    SPREAD,
    TESTS,
    Arm,
    capped_sums,
    caps,
    conversion_kinds,
    converting_arm,
    normal_arm,
    spending_arm,
)

UNITS = 3000
DRAW = {"normal": normal_arm, "conversion": converting_arm, "spend": spending_arm}


def arm(outcome: str, *, effect: bool = False, seed: int = 1) -> Arm:
    return DRAW[outcome](np.random.default_rng(seed), UNITS, effect)


def test_normal_sums_have_the_means_and_covariances_of_their_units() -> None:
    sums = arm("normal").units
    error = SPREAD / np.sqrt(UNITS * TESTS)
    assert np.all(np.abs(sums.mean.mean(axis=0) - MEAN) < 4.5 * error)
    wanted = CORRELATION * np.outer(SPREAD, SPREAD)
    off = np.abs(sums.covariance.mean(axis=0) - wanted) / np.outer(SPREAD, SPREAD)
    assert off.max() < 4.5 * np.sqrt(2 / (UNITS * TESTS))
    # means scatter as those of units do, and so do variances
    assert sums.mean[:, 0].std() == pytest.approx(4 / np.sqrt(UNITS), rel=0.25)
    assert sums.covariance[:, 0, 0].std() == pytest.approx(16 * np.sqrt(2 / UNITS), rel=0.25)


def test_a_tenth_convert_and_the_chances_of_all_kinds_sum_to_one() -> None:
    for more, share in ((1.0, 0.1), (1.2, 0.12)):
        kinds, chance = conversion_kinds(more)
        assert chance.sum() == pytest.approx(1)
        assert (kinds[:, 0] @ chance, kinds[:, 1] @ chance) == pytest.approx((share, 1.32))
        assert kinds[:, 2] @ chance == pytest.approx(0.1)


@pytest.mark.parametrize("outcome", DRAW)
def test_effects_are_as_large_as_the_study_says(outcome: str) -> None:
    plain, better = (arm(outcome, effect=effect, seed=2 + effect) for effect in (False, True))
    mean, ratio = abtest_level.TRUTH[outcome]
    error = 4.5 * np.sqrt(2 * plain.units.covariance[:, 0, 0].mean() / (UNITS * TESTS))
    differences = better.units.mean.mean(axis=0) - plain.units.mean.mean(axis=0)
    assert differences[0] == pytest.approx(mean, abs=error)
    below = plain.units.mean[:, 1].mean()
    assert differences[0] / below == pytest.approx(ratio, abs=2 * error / below)
    whole = [one.clusters.sum(axis=(0, 1)) for one in (plain, better)]
    assert whole[1][0] / whole[1][1] - whole[0][0] / whole[0][1] == pytest.approx(mean, abs=6 * error)
    strata = [sum(s.total.sum() for s in one.strata) / (UNITS * TESTS) for one in (plain, better)]
    assert strata[1] - strata[0] == pytest.approx(mean, abs=2 * error)


@pytest.mark.parametrize("outcome", DRAW)
def test_every_unit_is_in_one_stratum_and_about_twenty_in_a_cluster(outcome: str) -> None:
    one = arm(outcome)
    assert np.all(sum(s.count for s in one.strata) == UNITS)
    assert np.all(one.units.count == UNITS)
    assert one.clusters.shape == (TESTS, UNITS / 20, 2)
    assert one.clusters[..., 1].mean() == pytest.approx(20, rel=0.05)


def test_spend_is_cut_at_the_quantile_of_both_arms() -> None:
    arms = arm("spend", seed=4), arm("spend", seed=5)
    found = caps(arms, 2 * UNITS, 0.999)
    buyers = np.concatenate([one.buyers[one.test == 7] for one in arms])  # type: ignore[index]
    everybody = np.concatenate([buyers, np.zeros(2 * UNITS - len(buyers))])
    assert found[7] == pytest.approx(np.quantile(everybody, 0.999))
    own = arms[0].buyers[arms[0].test == 7]  # type: ignore[index]
    cut = capped_sums(arms[0], UNITS, found)
    assert cut.mean[7, 0] == pytest.approx(np.minimum(own, found[7]).sum() / UNITS)


@pytest.mark.parametrize("study", [abtest_level, abtest_sequential])
def test_a_seed_of_every_small_cell_gives_counts_of_tests(study) -> None:  # type: ignore[no-untyped-def]
    for name, cell in study.CELLS.items():
        if "50,000" in name or "45,000" in name or "checks" in name:
            continue
        numbers = study.run(cell, 100_000)
        assert all(0 <= value <= 100 and value == int(value) for value in numbers.values())
        assert numbers == study.run(cell, 100_000)
        summary = study.summary({key: np.array([value]) for key, value in numbers.items()})
        assert isinstance(summary["pass"], bool)


def test_a_method_passes_by_its_level_or_by_a_warning_that_is_given() -> None:
    def judged(rejected: float, missed: float, warned: float) -> bool:
        columns = {"mean_rejected": rejected, "mean_missed": missed, "mean_warned": warned}
        return bool(abtest_level.summary({k: np.full(100, v) for k, v in columns.items()})["pass"])

    assert judged(5, 5, 0)
    assert not judged(6, 5, 0)
    assert not judged(5, 4, 0)
    assert judged(6, 7, 96)
    assert not judged(6, 7, 90)
    assert not judged(13, 5, 100)
