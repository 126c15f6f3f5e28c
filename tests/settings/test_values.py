from datetime import date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from retention_lab.settings import values
from retention_lab.settings.values import label_of


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (1, "1"),
        (1.0, "1"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        ("No E-Mail", "No E-Mail"),
        ("01", "01"),
    ],
)
def test_a_label_is_the_text_that_a_file_would_show(value: object, label: str) -> None:
    assert label_of(value) == label
    assert read(values.Label, value) == label
    assert label_of(label_of(value)) == label


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_what_is_no_label_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(values.Label, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-03-01", "2026-03-01"),
        (date(2026, 3, 1), "2026-03-01"),  # as YAML reads it
        (datetime(2026, 3, 1, 9), "2026-03-01T09:00:00"),
        ("2026-03-01T09:00", "2026-03-01T09:00"),
        ("2026-03-01 09:00:30.5+02:00", "2026-03-01 09:00:30.5+02:00"),
    ],
)
def test_a_moment_is_a_date_or_a_time(value: object, text: str) -> None:
    assert read(values.Moment, value) == text


@pytest.mark.parametrize("value", ["2026-02-30", "1.3.2026", "2026-3-1", "soon", "20260301", "", 20260301])
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(values.Moment, value)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (values.Share, [0.001, 0.999], [0, 1, -0.1, "0.5", True]),
        (values.ShareOrNone, [0, 0.999], [1, -0.1]),
        (values.ShareUpToAll, [0.001, 1], [0, 1.1]),
        (values.Money, [0, 10.5], [-0.01, "10", True]),
        (values.Positive, [0.01], [0, -1]),
        (values.Count, [0, 3], [-1, 1.5, "1", True]),
        (values.AtLeastOne, [1], [0, 1.0]),
        (values.Flag, [True, False], ["yes", 1, 0]),
        (values.Text, ["a"], ["", 1]),
        (values.Name, ["winback-2", "A_b", "1"], ["-a", "a b", "ä", "../a", ""]),
    ],
)
def test_values_keep_their_limits_and_are_never_guessed_from_another_type(
    kind: Any, inside: list[object], outside: list[object]
) -> None:
    for value in inside:
        assert read(kind, value) == value
    for value in outside:
        with pytest.raises(ValidationError):
            read(kind, value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("60s", 60.0), ("2m", 120.0), ("1.5h", 5400.0), ("90 s", 90.0)]
)
def test_a_time_is_written_with_its_unit(text: str, seconds: float) -> None:
    assert read(values.Seconds, text) == seconds


@pytest.mark.parametrize("value", [60, "60", "0s", "-5s", "1d", "soon", "", True])
def test_what_is_no_time_with_a_unit_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(values.Seconds, value)
