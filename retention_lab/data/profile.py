"""What the columns of an unknown table look like: types, gaps, ranges, and what they may be."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

LooksLike = Literal["id", "time", "binary", "category", "number", "text", "constant", "empty"]

_FEW = 20
_SHORT = 40
_ID_WORD = re.compile(
    r"(^|[_\s.-])(id|ids|key|hash|email|e_mail|mail|phone|uuid|guid|no|number)$|[a-z](ID|Id|No|Key|Hash)$",
    re.ASCII,
)
_PERSONAL = re.compile(r"mail|phone|name|address|street|birth|iban|card", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column.

    type: Arrow's. missing: nulls and NaN. distinct: values other than missing. minimum, maximum: of
    numbers and times only. examples: the commonest values first, only of columns with few short values
    that are neither ids nor personal. is_binary: two values. looks_like: a guess, from content and name.
    """

    name: str
    type: str
    rows: int
    missing: int
    distinct: int
    minimum: float | str | None
    maximum: float | str | None
    examples: tuple[str, ...]
    is_binary: bool
    looks_like: LooksLike

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"examples": list(self.examples)}


def profile(table: pa.Table) -> list[ColumnProfile]:
    """Look at every column, in the table's order."""
    return [profile_column(name, table.column(name)) for name in table.column_names]


def profile_column(name: str, column: pa.ChunkedArray) -> ColumnProfile:
    """Look at one column; nested values are counted, not compared."""
    rows, kind = len(column), column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_nested(kind):
        return ColumnProfile(name, str(kind), rows, column.null_count, 0, None, None, (), False, "text")
    if pa.types.is_null(kind):
        column = column.cast(pa.string())
    values = column.drop_null()
    if pa.types.is_floating(kind):
        values = values.filter(pc.invert(pc.is_nan(values)))
    distinct = int(pc.count_distinct(values).as_py())
    looks_like = _looks_like(name, values, distinct)
    minimum, maximum = _range(values)
    return ColumnProfile(
        name=name,
        type=str(kind),
        rows=rows,
        missing=rows - len(values),
        distinct=distinct,
        minimum=minimum,
        maximum=maximum,
        examples=_examples(name, values, distinct, looks_like),
        is_binary=distinct == 2,
        looks_like=looks_like,
    )


def _looks_like(name: str, values: pa.ChunkedArray, distinct: int) -> LooksLike:
    kind = values.type
    if distinct == 0:
        return "empty"
    if distinct == 1:
        return "constant"
    if pa.types.is_temporal(kind):
        return "time"
    if distinct == 2:
        return "binary"
    has_id_name = bool(_ID_WORD.search(name)) or name.lower() in (
        "id",
        "customer",
        "customerid",
        "user",
        "userid",
    )
    if pa.types.is_integer(kind):
        return "id" if has_id_name and distinct > _FEW else "number"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if has_id_name and distinct > _FEW:
        return "id"
    if distinct <= max(_FEW, len(values) // 50) and _longest(values) <= _SHORT:
        return "category"
    # every value once, no blanks inside: a name for the row, not prose
    if distinct == len(values) and _longest(values) <= _SHORT and not _has_blank(values):
        return "id"
    return "text"


def _range(values: pa.ChunkedArray) -> tuple[float | str | None, float | str | None]:
    kind = values.type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if len(values) == 0 or not (is_number or pa.types.is_temporal(kind)):
        return None, None
    both = pc.min_max(values).as_py()
    if is_number:
        return float(both["min"]), float(both["max"])
    return both["min"].isoformat(), both["max"].isoformat()


def _examples(name: str, values: pa.ChunkedArray, distinct: int, looks_like: LooksLike) -> tuple[str, ...]:
    """Values of a customer are shown only where many share them."""
    if looks_like not in ("binary", "category", "constant", "number") or not 0 < distinct <= _FEW:
        return ()
    if _PERSONAL.search(name) or len(values) < 2 * distinct:
        return ()
    counted = sorted(
        pc.value_counts(values).to_pylist(), key=lambda item: (-item["counts"], str(item["values"]))
    )
    return tuple(str(item["values"]) for item in counted[:_FEW])


def _longest(values: pa.ChunkedArray) -> int:
    if not pa.types.is_string(values.type):
        return 0
    return int(pc.max(pc.utf8_length(values)).as_py() or 0)


def _has_blank(values: pa.ChunkedArray) -> bool:
    return pa.types.is_string(values.type) and bool(pc.any(pc.match_substring(values, " ")).as_py())
