"""What the columns of an unknown file may be, judged by their names, types and values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.data.profile import ColumnProfile, profile_column
from retention_lab.labels import label_text

MOST_ARMS = 10

_TREATMENT = (
    re.compile(
        r"^(treatment|treated|treat|arm|arms|variant|test_group|experiment_group|behandlung|gruppe|实验组|分组)$"
    ),
    re.compile(
        r"^(group|segment|version|campaign|offer|assignment|exposure|bucket|cell|testgruppe|aktion|mailing)$"
    ),
    re.compile(r"(treatment|treated|variant|experiment|test|ab)_?(group|arm|cell|flag)?$"),
)
_CONTROL = (
    re.compile(
        r"^(control|kontrolle|kontrollgruppe|control[ _-]?group|holdout|hold[ _-]out|placebo|对照组?)$"
    ),
    re.compile(r"^(none|nothing|nobody|keine?|nichts|no|nein|not[ _-]treated|untreated|无)$"),
    re.compile(r"^(0|false)$"),
    re.compile(r"^(no|ohne|keine?|without)[ _-]|control|holdout"),
)
_OUTCOME = re.compile(
    r"^(visit|visits|visited|conversion|conversions|converted|convert|purchase|purchases|purchased|bought|buy|"
    r"spend|spent|spending|revenue|sales|amount|order|orders|ordered|response|responded|retained|retention|kept|"
    r"stayed|renewed|active|returned_customer|outcome|target|label|y|profit|margin|contribution|"
    r"umsatz|kauf|gekauft|kaeufe|käufe|bestellung|bestellungen|bestellt|besuch|besucht|ertrag|购买|消费|转化)$"
)
_MONEY = re.compile(
    r"spend|spent|revenue|sales|amount|profit|margin|contribution|value|umsatz|ertrag|betrag|消费|eur$|usd$"
)
_UNWANTED = re.compile(
    r"churn|cancel|unsubscrib|complain|lapsed|attrition|kuendig|kündig|abgemeldet|abwander|beschwerde|流失|退订"
)
_BEFORE = re.compile(
    r"(^|_)(past|prior|previous|prev|before|pre|last|history|historic|baseline|lifetime|total|vor|vorher|vorjahr|"
    r"letzte[rsn]?|bisher|bisherige[rsn]?)(_|$)|\d+$|_\d+_?(d|days|m|months|y)$"
)
_AFTER = re.compile(
    r"(^|_)(opened|open|opens|clicked|click|clicks|delivered|bounced|redeemed|redemption|redemptions|"
    r"after|post|afterwards|danach|nachher|nach|geoeffnet|geöffnet|geklickt|klick|klicks|eingeloest|eingelöst|"
    r"unsubscribed|responded|coupon_used|打开|点击)(_|$)"
)
# `total` and `lifetime` may well be counted during a test: they are not among these
_EARLIER = re.compile(
    r"(^|_)(past|prior|previous|prev|before|pre|baseline|vor|vorher|vorjahr|bisher|bisherige[rsn]?)(_|$)"
)
_ASSIGNED = re.compile(
    r"^(assigned|sent|mailed|exposed|treated|launched)_?(at|on|date|time)?$|^(date|datum|timestamp|time)$"
)


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column with its values."""

    profile: ColumnProfile
    values: pa.ChunkedArray

    @property
    def name(self) -> str:
        """As the file's header has it."""
        return self.profile.name

    @property
    def rows(self) -> int:
        """All rows."""
        return self.profile.rows

    @property
    def distinct(self) -> int:
        """Values that differ, missing ones left out."""
        return self.profile.distinct

    @property
    def looks_like_id(self) -> bool:
        """Whether it names rows, be it with repetitions."""
        return self.profile.looks_like == "id"

    @property
    def is_prose(self) -> bool:
        """Whether it holds free text rather than one of a few words."""
        return self.profile.looks_like == "text"

    @property
    def plain_name(self) -> str:
        """The name as the patterns expect it: lower case, words joined by `_`."""
        return re.sub(r"[\s\-./]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name.strip())).lower()

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return self.profile.missing

    @property
    def is_text(self) -> bool:
        """Whether it holds words."""
        return bool(pa.types.is_string(self.values.type))

    @property
    def is_time(self) -> bool:
        """Whether it holds dates or times."""
        return bool(pa.types.is_temporal(self.values.type))

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers, or true and false."""
        kind = self.values.type
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))

    @property
    def is_binary(self) -> bool:
        """Whether it holds nothing but 0 and 1, or true and false, and both of them."""
        return self.is_number and self.distinct == 2 and set(self.labels()) <= {"0", "1", "true", "false"}

    def labels(self) -> list[str]:
        """The values as text, sorted; only for columns with few of them."""
        found = pc.unique(label_text(self.values)).to_pylist()
        return sorted(value for value in found if value is not None)


def column_facts(table: pa.Table) -> dict[str, ColumnFacts]:
    """Facts of every column, by name, in the file's order."""
    columns = zip(table.column_names, table.columns, strict=True)
    return {name: ColumnFacts(profile_column(name, column), column) for name, column in columns}


def id_column(columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """The first column that names every row once."""
    named = (c for c in columns if c.looks_like_id and c.distinct == c.rows and not c.missing)
    return next(named, None)


def treatment_candidates(columns: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    """Columns that may hold the arms of a test, likeliest first: named so, or with a value named control."""
    scored = [(_treatment_score(column), -i, column) for i, column in enumerate(columns)]
    return [column for score, _, column in sorted(scored, key=lambda s: s[:2], reverse=True) if score > 0]


def control_value(values: Sequence[str]) -> str | None:
    """The value that names the arm without an offer; None where no name says so."""
    for pattern in _CONTROL:
        found = [value for value in values if pattern.search(value.strip().lower())]
        if len(found) == 1:
            return found[0]
    return None


def is_outcome(column: ColumnFacts) -> bool:
    """Whether the name says that it was measured afterwards as a result, and it holds numbers that vary."""
    name = column.plain_name
    return column.is_number and column.distinct >= 2 and bool(_OUTCOME.search(name)) and not is_unwanted(name)


def is_unwanted(name: str) -> bool:
    """Whether the name counts something of which less is better."""
    return bool(_UNWANTED.search(name.lower()))


def comes_after(column: ColumnFacts) -> bool:
    """Whether the name says that it was measured after treatment."""
    name = column.plain_name
    said = _AFTER.search(name) or _UNWANTED.search(name) or _OUTCOME.search(name)
    return bool(said) and not _BEFORE.search(name)


def is_earlier(column: ColumnFacts) -> bool:
    """Whether the name says that it was measured before a test began, and it holds numbers that vary."""
    return column.is_number and column.distinct >= 2 and bool(_EARLIER.search(column.plain_name))


def is_assignment_time(column: ColumnFacts) -> bool:
    """Whether it says when a row was assigned, finely enough to order rows by."""
    return (
        column.is_time
        and column.missing == 0
        and column.distinct >= 10
        and bool(_ASSIGNED.search(column.plain_name))
    )


def outcome_type(column: ColumnFacts) -> str:
    """binary, money or number: by the values, then by the name."""
    if column.is_binary:
        return "binary"
    fractional = pa.types.is_floating(column.values.type)
    return "money" if fractional or _MONEY.search(column.plain_name) else "number"


def _treatment_score(column: ColumnFacts) -> int:
    if not 2 <= column.distinct <= MOST_ARMS or column.missing or is_outcome(column):
        return 0
    name = column.plain_name
    by_name = next((3 - rank for rank, pattern in enumerate(_TREATMENT) if pattern.search(name)), 0)
    by_value = 2 if column.is_text and _names_control(column.labels()) else 0
    return by_name + by_value


def _names_control(values: Sequence[str]) -> bool:
    control = control_value(values)
    return control is not None and control.strip().lower() not in {"no", "nein", "0", "false"}
