from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from retention_lab.data.zones import clock_changes, local_days, utc_from_wall_clock

FIRST = datetime(2024, 1, 1)


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Shanghai",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ],
)
def test_every_quarter_of_an_hour_of_two_years_is_converted_as_by_zoneinfo(zone: str) -> None:
    steps = 2 * 366 * 96
    last = FIRST + timedelta(minutes=15 * steps)
    sql = utc_from_wall_clock("wall", zone, FIRST, last)
    rows = duckdb.sql(
        f"SELECT wall, {sql} FROM (SELECT TIMESTAMP '2024-01-01' + to_minutes(15 * i) AS wall "
        f"FROM range({steps}) AS t(i))"
    ).fetchall()
    tzinfo = ZoneInfo(zone)
    assert len(rows) == steps
    assert [
        wall for wall, utc in rows if wall.replace(tzinfo=tzinfo).astimezone(UTC).replace(tzinfo=None) != utc
    ] == []


def test_the_clock_changes_twice_a_year_in_berlin_and_never_in_shanghai() -> None:
    last = datetime(2025, 12, 31)
    assert [until for until, _ in clock_changes("Europe/Berlin", FIRST, last)] == [
        datetime(2024, 3, 31, 3),
        datetime(2024, 10, 27, 3),
        datetime(2025, 3, 30, 3),
        datetime(2025, 10, 26, 3),
        None,
    ]
    assert clock_changes("Asia/Shanghai", FIRST, last) == [(None, timedelta(hours=8))]


def test_a_span_of_centuries_is_left_to_the_database() -> None:
    sql = utc_from_wall_clock("wall", "Europe/Berlin", datetime(1, 1, 1), datetime(9999, 1, 1))
    assert "AT TIME ZONE" in sql


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe", "America/New_York"]
)
def test_the_local_day_of_every_hour_of_two_years_is_that_of_zoneinfo(zone: str) -> None:
    hours = [FIRST + timedelta(hours=i) for i in range(2 * 366 * 24)]
    moments = np.array(hours, dtype="datetime64[us]").astype(np.int64)
    expected = [moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() for moment in hours]
    found = local_days(moments, zone).astype("datetime64[D]").tolist()
    assert found == expected
    assert local_days(moments[:0], zone).tolist() == []
