"""The series that a forecast learns from: a log of its own, or the project's transactions and campaigns."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Ints
from retention_lab.config.demand import DemandDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.data.connect import Tables
from retention_lab.data.demand_lines import demand_contacts, demand_lines
from retention_lab.data.read import read_with_text
from retention_lab.data.zones import local_days
from retention_lab.demand.campaigns import customers_under_offer
from retention_lab.demand.panel import Lines, Panel, panel_of
from retention_lab.demand.periods import first_days
from retention_lab.demand.scorer import Columns, log_lines
from retention_lab.errors import ConfigurationError, found_in
from retention_lab.log_columns import coded
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.project import Lab

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DemandRows:
    """panel: the series, those that sell most. left_out: how many more there are. columns: of a log that is
    scored. sha256: of what was read. contacts: customers contacted so far; None for a log of its own.
    out_of_reach: planned campaigns that begin before the periods ahead or after them, and change nothing."""

    panel: Panel
    left_out: int
    columns: Columns
    sha256: str
    contacts: int | None
    out_of_reach: int = 0


def read_demand(
    lab: Lab, definition: DemandDefinition, as_of: datetime | None, table: Path | None = None
) -> DemandRows:
    """The series of a definition, or of another log with the same columns.

    Raises LabError where the log is missing or no log, ConfigurationError for an option that does not fit.
    """
    if definition.table is None:
        if table is not None:
            raise ConfigurationError(
                f"'{definition.name}' learns from the project's transactions, so --table replaces nothing.",
                "Use --as-of, or leave --table out.",
                file=definition.file,
            )
        with lab.open_tables() as tables:
            return _of_project(lab, definition, tables, as_of)
    if as_of is not None:
        raise ConfigurationError(
            "A log of its own has one state, so it cannot be looked at as of a date.",
            "Leave --as-of out.",
            file=definition.file,
        )
    file = table or find_flat_file(
        lab.project, definition.table, source=definition.source, file=definition.file
    )
    columns = Columns(definition.series, str(definition.time), str(definition.value), definition.campaign)
    found = read_with_text(file, [] if columns.series is None else [columns.series])
    with found_in(file):
        lines = log_lines(found, columns)
        panel = panel_of(lines, definition.period, most=definition.most_series)
    left_out = len(lines.names) - len(panel.names)
    return DemandRows(panel, left_out, columns, content_sha256(found), None)


def _of_project(lab: Lab, definition: DemandDefinition, tables: Tables, as_of: datetime | None) -> DemandRows:
    value = definition.value or "amount"
    until = as_of if as_of is not None else tables.data_end() + _MICROSECOND
    found = demand_lines(tables, definition.series, value, until)
    contacts = demand_contacts(tables, until)
    names, codes = coded(found.column("series"), "series", "Fill it in.")
    lines = Lines(
        tuple(map(str, names)),
        codes,
        np.asarray(found.column("day").to_numpy(), dtype=np.int64),
        np.asarray(found.column("value").to_numpy(), dtype=np.float64),
    )
    last_day = _last_whole_day(tables, as_of)
    panel = panel_of(lines, definition.period, last_day=last_day, most=definition.most_series)
    columns = Columns(definition.series, "ordered_at", value)
    return DemandRows(
        _with_campaigns(lab, definition, panel, contacts),
        len(names) - len(panel.names),
        columns,
        content_sha256(found),
        int(np.sum(contacts.column("contacts").to_numpy())),
        len(definition.planned) - int(_in_reach(lab, definition, panel).sum()),
    )


def _last_whole_day(tables: Tables, as_of: datetime | None) -> int:
    """Since 1970, in the project's zone: the day of the last order, or the one before `as_of`'s."""
    moment = tables.data_end() if as_of is None else as_of
    at = int(moment.timestamp() * 1_000_000)
    day = int(local_days(np.array([at], dtype=np.int64), tables.timezone)[0])
    return day if as_of is None else day - 1


def _with_campaigns(lab: Lab, definition: DemandDefinition, panel: Panel, contacts: pa.Table) -> Panel:
    """The panel with the calendar of campaigns, those planned among them; the same for every series."""
    reached = _in_reach(lab, definition, panel)
    planned = np.array([one.contacts for one in definition.planned], dtype=np.int64)[reached]
    day = np.concatenate([contacts.column("day").to_numpy(), _planned_days(lab, definition)[reached]])
    many = np.concatenate([contacts.column("contacts").to_numpy(), planned])
    if not len(day):
        return panel
    ahead = (panel.first, panel.end + definition.horizon)
    calendar = customers_under_offer(day, many, ahead, panel.period, definition.campaign_days)
    return replace(panel, campaign=np.tile(calendar, (len(panel.names), 1)))


def _in_reach(lab: Lab, definition: DemandDefinition, panel: Panel) -> Bools:
    """(planned,) which begin in the periods ahead; of those before them, the assignments tell."""
    start, end = first_days(np.array([panel.end, panel.end + definition.horizon]), panel.period)
    day = _planned_days(lab, definition)
    return np.asarray((day >= start) & (day < end), dtype=np.bool_)


def _planned_days(lab: Lab, definition: DemandDefinition) -> Ints:
    """(planned,) days since 1970."""
    moments = [lab.project.moment(one.starts) for one in definition.planned]
    days = [int(np.datetime64(moment.date(), "D").astype(np.int64)) for moment in moments]
    return np.array(days, dtype=np.int64)
