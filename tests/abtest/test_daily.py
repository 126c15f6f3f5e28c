from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.daily import periods
from retention_lab.abtest.specification import Specification, specification
from retention_lab.abtest.summarise import summarise


def spec(**more: Any) -> Specification:
    return specification(
        {
            "unit": "unit",
            "arm": "arm",
            "control": "A",
            "exposed_at": "day",
            "metrics": [
                {"name": "spend", "type": "mean", "column": "spend", "role": "primary"},
                {"name": "visits", "type": "mean", "column": "visits"},
            ],
            **more,
        }
    )


def table(days: int, *, a_day: int = 40, seed: int = 1) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    rows = days * a_day
    first = date(2026, 3, 2)
    return {
        "unit": np.arange(rows),
        "arm": np.array(["A", "B"])[np.arange(rows) % 2],
        "day": [(first + timedelta(days=i // a_day)).isoformat() for i in range(rows)],
        "spend": rng.normal(10, 2, rows),
        "visits": rng.integers(0, 5, rows),
        "city": np.array(["x", "y"])[np.arange(rows) // 2 % 2],
    }


def test_a_day_is_compared_by_its_own_units_alone() -> None:
    rows = table(3)
    found = periods(summarise(rows, spec()), spec())
    assert [(one.first, one.last) for one in found] == [(date(2026, 3, day),) * 2 for day in (2, 3, 4)]
    assert [one.units for one in found] == [(20, 20)] * 3
    spend, arm = rows["spend"][40:80], rows["arm"][40:80]
    a, b = spend[arm == "A"], spend[arm == "B"]
    (effect,) = found[1].effects
    assert (effect.metric, effect.arm) == ("spend", "B")
    assert effect.lift is not None
    assert effect.lift.value == pytest.approx(b.mean() - a.mean())
    assert effect.lift.se == pytest.approx(np.sqrt(a.var(ddof=1) / 20 + b.var(ddof=1) / 20))


@pytest.mark.parametrize(
    ("days", "count", "length"), [(31, 31, 1), (32, 5, 7), (217, 31, 7), (218, 8, 28), (900, 30, 30)]
)
def test_many_days_are_grouped_so_that_units_add_up(days: int, count: int, length: int) -> None:
    found = periods(summarise(table(days, a_day=4), spec()), spec())
    assert len(found) == count
    assert (found[0].last - found[0].first).days + 1 == length
    assert found[-1].last == date(2026, 3, 2) + timedelta(days=days - 1)
    assert sum(sum(one.units) for one in found) == 4 * days


def test_a_day_with_too_few_units_has_no_effect_and_keeps_its_units() -> None:
    rows = table(3)
    keep = np.ones(len(rows["unit"]), dtype=bool)
    keep[41:79] = False  # the second day keeps one unit of each arm
    few = {name: np.asarray(column)[keep] for name, column in rows.items()}
    found = periods(summarise(few, spec()), spec())
    assert found[1].units == (1, 1)
    assert found[1].effects[0].lift is None
    assert found[2].effects[0].lift is not None


def test_clusters_are_counted_and_not_compared_by_day() -> None:
    rows = {**table(3), "arm": np.array(["A", "B"])[(table(3)["city"] == "y").astype(int)]}
    asked = spec(cluster="city")
    found = periods(summarise(rows, asked), asked)
    assert [one.effects for one in found] == [()] * 3
    assert sum(sum(one.units) for one in found) == 120


def test_a_table_without_days_has_no_periods() -> None:
    asked = spec(exposed_at=None)
    assert periods(summarise(table(3), asked), asked) == ()
