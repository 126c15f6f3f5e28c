import numpy as np
import pytest

from retention_lab.abtest.assign import HashDesign, assign
from retention_lab.abtest.drawn import (
    BUSY,
    HELD_OUT,
    OTHER_SLICE,
    UNCOVERED,
    drawn_by_hash,
    drawn_within_strata,
)
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice
from retention_lab.abtest.stratified import StratifiedDesign
from retention_lab.abtest.unit_ids import unit_ids

ARMS, SHARES = ("none", "coupon", "points"), (0.5, 0.3, 0.2)
IDS = unit_ids([f"c{i}" for i in range(4_000)])
NOBODY = np.zeros(4_000, dtype=np.bool_)
ENTRY = Entry(Holdout(0.1, "acme"), LayerSlice("home", 0.0, 0.6))


def test_hashed_arms_are_those_of_the_hash() -> None:
    design = HashDesign("gate", SHARES, version=3)
    found = drawn_by_hash(IDS, ARMS, design, NOBODY)
    np.testing.assert_array_equal(found.arm, assign(IDS, design).arm)
    np.testing.assert_allclose(found.chances, SHARES)
    assert (found.admitted, found.left_out, sum(found.counts.values())) == (1.0, {}, 4_000)


def test_every_unit_outside_has_one_reason_and_no_arm() -> None:
    busy = np.arange(4_000) % 7 == 0
    found = drawn_by_hash(IDS, ARMS, HashDesign("gate", SHARES, 0.5, 3, ENTRY), busy)
    assert set(found.left_out) == {HELD_OUT, OTHER_SLICE, BUSY, UNCOVERED}
    assert sum(found.left_out.values()) + sum(found.counts.values()) == 4_000
    assert found.admitted == pytest.approx(0.9 * 0.6 * 0.5)
    assert found.left_out[HELD_OUT] == pytest.approx(400, abs=61)  # 3.2 binomial standard errors
    np.testing.assert_allclose(found.chances.sum(), 1.0)
    np.testing.assert_array_equal(found.outside[ENTRY.holdout.contains(IDS)], HELD_OUT)  # type: ignore[union-attr]


def test_the_table_keeps_the_order_of_the_list_and_says_what_it_knows() -> None:
    found = drawn_by_hash(IDS, ARMS, HashDesign("gate", SHARES, entry=ENTRY), NOBODY).table()
    assert found.column_names == ["id", "arm", "p.none", "p.coupon", "p.points", "outside"]
    assert found["id"].to_pylist() == IDS.texts()
    for row in found.to_pylist():
        inside = row["outside"] is None
        assert (row["arm"] in ARMS) == inside
        assert (row["p.coupon"] is not None) == inside
    whole = drawn_by_hash(IDS, ARMS, HashDesign("gate", SHARES), NOBODY).table()
    assert whole.column_names == ["id", "arm", "p.none", "p.coupon", "p.points"]


def test_strata_are_balanced_among_those_who_enter() -> None:
    rng = np.random.default_rng(1)
    region, spend = rng.choice(["north", "south"], 4_000), rng.gamma(2.0, 10.0, 4_000)
    busy = rng.random(4_000) < 0.1
    found = drawn_within_strata(
        IDS, ARMS, StratifiedDesign("gate", SHARES, ENTRY), {"region": region, "spend": spend}, 4, busy
    )
    assert found.stratum is not None
    for label in set(found.stratum[found.inside]):
        own = found.arm[(found.stratum == label) & found.inside]
        np.testing.assert_array_less(np.abs(np.bincount(own, minlength=3) - len(own) * np.array(SHARES)), 1.0)
    assert (found.arm[busy] == -1).all()
    assert (found.stratum[busy] == "").all()
    assert len(set(found.stratum)) == 9  # two regions times four blocks, and those without
    np.testing.assert_allclose(found.chances, SHARES)
    assert "stratum" in found.table().column_names
