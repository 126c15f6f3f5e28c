"""Time in the simulation: windows of whole days in UTC, with seasons, weekdays and hours that sell more."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from retention_lab.arrays import Floats, Ints

DAY = 86_400_000_000  # microseconds
HOUR = DAY // 24
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RETURN_LAG_DAYS = (3.0, 24.0)

_WEEKDAY = np.array([0.95, 0.9, 0.92, 0.98, 1.08, 1.2, 0.97])  # Monday first
_HOUR = np.array([1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 8, 9, 10, 12, 14, 14, 12, 7, 3], float)


@dataclass(frozen=True, slots=True)
class Window:
    """Days [start, start + days) in UTC. start: microseconds since 1970."""

    start: int
    days: int

    @property
    def end(self) -> int:
        """First microsecond after the window."""
        return self.start + self.days * DAY


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    return (at.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The aware datetime of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


def season(window: Window) -> float:
    """Mean daily demand of the window; about 1 over a year."""
    return float(_day_weights(window).mean())


def category_seasons(window: Window, peak_day: Floats, swing: Floats) -> Floats:
    """(C,) factor on the taste for each category at the middle of the window."""
    middle = (window.start + window.end) / 2 / DAY
    return np.asarray(1 + swing * np.cos(2 * np.pi * (middle - peak_day) / 365.25), dtype=np.float64)


def draw_times(window: Window, size: int, rng: np.random.Generator) -> Ints:
    """(size,) independent moments within the window: busier days and hours come up more often."""
    day = _pick(_day_weights(window), size, rng)
    hour = _pick(_HOUR, size, rng)
    return window.start + day * DAY + hour * HOUR + rng.integers(0, HOUR // 1_000_000, size) * 1_000_000


def draw_return_lags(size: int, rng: np.random.Generator) -> Ints:
    """(size,) microseconds from an order to its return."""
    low, high = RETURN_LAG_DAYS
    return np.asarray(rng.uniform(low, high, size) * (DAY / 1e6), dtype=np.int64) * 1_000_000


def returned_within(window: Window) -> float:
    """Probability that a return of an order drawn by `draw_times` falls into the same window."""
    low, high = RETURN_LAG_DAYS
    day, hour = _day_weights(window), _HOUR / _HOUR.sum()
    ordered = np.arange(window.days)[:, None] + (np.arange(24)[None, :] + 0.5) / 24
    share = np.clip((window.days - ordered - low) / (high - low), 0, 1)
    return float((day / day.sum()) @ share @ hour)


def _day_weights(window: Window) -> Floats:
    day = window.start // DAY + np.arange(window.days)
    of_year = day % 365.25
    gifts = np.exp(-(((of_year - 340) / 14) ** 2))  # the weeks before Christmas
    return np.asarray(
        _WEEKDAY[(day + 3) % 7] * (0.95 + 0.1 * np.cos(2 * np.pi * (of_year - 330) / 365.25) + 0.6 * gifts),
        dtype=np.float64,
    )


def _pick(weights: Floats, size: int, rng: np.random.Generator) -> Ints:
    ladder = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(ladder, rng.random(size), side="right"), len(weights) - 1)
