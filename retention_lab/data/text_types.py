"""What a column of text holds: whole numbers, numbers, true and false, dates, times, or just text.

A column has a type only where every cell that is not blank has it: a file is never read half as
numbers. Digits with leading zeros (00017), numbers of more than 18 digits and a column of telephone numbers
with their plus signs are names, and stay text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.errors import LabError

WHOLE = r"^[+-]?(0|[1-9]\d{0,17})$"
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(inf|Inf|INF|infinity|Infinity)$"
NAME_OF_DIGITS = r"^[+-]?(0\d+|\d{19,})$"
TELEPHONE = r"^\+[1-9]\d{6,17}$"
NO_NUMBER = ("NA", "N/A", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "None")
DATE = r"^\d{4}-\d{2}-\d{2}$"
TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
ZONED_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))$"

_COMMA_DECIMAL = r"^[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?$"  # 1.234.567,89
_COMMA_THOUSANDS = r"^[+-]?(\d+|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?$"  # 1,234,567.89
_SURE_COMMA_DECIMAL = r",(\d{1,2}|\d{4,})$|^[+-]?(0|\d{4,}),|\..*,"
_SURE_COMMA_THOUSANDS = r",.*[.,]"
_SURE_POINT_DECIMAL = r"\.(\d{1,2}|\d{4,})$|^[+-]?(0|\d{4,})\."


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a file writes numbers, as far as one of its columns leaves no doubt."""

    comma_is_decimal: bool
    point_is_decimal: bool


def typed_columns(columns: Mapping[str, pa.ChunkedArray], as_text: Collection[str], file: Path) -> pa.Table:
    """Give every column of text its type; blank cells become null.

    as_text: columns that stay text whatever they hold, such as ids; in upper or lower case.
    Raises LabError when a column holds times partly with a zone, or numbers with separators that
    could mean either thing (1,234).
    """
    kept = {name.lower() for name in as_text}
    trimmed = {name: _blank_to_null(column) for name, column in columns.items()}
    style = _number_style([column for name, column in trimmed.items() if name.lower() not in kept])
    typed = [
        column if name.lower() in kept else _typed(name, column, style, file)
        for name, column in trimmed.items()
    ]
    return pa.table(typed, names=list(trimmed))


def matches(column: pa.ChunkedArray, pattern: str) -> bool:
    """Whether every value that is not null matches; the first thousand are looked at first."""
    values = column.drop_null()
    if not _all(pc.match_substring_regex(values.slice(0, 1000), pattern)):
        return False
    return _all(pc.match_substring_regex(values, pattern))


def refuse_mixed_zones(name: str, with_zone: int, without_zone: int, file: Path | str) -> LabError:
    """The error for a column whose times only partly carry a zone."""
    return LabError(
        f"Column {name!r} has {with_zone} times with a zone and {without_zone} without one, "
        "so instants could be off by hours.",
        "Write all of them with a zone (2026-03-01T09:00:00+01:00), or none.",
        file=file,
    )


def readable_numbers(name: str, column: pa.ChunkedArray, file: Path) -> pa.ChunkedArray:
    """float64 of the cells of a column of text that are numbers, null for all others.

    Raises LabError when separators could mean either thing.
    """
    trimmed = pc.utf8_trim_whitespace(column)
    pattern = "|".join((NUMBER, _COMMA_DECIMAL, _COMMA_THOUSANDS))
    numbers = pc.if_else(pc.match_substring_regex(trimmed, pattern), trimmed, pa.scalar(None, column.type))
    typed = (
        None
        if numbers.null_count == len(numbers)
        else _as_numbers(name, numbers, _number_style([numbers]), file)
    )
    if typed is None:
        return pa.chunked_array([pa.nulls(len(column), pa.float64())])
    return typed.cast(pa.float64())


def readable_times(name: str, column: pa.ChunkedArray, file: Path) -> pa.ChunkedArray:
    """Dates or times of the cells of a column of text that are such, null for all others.

    Raises LabError when only some of them carry a zone.
    """
    trimmed = pc.utf8_trim_whitespace(column)
    pattern = "|".join((DATE, TIME, ZONED_TIME))
    real = pc.and_(pc.match_substring_regex(trimmed, pattern), _is_real(trimmed))
    times = pc.if_else(real, trimmed, pa.scalar(None, column.type))
    typed = None if times.null_count == len(times) else _as_times(name, times, file)
    return pa.chunked_array([pa.nulls(len(column), pa.timestamp("us"))]) if typed is None else typed


def _typed(name: str, column: pa.ChunkedArray, style: NumberStyle, file: Path) -> pa.ChunkedArray:
    if column.null_count == len(column):
        return column
    trimmed = pc.utf8_trim_whitespace(column)
    lower = pc.utf8_lower(trimmed)
    if matches(lower, "^(true|false)$"):
        return pc.equal(lower, "true")
    numbers = _as_numbers(name, trimmed, style, file)
    if numbers is not None:
        return numbers
    times = _as_times(name, trimmed, file)
    return column if times is None else times


