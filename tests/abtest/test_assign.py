from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.assign import HashDesign, assign
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice
from retention_lab.abtest.unit_ids import unit_ids
from retention_lab.errors import LabError

SHARES = (0.5, 0.3, 0.2)
ENTRY = Entry(Holdout(0.1, "acme-2026"), LayerSlice("home", 0.2, 0.8))


def balance(version: int) -> np.ndarray:
    """(2000,) p-values of the counts of a thousand units, one for each salt."""
    units = unit_ids(np.arange(1_000))
    designs = [HashDesign(f"exp-{s}", SHARES, version=version) for s in range(2_000)]  # type: ignore[arg-type]
    counts = [np.bincount(assign(units, design).arm, minlength=3) for design in designs]
    return np.asarray(stats.chisquare(counts, 1_000 * np.array(SHARES), axis=1).pvalue)


@pytest.mark.parametrize("version", [2, 3])
def test_counts_vary_over_salts_as_a_fair_draw_would(version: int) -> None:
    p = balance(version)
    for level in (0.05, 0.5):
        error = np.sqrt(level * (1 - level) / len(p))
        assert abs(np.mean(p < level) - level) < 3.3 * error  # 3.3 binomial standard errors


def test_counts_under_version_1_vary_more_than_a_fair_draw_would() -> None:
    assert np.mean(balance(1) < 0.05) > 0.08  # why new experiments should not use it


@pytest.mark.parametrize("version", [1, 2, 3])
def test_each_units_propensity_is_how_often_it_gets_the_arm_over_salts(version: int) -> None:
    units, salts = unit_ids([f"customer-{i}" for i in range(100)]), 1_000
    hits = np.zeros((100, 3))
    for s in range(salts):
        entry = Entry(Holdout(0.1, f"{s}/all"), LayerSlice(f"{s}/layer", 0.2, 0.8))
        design = HashDesign(f"{s}/exp", SHARES, 0.7, version, entry)  # type: ignore[arg-type]
        found = assign(units, design)
        hits += found.arm[:, None] == np.arange(3)
        # a thousand buckets are coarse: one more of them is 0.7 % of the rarest arm
        np.testing.assert_allclose(found.propensity, 0.9 * 0.6 * 0.7 * np.tile(SHARES, (100, 1)), rtol=8e-3)
    p = found.propensity
    z = (hits - salts * p) / np.sqrt(salts * p * (1 - p))
    assert np.abs(z).max() < 4.5  # the largest of 300 normal deviates exceeds 4.5 once in 500 such tests
    assert abs(np.mean(z)) < 3.3 / np.sqrt(100)  # units' arms are independent, those of one unit are not


def test_propensities_say_how_likely_the_arm_was_and_staying_outside() -> None:
    found = assign(np.arange(50_000), HashDesign("exp", SHARES, 0.5, 3, ENTRY))
    p = np.append(1 - found.propensity[0].sum(), found.propensity[0])
    np.testing.assert_allclose(found.propensity[0], 0.9 * 0.6 * 0.5 * np.array(SHARES), rtol=1e-12)
    assert stats.chisquare(np.bincount(found.arm + 1), 50_000 * p).pvalue > 1e-4  # fixed ids and salt
    np.testing.assert_allclose(found.propensity_inside()[7], SHARES, rtol=1e-12)
    np.testing.assert_array_equal(found.inside(), found.arm >= 0)


def test_a_third_of_ten_thousand_buckets_is_logged_as_what_it_is() -> None:
    found = assign(["a"], HashDesign("exp", (1 / 3, 1 / 3, 1 / 3)))
    assert sorted(found.propensity[0].tolist()) == [0.3333, 0.3333, 0.3334]


def test_an_arm_depends_on_the_id_alone() -> None:
    design = HashDesign("exp", SHARES, 0.8, entry=ENTRY)
    ids = np.arange(1_000)
    order = np.random.default_rng(1).permutation(1_000)
    found = assign(ids, design).arm
    np.testing.assert_array_equal(assign(ids[order], design).arm, found[order])
    np.testing.assert_array_equal(assign(ids[:10], design).arm, found[:10])


def test_a_later_rule_of_entry_moves_nobody_between_arms() -> None:
    design = HashDesign("exp", SHARES)
    free = assign(np.arange(5_000), design).arm
    kept = assign(np.arange(5_000), replace(design, entry=ENTRY)).arm
    np.testing.assert_array_equal(kept[kept >= 0], free[kept >= 0])
    assert (kept < 0).any()


def test_two_experiments_on_the_same_units_are_independent() -> None:
    ids = unit_ids(np.arange(50_000))
    first, second = (assign(ids, HashDesign(seed, SHARES)).arm for seed in ("spring-1", "spring-2"))
    assert stats.chi2_contingency(np.histogram2d(first, second, bins=3)[0]).pvalue > 1e-4


def test_a_design_that_cannot_be_carried_out_is_refused() -> None:
    with pytest.raises(LabError, match=r"sum to 0\.9"):
        HashDesign("exp", (0.5, 0.4))
    with pytest.raises(LabError, match="no hash version 5"):
        HashDesign("exp", (0.5, 0.5), version=5)  # type: ignore[arg-type]
    with pytest.raises(LabError, match="Arm 1 gets none"):
        HashDesign("exp", (0.99999, 0.00001))
    with pytest.raises(LabError, match="that of its layer"):
        HashDesign("__home", (0.5, 0.5), version=3, entry=ENTRY)


def test_units_without_an_id_or_with_two_rows_are_refused() -> None:
    design = HashDesign("exp", (0.5, 0.5))
    with pytest.raises(LabError, match="Row 2 has no id"):
        assign(["a", None], design)
    with pytest.raises(LabError, match="Rows 1 and 3"):
        assign(["a", "b", "a"], design)
