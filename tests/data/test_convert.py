from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from retention_lab.data.convert import ARROW_TYPES, Converted, Reading, convert
from retention_lab.data.schema import ColumnType
from retention_lab.errors import LabError

BERLIN = Reading(Path("orders.csv"), "Europe/Berlin")


def converted(values: list[object], wanted: ColumnType, reading: Reading = BERLIN) -> Converted:
    return convert("x", pa.chunked_array([pa.array(values)]), wanted, reading)


@pytest.mark.parametrize(
    ("values", "wanted", "found", "unreadable"),
    [
        ([" a ", "", None], "text", ["a", None, None], [False] * 3),
        ([7.0, 8.5, None], "id", ["7", "8.5", None], [False] * 3),
        (["1,5", "x", " ", None], "money", [1.5, None, None, None], [False, True, False, False]),
        ([1, 2], "number", [1.0, 2.0], [False] * 2),
        ([1.0, float("nan"), float("inf")], "number", [1.0, None, None], [False, False, True]),
        ([True, False], "number", [None, None], [True, True]),
        (["TRUE", "no", "1", "perhaps", ""], "boolean", [True, False, True, None, None],
         [False, False, False, True, False]),
        ([1, 0, 2], "boolean", [True, False, None], [False, False, True]),
        (["2026-02-30", "2026-03-01"], "time", [None, datetime(2026, 2, 28, 23, tzinfo=UTC)], [True, False]),
        (["2026-13-01", "2026-03-01T24:30", "2026-03-01T10:60"], "time", [None] * 3, [True] * 3),
        (["2026-03-01T10:30:61Z", "2026-03-01 10:30 +01:00"], "time",
         [None, datetime(2026, 3, 1, 9, 30, tzinfo=UTC)], [True, False]),
        ([3], "time", [None], [True]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_null_and_told_apart_from_what_is_missing(
    values: list[object], wanted: ColumnType, found: list[object], unreadable: list[bool]
) -> None:
    result = converted(values, wanted)
    assert result.values.type == ARROW_TYPES[wanted]
    assert result.values.to_pylist() == found
    assert result.unreadable.to_pylist() == unreadable


def test_times_without_a_zone_are_the_projects_and_others_keep_their_instant() -> None:
    summer, winter = converted(["2026-07-01T12:00:00", "2026-01-01"], "time").values.to_pylist()
    assert (summer, winter) == (
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        datetime(2025, 12, 31, 23, tzinfo=UTC),
    )
    (zoned,) = converted(["2026-07-01T12:00:00+05:30"], "time").values.to_pylist()
    assert zoned == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_the_hours_in_which_clocks_are_set_are_read_as_zoneinfo_reads_them(zone: str) -> None:
    hours = [datetime(2026, 1, 1) + timedelta(minutes=30 * k) for k in range(48 * 365)]
    reading = Reading(Path("orders.csv"), zone)
    found = convert("x", pa.chunked_array([pa.array(hours, pa.timestamp("us"))]), "time", reading).values
    assert found.to_pylist() == [hour.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for hour in hours]


def test_a_format_of_times_is_followed_to_the_letter() -> None:
    reading = Reading(Path("orders.csv"), "UTC", "%d.%m.%Y")
    result = converted(["01.02.2026", "2026-02-01", ""], "time", reading)
    assert result.values.to_pylist() == [datetime(2026, 2, 1, tzinfo=UTC), None, None]
    assert result.unreadable.to_pylist() == [False, True, False]


def test_a_column_that_can_be_read_in_two_ways_is_refused_as_a_whole() -> None:
    with pytest.raises(LabError, match="factor of 1,000"):
        converted(["1,234", "x"], "money")
    with pytest.raises(LabError, match="1 times with a zone and 1 without"):
        converted(["2026-07-01T12:00:00Z", "2026-07-01T12:00:00"], "time")
