"""Dates of a definition as instants: a date means its first instant in the project's time zone."""

from datetime import datetime, tzinfo


def aware(moment: str, zone: tzinfo) -> datetime:
    """The instant that ISO text names; text without an offset is in `zone`.

    >>> from zoneinfo import ZoneInfo
    >>> aware("2026-03-01", ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-01T00:00:00+01:00'
    """
    found = datetime.fromisoformat(moment)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
