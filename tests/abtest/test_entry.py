import numpy as np

from retention_lab.abtest.entry import Entry
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice
from retention_lab.abtest.unit_ids import unit_ids

UNITS = unit_ids(np.arange(20_000))


def test_everybody_may_enter_where_there_is_no_rule() -> None:
    assert Entry().admits(UNITS).all()
    assert Entry().probability() == 1


def test_only_units_of_the_slice_that_are_not_held_out_may_enter() -> None:
    holdout, part = Holdout(0.2, "acme"), LayerSlice("home", 0.0, 0.5)
    found = Entry(holdout, part).admits(UNITS)
    np.testing.assert_array_equal(found, ~holdout.contains(UNITS) & part.contains(UNITS))
    expected = Entry(holdout, part).probability()
    assert abs(expected - 0.4) < 1e-15
    assert abs(found.mean() - expected) < 3.3 * np.sqrt(0.4 * 0.6 / len(UNITS))  # 3.3 standard errors
