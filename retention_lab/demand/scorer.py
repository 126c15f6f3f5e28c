"""The registered forecast: a log in, what each series will sell in the next periods out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats
from retention_lab.demand.intervals import Spread
from retention_lab.demand.learners import read_learner
from retention_lab.demand.panel import Lines, Panel, panel_of
from retention_lab.demand.periods import Period, first_days
from retention_lab.demand.protocol import Forecaster
from retention_lab.errors import LabError, did_you_mean
from retention_lab.log_columns import coded, day_numbers
from retention_lab.nested_files import in_folder, json_bytes, of_folder

_SCORER = "scorer.json"
ALL = "all"  # the name of the one series of a log that names none


@dataclass(frozen=True, slots=True)
class Columns:
    """Names in a log: whose line it is (None: all are one series'), when, how much, and how much of a
    campaign ran (None: not known)."""

    series: str | None
    time: str
    value: str
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class DemandScorer:
    """learner, model: the forecast. spread: its interval. horizon, season: in periods.

    seen_until: the first period that it did not learn from, see `periods`. columns: of a log that is scored.
    id_column: the same as columns.series.
    """

    learner: str
    model: Forecaster
    spread: Spread
    period: Period
    horizon: int
    season: int
    seen_until: int
    columns: Columns
    id_column: str | None = None

    def ahead(self, panel: Panel) -> tuple[Floats, Floats, Floats]:
        """Forecast, low and high (s, h) of the periods after the panel's last."""
        origin = np.array([panel.length])
        said = self.model.forecast(panel, origin, self.horizon)
        forecast, low, high = self.spread.around(panel, origin, said)
        return forecast[:, 0], low[:, 0], high[:, 0]

    def scores(self, panel: Panel) -> pa.Table:
        """One row for each series and period ahead: series, period (its first day), forecast, low, high.

        without_campaign, of a model that knows campaigns: the forecast if none ran from now on.
        """
        forecast, low, high = self.ahead(panel)
        starts = first_days(panel.end + np.arange(self.horizon), panel.period).astype("datetime64[D]")
        found = {
            "series": pa.array(np.repeat(np.array(panel.names, dtype=object), self.horizon), pa.string()),
            "period": pa.array([str(day) for day in starts] * len(panel.names), pa.string()),
            "forecast": pa.array(forecast.reshape(-1)),
            "low": pa.array(low.reshape(-1)),
            "high": pa.array(high.reshape(-1)),
        }
        if self.model.knows_campaigns:
            found["without_campaign"] = pa.array(self.ahead(panel.without_campaign())[0].reshape(-1))
        return pa.table(found, schema=self.output_schema())

    def predict(self, table: pa.Table, params: Mapping[str, Any]) -> pa.Table:
        """Scores of the series of a log, in the order in which they first appear in it.

        params: `end`, the last day that was observed (2026-03-31); "" is found from the log.
        Raises LabError where a column is missing, or the rows are no log.
        """
        columns = replace(self.columns, series=self.id_column or self.columns.series)
        end = str(params.get("end") or "")
        last = int(day_numbers([end])[0]) if end else None
        return self.scores(panel_of(log_lines(table, columns), self.period, last_day=last))

    def output_schema(self) -> pa.Schema:
        """Of the scores."""
        numbers = ("forecast", "low", "high", *(("without_campaign",) if self.model.knows_campaigns else ()))
        return pa.schema(
            [("series", pa.string()), ("period", pa.string()), *((name, pa.float64()) for name in numbers)]
        )

    def to_files(self) -> dict[str, bytes]:
        """What it is in JSON, and the model's files in a folder."""
        about = {
            **{
                name: getattr(self, name) for name in ("learner", "period", "horizon", "season", "seen_until")
            },
            "columns": asdict(self.columns),
            "spread": self.spread.as_json(),
        }
        return {_SCORER: json_bytes(about), **in_folder("model", self.model.to_files())}


def from_files(files: Mapping[str, bytes]) -> DemandScorer:
    """The scorer that `to_files` wrote."""
    about = json.loads(files[_SCORER])
    columns = Columns(**about.pop("columns"))
    spread = Spread(**{name: np.array(values) for name, values in about.pop("spread").items()})
    model = read_learner(about["learner"], of_folder("model", files))
    return DemandScorer(model=model, spread=spread, columns=columns, id_column=columns.series, **about)


def log_lines(table: pa.Table, columns: Columns) -> Lines:
    """The lines of a log with these columns.

    A line without a value tells how much of a campaign is planned. Raises LabError where a column is missing,
    a value is none, or is missing though no campaign is told.
    """
    for name in (columns.series, columns.time, columns.value, columns.campaign):
        if name is not None and name not in table.column_names:
            raise LabError(f"There is no column '{name}'.", did_you_mean(name, table.column_names), key=name)
    if table.num_rows == 0:
        raise LabError("The log is empty.", "Give at least one line.")
    value = _numbers(table.column(columns.value), columns.value)
    if columns.campaign is None and np.isnan(value).any():
        row = int(np.argmax(np.isnan(value)))
        raise LabError(
            f"Row {row + 1} has no value ({int(np.isnan(value).sum())} rows have none).",
            "Fill it in, with 0 where nothing was sold, or leave the row out.",
            key=columns.value,
        )
    names, codes = np.array([ALL], dtype=object), np.zeros(table.num_rows, dtype=np.int64)
    if columns.series is not None:
        names, codes = coded(table.column(columns.series), "series", "Fill it in, or leave the line out.")
    campaign = (
        None if columns.campaign is None else _numbers(table.column(columns.campaign), columns.campaign)
    )
    return Lines(tuple(map(str, names)), codes, day_numbers(table.column(columns.time)), value, campaign)


def _numbers(column: pa.ChunkedArray, name: str) -> Floats:
    try:
        plain = pc.fill_null(column.cast(pa.float64()), float("nan"))
        return np.asarray(plain.to_numpy(), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LabError(f"'{name}' holds {column.type}, not numbers.", "Give numbers.", key=name) from error
