"""Wall-clock times into UTC, as SQL that needs no look-up per row; and the local day of an instant.

DuckDB's own conversion asks its calendar for every row, which on millions of order lines takes longer
than the question. Between two changes of the clock the difference is constant, so a few comparisons do.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from retention_lab.arrays import Ints

_MOST_YEARS = 60
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1)


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


def local_days(moments: Ints, timezone: str) -> Ints:
    """(n,) instants in microseconds since 1970 -> (n,) days since then that a calendar of the zone shows."""
    if len(moments) == 0:
        return moments
    first, last = (_EPOCH + timedelta(microseconds=int(end(moments))) for end in (np.min, np.max))
    pieces = _utc_changes(ZoneInfo(timezone), first, last)
    until = np.array([(moment - _EPOCH) // _MICROSECOND for moment, _ in pieces[1:]], dtype=np.int64)
    offsets = np.array([offset // _MICROSECOND for _, offset in pieces], dtype=np.int64)
    return (moments + offsets[np.searchsorted(until, moments, side="right")]) // (_DAY // _MICROSECOND)


def _utc_changes(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, timedelta]]:
    """(since, difference from UTC) of every stretch between two instants (naive, UTC), in order."""
    pieces = [(first, _utc_offset(zone, first))]
    moment = first
    while moment < last:
        following = min(moment + _DAY, last)
        if _utc_offset(zone, following) != _utc_offset(zone, moment):
            before, after = moment, following
            while after - before > _MICROSECOND:
                middle = before + (after - before) // 2
                unchanged = _utc_offset(zone, middle) == _utc_offset(zone, moment)
                before, after = (middle, after) if unchanged else (before, middle)
            pieces.append((after, _utc_offset(zone, following)))
        moment = following
    return pieces


def _utc_offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()


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
