"""The purchases that a value model learns from: a log of its own, or the project's transactions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from retention_lab.clv.purchase_days import PurchaseDays, from_lines
from retention_lab.clv.scorer import Columns, log_days
from retention_lab.clv.summary import UNITS, day_number
from retention_lab.config.clv import ClvDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.data.purchase_lines import purchase_lines
from retention_lab.data.read import read_with_text
from retention_lab.errors import ConfigurationError, LabError, found_in
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.project import Lab

# Columns of a log that is scored with a model of the project's transactions.
PROJECT_COLUMNS = Columns("customer_id", "ordered_at", "contribution")
_HELD_OUT = 0.25  # of the observation, where the definition names no end
_FEWEST_DAYS = 8


@dataclass(frozen=True, slots=True)
class Purchases:
    """days: the whole log. first, last: its first and last day, since 1970. amounts: whether values are
    money. columns: of the log. sha256: of what was read."""

    days: PurchaseDays
    first: int
    last: int
    amounts: bool
    columns: Columns
    sha256: str


def read_purchases(
    lab: Lab, definition: ClvDefinition, as_of: datetime | None, table: Path | None = None
) -> Purchases:
    """The purchases of a definition, or of another log with the same columns.

    Raises LabError where the log is missing or no log, ConfigurationError for an option that does not fit.
    """
    if definition.table is None:
        if table is not None:
            raise ConfigurationError(
                f"'{definition.name}' learns from the project's transactions, so --table replaces nothing.",
                "Use --as-of, or leave --table out.",
                file=definition.file,
            )
        return _of_project(lab, as_of)
    if as_of is not None:
        raise ConfigurationError(
            "A log of its own has one state, so it cannot be looked at as of a date.",
            "Leave --as-of out; `calibration_end` says what models see.",
            file=definition.file,
        )
    file = table or find_flat_file(
        lab.project, definition.table, source=definition.source, file=definition.file
    )
    columns = Columns(str(definition.customer), str(definition.time), definition.amount)
    found = read_with_text(file, [columns.customer])
    with found_in(file):
        days = log_days(found, columns)
    return _purchases(days, definition.amount is not None, columns, content_sha256(found))


def calibration_end(lab: Lab, definition: ClvDefinition, purchases: Purchases) -> int:
    """The last day that models see, since 1970.

    Raises ConfigurationError where it leaves nothing to learn from, or nothing to judge by.
    """
    if definition.calibration_end is None:
        last = purchases.last - max(1, round((purchases.last - purchases.first) * _HELD_OUT))
    else:
        last = day_number(lab.project.moment(definition.calibration_end).date())
    if not purchases.first + _FEWEST_DAYS <= last < purchases.last:
        first, end = (np.datetime64(day, "D") for day in (purchases.first, purchases.last))
        raise ConfigurationError(
            f"The log runs from {first} to {end}; a calibration that ends on {np.datetime64(last, 'D')} "
            "leaves nothing to learn from, or nothing to judge by.",
            "Set `calibration_end` to a day well inside the log, or leave it out.",
            file=definition.file,
            key="calibration_end",
        )
    return last


def time_unit(definition: ClvDefinition) -> float:
    """Days in the definition's unit of time."""
    return UNITS[definition.time_unit]


def _of_project(lab: Lab, as_of: datetime | None) -> Purchases:
    with lab.open_tables() as tables:
        until = as_of if as_of is not None else tables.data_end() + timedelta(microseconds=1)
        found = purchase_lines(tables, until)
    if found.num_rows == 0:
        raise LabError("No transaction lies before that date.", "Choose a later one.", key="as_of")
    coded = found.column("customer_id").combine_chunks().dictionary_encode()
    days = from_lines(
        np.asarray(coded.dictionary.to_numpy(zero_copy_only=False), dtype=object),
        np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64),
        np.asarray(found.column("day").cast(pa.int32()).to_numpy(), dtype=np.int64),
        np.asarray(found.column("value").to_numpy(), dtype=np.float64),
        np.asarray(found.column("bought").to_numpy(zero_copy_only=False), dtype=np.bool_),
    )
    return _purchases(days, True, PROJECT_COLUMNS, content_sha256(found))


def _purchases(days: PurchaseDays, amounts: bool, columns: Columns, sha256: str) -> Purchases:
    return Purchases(days, int(days.day.min()), int(days.day.max()), amounts, columns, sha256)
