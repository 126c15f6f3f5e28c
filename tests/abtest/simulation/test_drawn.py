from typing import Any

import numpy as np

from retention_lab.abtest.simulation.drawn import DrawnUnits, drawn_units
from retention_lab.abtest.simulation.effects import effect_of
from retention_lab.abtest.simulation.history import History, history_of
from retention_lab.abtest.specification import specification

UNITS = 300


def history(**changes: Any) -> History:
    rng = np.random.default_rng(1)
    spend = rng.gamma(1.0, 5.0, UNITS)
    table = {
        "user": np.arange(UNITS),
        "spend": spend,
        "again": spend,
        "city": rng.choice(["x", "y", "z"], UNITS),
        "day": [f"2026-03-{1 + i % 20:02d}" for i in range(UNITS)],
    }
    keys = {
        "unit": "user",
        "arm": "arm",
        "control": "a",
        "planned_shares": {"a": 0.5, "b": 0.5},
        "metrics": [{"name": n, "type": "mean", "column": n} for n in ("spend", "again")],
        **changes,
    }
    return history_of(table, specification(keys))


def drawn(of: History, units: int = UNITS, looks: int = 1, effect: str | None = None) -> DrawnUnits:
    effects = {} if effect is None else {"spend": effect_of(effect)}
    return drawn_units(of, units, looks, effects, np.random.default_rng(2))


def test_each_column_is_kept_once() -> None:
    found = drawn(history(), effect="5%")
    assert np.array_equal(found.without["spend"], found.without["again"])
    assert found.columns.shape == (
        UNITS,
        5 + 4,
    )  # who is there is the same with an effect, the powers are not
    assert set(found.with_effect) == set(found.truth) == {"spend"}


def test_sums_add_up_over_looks_and_strata() -> None:
    of = history(strata="city")
    found = drawn(of, looks=4)
    assigned = (np.random.default_rng(3).random((6, UNITS)) < 0.5).astype(float)
    added = found.added(assigned)
    assert added.shape == (4, 3, 6, found.columns.shape[1])
    np.testing.assert_allclose(added[-1].sum(axis=0), assigned @ found.columns)
    np.testing.assert_allclose(found.total[-1, :, 0].sum(axis=0), found.columns.sum(axis=0))
    assert np.diff(found.total[:, :, 0, 0].sum(axis=1)).tolist() == [UNITS / 4] * 3
    assert of.stratum is not None
    assert found.total[-1, :, 0, 0].tolist() == np.bincount(of.stratum).tolist()


def test_units_come_in_the_order_of_their_days() -> None:
    of = history(exposed_at="day")
    assert of.day is not None
    found = drawn(of, looks=20)
    spend, centre = of.metrics[0].values[:, 0], of.metrics[0].centre[0]
    wanted = np.cumsum(np.bincount(of.day, spend - centre))
    np.testing.assert_allclose(found.total[:, 0, 0, found.without["spend"][1]], wanted)


def test_no_unit_is_drawn_twice_as_long_as_there_are_enough() -> None:
    of = history()
    fewer, more = (drawn(of, units).columns[:, 1] for units in (200, 900))
    assert len(np.unique(fewer)) == 200
    assert len(np.unique(more)) < 300  # with repeats, some are left out
    assert len(more) == 900