def _as_numbers(name: str, column: pa.ChunkedArray, style: NumberStyle, file: Path) -> pa.ChunkedArray | None:
    values = _without_no_number(column)
    if values.null_count == len(values) or _any(pc.match_substring_regex(values, NAME_OF_DIGITS)):
        return None
    if matches(values, TELEPHONE):
        return None
    if matches(values, WHOLE):
        return _stripped_plus(values).cast(pa.int64())
    if _has(values, ","):
        plain = _without_separators(name, values, style, file)
        return None if plain is None else _stripped_plus(plain).cast(pa.float64())
    if style.comma_is_decimal and matches(values, _COMMA_DECIMAL):
        plain = _without_separators(name, values, style, file)
        if plain is not None:
            return _stripped_plus(plain).cast(pa.float64())
    if matches(values, NUMBER):
        return _stripped_plus(values).cast(pa.float64())
    return None


def _without_separators(
    name: str, values: pa.ChunkedArray, style: NumberStyle, file: Path
) -> pa.ChunkedArray | None:
    """Numbers that hold commas or groups of three, with a decimal point only; None where they are text."""
    decimal, thousands = matches(values, _COMMA_DECIMAL), matches(values, _COMMA_THOUSANDS)
    if not decimal and not thousands:
        return None
    if decimal and thousands:  # nothing but groups of three: 1,234 or 1.234
        if not _has(values, ","):
            if _any(pc.match_substring_regex(values, r"\..*\.")):
                return pc.replace_substring(values, ".", "")
            raise _ambiguous(name, file)
        decimal = style.comma_is_decimal and not style.point_is_decimal
        thousands = style.point_is_decimal and not style.comma_is_decimal
        if not decimal and not thousands:
            raise _ambiguous(name, file)
    if decimal:
        return pc.replace_substring(pc.replace_substring(values, ".", ""), ",", ".")
    return pc.replace_substring(values, ",", "")


def _ambiguous(name: str, file: Path) -> LabError:
    return LabError(
        f"Column {name!r} holds numbers whose only separator stands before three digits: "
        "it may mark decimals or thousands, a factor of 1,000.",
        "Write them without thousands separators and with a decimal point.",
        file=file,
    )


def _number_style(columns: Collection[pa.ChunkedArray]) -> NumberStyle:
    comma, point = False, False
    for column in columns:
        values = _without_no_number(pc.utf8_trim_whitespace(column))
        if _has(values, ","):
            decimal, thousands = matches(values, _COMMA_DECIMAL), matches(values, _COMMA_THOUSANDS)
            comma |= decimal and not thousands and _any(pc.match_substring_regex(values, _SURE_COMMA_DECIMAL))
            point |= (
                thousands and not decimal and _any(pc.match_substring_regex(values, _SURE_COMMA_THOUSANDS))
            )
        elif not point and _has(values, ".") and matches(values, NUMBER):
            point |= _any(pc.match_substring_regex(values, _SURE_POINT_DECIMAL))
    return NumberStyle(comma, point)


def _as_times(name: str, column: pa.ChunkedArray, file: Path) -> pa.ChunkedArray | None:
    values = column.drop_null()
    first = values.slice(0, 1000)
    if not _any(pc.match_substring_regex(first, r"^\d{4}-\d{2}-\d{2}")):
        return None
    zoned = pc.match_substring_regex(values, ZONED_TIME)
    local = pc.or_(pc.match_substring_regex(values, TIME), pc.match_substring_regex(values, DATE))
    if not _all(pc.or_(zoned, local)):
        return None
    with_zone = pc.sum(zoned).as_py() or 0
    if 0 < with_zone < len(values):
        raise refuse_mixed_zones(name, with_zone, len(values) - with_zone, file)
    try:
        if with_zone:
            return _instants(column).cast(pa.timestamp("us", "UTC"))
        if matches(values, DATE):
            return column.cast(pa.date32())
        return _instants(column).cast(pa.timestamp("us"))
    except pa.ArrowInvalid:  # looks like a date and is none: 2026-02-30
        return None


def _is_real(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether a cell begins with a day that the calendar has, and its clock, if any, shows such a time."""
    written = pc.utf8_slice_codeunits(column, 0, 10)
    read = pc.strftime(pc.strptime(written, "%Y-%m-%d", "s", error_is_null=True), "%Y-%m-%d")
    # strptime reads 30 February as 2 March
    return pc.and_(
        pc.fill_null(pc.equal(read, written), False),
        pc.match_substring_regex(column, r"^.{10}($|[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d|[^:]|$))"),
    )


def _instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    short = pc.replace_substring_regex(column, r"(\.\d{6})\d+", r"\1")
    utc = pc.replace_substring_regex(short, r" ?UTC$", "Z")
    return pc.replace_substring_regex(utc, r" (Z|[+-]\d{2}(:?\d{2})?)$", r"\1")


def _without_no_number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    unknown = pc.is_in(column, value_set=pa.array(NO_NUMBER, column.type))
    return pc.if_else(unknown, pa.scalar(None, column.type), column)


def _stripped_plus(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_ltrim(values, "+")


def _blank_to_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    return pc.if_else(blank, pa.scalar(None, column.type), column)


def _has(column: pa.ChunkedArray, mark: str) -> bool:
    return _any(pc.match_substring(column, mark))


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())


def _all(mask: pa.ChunkedArray) -> bool:
    return pc.all(mask).as_py() is not False
