import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.entry import Entry
from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice
from retention_lab.abtest.strata import Strata, strata
from retention_lab.abtest.stratified import StratifiedDesign, assign_within_strata
from retention_lab.abtest.unit_ids import unit_ids
from retention_lab.errors import LabError

SHARES = (0.5, 0.3, 0.2)
N = 3_000
RNG = np.random.default_rng(5)
SCORE = RNG.normal(size=N)
STRATA = strata({"country": RNG.choice(["DE", "FR", "PL"], N), "score": SCORE}, 20)
IDS = [f"customer-{i}" for i in range(N)]


def test_every_stratum_is_split_as_planned_to_less_than_one_unit() -> None:
    arm = assign_within_strata(IDS, STRATA, StratifiedDesign("spring", SHARES)).arm
    counts = np.histogram2d(STRATA.code, arm, bins=(len(STRATA.label), 3))[0]
    plan = np.bincount(STRATA.code)[:, None] * np.array(SHARES)
    assert np.abs(counts - plan).max() < 1
    np.testing.assert_array_equal(np.bincount(arm), [1500, 900, 600])


def test_blocks_of_a_score_balance_it_better_than_a_hash() -> None:
    whole = strata({"score": SCORE}, 100)

    def gap(arm: np.ndarray) -> float:
        return float(np.square(SCORE[arm == 1].mean() - SCORE[arm == 0].mean()))

    half = (0.5, 0.5)
    blocked = [gap(assign_within_strata(IDS, whole, StratifiedDesign(str(s), half)).arm) for s in range(20)]
    hashed = [gap((hash_bucket(IDS, str(s), 3) >= 0.5).astype(np.int64)) for s in range(20)]
    assert np.mean(blocked) < np.mean(hashed) / 20


def test_the_order_of_the_rows_does_not_matter() -> None:
    design = StratifiedDesign("spring", SHARES, Entry(Holdout(0.1, "acme"), LayerSlice("home", 0, 0.7)))
    order = np.random.default_rng(6).permutation(N)
    found = assign_within_strata(IDS, STRATA, design).arm
    mixed = assign_within_strata(
        [IDS[i] for i in order], Strata(STRATA.code[order], STRATA.label), design
    ).arm
    np.testing.assert_array_equal(mixed, found[order])


def test_each_units_propensity_is_how_often_it_gets_the_arm_over_salts() -> None:
    units, salts = unit_ids(np.arange(60)), 2_000
    groups = Strata(np.repeat(np.arange(8), [1, 2, 3, 4, 5, 7, 11, 27]), tuple("abcdefgh"))
    hits = np.zeros((60, 3))
    for s in range(salts):
        design = StratifiedDesign(f"salt {s}", SHARES, Entry(layer_slice=LayerSlice(f"layer {s}", 0, 0.8)))
        found = assign_within_strata(units, groups, design)
        hits += found.arm[:, None] == np.arange(3)
    p = found.propensity
    np.testing.assert_allclose(p, np.broadcast_to(0.8 * np.array(SHARES), (60, 3)), rtol=1e-12)
    z = (hits - salts * p) / np.sqrt(salts * p * (1 - p))
    assert np.abs(z).max() < 4.4  # the largest of 180 normal deviates exceeds 4.4 once in 500 such tests


def test_everybody_has_an_arm_where_all_may_enter() -> None:
    found = assign_within_strata(IDS, STRATA, StratifiedDesign("spring", SHARES))
    assert found.inside().all()
    np.testing.assert_allclose(found.propensity.sum(axis=1), 1, rtol=1e-12)


def test_salts_draw_independently() -> None:
    first, second = (
        assign_within_strata(IDS, STRATA, StratifiedDesign(salt, SHARES)).arm
        for salt in ("spring-1", "spring-2")
    )
    assert stats.chi2_contingency(np.histogram2d(first, second, bins=3)[0]).pvalue > 1e-4


def test_units_and_strata_that_do_not_fit_are_refused() -> None:
    design = StratifiedDesign("spring", SHARES)
    with pytest.raises(LabError, match="There are 2 ids and strata for 3000"):
        assign_within_strata(["a", "b"], STRATA, design)
    with pytest.raises(LabError, match="Rows 1 and 2 are the same unit"):
        assign_within_strata(["a", "a"], Strata(np.zeros(2, dtype=np.int64), ("all",)), design)
    with pytest.raises(LabError, match=r"sum to 0\.9"):
        StratifiedDesign("spring", (0.5, 0.4))
