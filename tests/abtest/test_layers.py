from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.layers import LayerSlice, cut_layer, require_disjoint
from retention_lab.abtest.unit_ids import unit_ids
from retention_lab.errors import LabError

UNITS = unit_ids(np.arange(50_000))


def test_experiments_of_one_layer_share_no_unit_and_leave_none_out() -> None:
    slices = cut_layer("home", {"banner": 0.2, "search": 0.5, "menu": 0.3})
    inside = np.array([one.contains(UNITS) for one in slices.values()])
    np.testing.assert_array_equal(inside.sum(axis=0), 1)
    require_disjoint(list(slices.values()))


def test_a_slice_holds_its_part_of_the_units() -> None:
    part = LayerSlice("home", 0.25, 0.6)
    found = part.contains(UNITS).mean()
    assert part.probability() == pytest.approx(0.35, abs=1e-15)
    assert abs(found - 0.35) < 3.3 * np.sqrt(0.35 * 0.65 / len(UNITS))  # 3.3 binomial standard errors


def test_layers_are_independent_of_each_other_even_where_their_names_nearly_agree() -> None:
    inside = [LayerSlice(f"layer-{i}", 0, 0.5).contains(UNITS) for i in range(10)]
    p = [
        stats.chi2_contingency(np.histogram2d(a, b, bins=2)[0], correction=False).pvalue
        for a, b in combinations(inside, 2)
    ]
    assert min(p) > 1e-4
    assert stats.kstest(p, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("version", [1, 2, 3])
def test_arms_are_independent_of_the_layers_slice(version: int) -> None:
    inside = LayerSlice("home", 0.2, 0.7).contains(UNITS)
    arm = hash_bucket(UNITS, "banner", version) >= 0.5  # type: ignore[arg-type]
    assert stats.chi2_contingency(np.histogram2d(inside, arm, bins=2)[0]).pvalue > 1e-4


def test_parts_that_do_not_fit_into_the_layer_are_refused() -> None:
    with pytest.raises(LabError, match=r"'search' would take 0\.6"):
        cut_layer("home", {"banner": 0.5, "search": 0.6})
    with pytest.raises(LabError, match="'banner' would take 0"):
        cut_layer("home", {"banner": 0.0})
    assert cut_layer("home", {f"e{i}": 0.1 for i in range(10)})["e9"].end == 1.0


@pytest.mark.parametrize(
    ("start", "end"), [(0.5, 0.5), (0.6, 0.5), (-0.1, 0.5), (0.5, 1.1), (float("nan"), 1.0)]
)
def test_a_slice_that_is_none_is_refused(start: float, end: float) -> None:
    with pytest.raises(LabError, match="slice of layer 'home'"):
        LayerSlice("home", start, end)


def test_a_slice_too_thin_for_its_hash_is_refused() -> None:
    with pytest.raises(LabError, match="none of the 1,000 buckets"):
        LayerSlice("home", 0.5001, 0.5009, version=1).probability()


def test_slices_that_share_units_are_refused() -> None:
    with pytest.raises(LabError, match="share units"):
        require_disjoint([LayerSlice("home", 0.4, 0.8), LayerSlice("cart", 0, 1), LayerSlice("home", 0, 0.5)])
    with pytest.raises(LabError, match="hash versions 1 and 3"):
        require_disjoint([LayerSlice("home", 0, 0.5, version=1), LayerSlice("home", 0.5, 1)])
    require_disjoint([LayerSlice("home", 0, 0.5), LayerSlice("cart", 0, 1), LayerSlice("home", 0.5, 1)])
