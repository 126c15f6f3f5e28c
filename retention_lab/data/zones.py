"""Wall-clock times into UTC, as SQL that needs no look-up per row.

DuckDB's own conversion asks its calendar for every row, which on millions of order lines takes longer
than the question. Between two changes of the clock the difference is constant, so a few comparisons do.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MOST_YEARS = 60
_SECOND = timedelta(seconds=1)


def utc_from_wall_clock(timestamp: str, timezone: str, first: datetime, last: datetime) -> str:
    """SQL for a naive timestamp of that zone, between `first` and `last` (naive), as a naive one in UTC.

    A time that the clock shows twice is the earlier one; one that it skips is read with the difference
    that held before, as zoneinfo does.
    """
    if timezone == "UTC":
        return timestamp
    if last.year - first.year > _MOST_YEARS:
        return f"(({timestamp} AT TIME ZONE '{timezone}') AT TIME ZONE 'UTC')"
    pieces = clock_changes(timezone, first, last)
    branches = [
        f"WHEN {timestamp} < TIMESTAMP '{until.isoformat(sep=' ')}' THEN {_shifted(timestamp, offset)}"
        for until, offset in pieces[:-1]
        if until is not None
    ]
    rest = _shifted(timestamp, pieces[-1][1])
    return f"CASE {' '.join(branches)} ELSE {rest} END" if branches else rest


def clock_changes(timezone: str, first: datetime, last: datetime) -> list[tuple[datetime | None, timedelta]]:
    """(until, difference from UTC) of every stretch of wall-clock time, in order; the last has no end."""
    zone = ZoneInfo(timezone)
    pieces: list[tuple[datetime | None, timedelta]] = []
    day, end = first.replace(hour=0, minute=0, second=0, microsecond=0), last + timedelta(days=1)
    while day <= end:
        following = day + timedelta(days=1)
        if _offset(zone, following) != _offset(zone, day):
            pieces.append((_change(zone, day, following), _offset(zone, day)))
        day = following
    return [*pieces, (None, _offset(zone, day))]


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second with the new difference."""
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, wall_clock: datetime) -> timedelta:
    return wall_clock.replace(tzinfo=zone).utcoffset() or timedelta()


def _shifted(timestamp: str, offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    return f"{timestamp} - INTERVAL '{seconds} seconds'"
