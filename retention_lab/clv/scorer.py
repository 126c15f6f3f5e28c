"""The registered value model: a transaction log in, what each customer will buy and be worth out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.clv.discounting import discounted_purchases, rate_of_period
from retention_lab.clv.gamma_gamma import GammaGamma
from retention_lab.clv.history import History, Scale, history_of
from retention_lab.clv.learners import Model, forecast, read_learner
from retention_lab.clv.purchase_days import PurchaseDays, purchase_days
from retention_lab.clv.purchases import FILE
from retention_lab.clv.summary import day_number
from retention_lab.clv.value_model import ValueModel
from retention_lab.errors import LabError, did_you_mean

_SCORER = "scorer.json"
_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Columns:
    """Names in a log: whose line it is, when, and how much (None: amounts are not known)."""

    customer: str
    time: str
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class ClvScorer:
    """learner, model: expected purchases. spending: what one is worth; None where amounts are not known.

    unit_days: of the model's times. horizon_days: over which customers are valued. discount_rate_year: 0.1
    is 10 % a year. last_day: the end of the observation that it was fitted to, in days since 1970.
    columns: of a log that is scored. id_column: the same as columns.customer.
    """

    learner: str
    model: Model
    spending: GammaGamma | None
    unit_days: float
    horizon_days: int
    discount_rate_year: float
    last_day: int
    columns: Columns
    id_column: str | None = None

    def history(self, days: PurchaseDays, last: int, scale: Scale | None = None) -> History:
        """Of the customers known by day `last`; scale: of the whole log, where these are a part of it."""
        return history_of(days, last, self.unit_days, scale)

    def scale(self, history: History) -> Scale:
        """What a part of these customers is to be measured by, to be forecast as within the whole."""
        return self.model.scale(history) if isinstance(self.model, ValueModel) else history.scale

    def expected_purchases(self, history: History, days: float | None = None) -> Floats:
        """(n,) purchases expected in so many days after the end; None: the horizon."""
        ahead = self.horizon_days if days is None else days
        return forecast(self.model, history, ahead / self.unit_days)

    def probability_alive(self, history: History) -> Floats:
        """(n,) chance to be a customer still."""
        if isinstance(self.model, ValueModel):
            return self.model.probability_alive(history)
        found = getattr(self.model, "probability_alive", None)
        if found is None:
            raise LabError(f"The baseline '{self.learner}' knows no leaving.", "Register a model.")
        return np.asarray(found(history.summary.rows), dtype=np.float64)

    def expected_value(self, history: History, days: float | None = None) -> Floats:
        """(n,) money expected in so many days after the end, not discounted; None: over the horizon.

        Raises LabError where amounts are not known.
        """
        if self.spending is None:
            raise LabError("The log has no amounts, so customers have no value.", "Name its `amount` column.")
        if isinstance(self.model, ValueModel):
            ahead = self.horizon_days if days is None else days
            return self.model.expected_value(history, ahead / self.unit_days)
        summary = history.summary
        each = self.spending.expected_value(summary.rows.frequency, summary.mean_value)
        return np.asarray(self.expected_purchases(history, days) * each, dtype=np.float64)

    def lifetime_value(self, history: History) -> Floats:
        """(n,) money expected over the horizon, discounted at the end of each month.

        Raises LabError where amounts are not known.
        """
        purchases, discounted = self._discounted(history)
        share = np.divide(discounted, purchases, out=np.ones_like(purchases), where=purchases > 0)
        return np.asarray(self.expected_value(history) * share, dtype=np.float64)

    def scores(self, history: History) -> pa.Table:
        """One row a customer: id, expected_purchases, probability_alive, clv (null without amounts)."""
        n = len(history)
        clv = pa.nulls(n, pa.float64()) if self.spending is None else pa.array(self.lifetime_value(history))
        return pa.table(
            {
                "id": pa.array(history.summary.ids, pa.string()),
                "expected_purchases": pa.array(self.expected_purchases(history)),
                "probability_alive": pa.array(self.probability_alive(history)),
                "clv": clv,
            },
            schema=self.output_schema(),
        )

    def predict(self, table: pa.Table, params: Mapping[str, Any]) -> pa.Table:
        """Scores of the customers of a log, in the order in which they first appear in it.

        params: `end`, the last day that was observed (1997-09-30); "" is the last day of the log.
        Raises LabError where a column is missing, or the rows are no log.
        """
        wanted = replace(self.columns, customer=self.id_column or self.columns.customer)
        days = log_days(table, wanted)
        end = str(params.get("end") or "")
        last = day_number(end) if end else int(days.day.max())
        return self.scores(self.history(days, last))

    def output_schema(self) -> pa.Schema:
        """Of the scores."""
        numbers = ("expected_purchases", "probability_alive", "clv")
        return pa.schema([("id", pa.string()), *((name, pa.float64()) for name in numbers)])

    def to_files(self) -> dict[str, bytes]:
        """What it is in JSON, and the files of its parts in a folder each."""
        about = {
            "learner": self.learner,
            "unit_days": self.unit_days,
            "horizon_days": self.horizon_days,
            "discount_rate_year": self.discount_rate_year,
            "last_day": self.last_day,
            "columns": asdict(self.columns),
        }
        files = {_SCORER: json.dumps(about, allow_nan=False).encode()}
        files |= {f"model/{name}": data for name, data in self.model.to_files().items()}
        if self.spending is not None:
            files[f"spending/{FILE}"] = self.spending.to_files()[FILE]
        return files

    def _discounted(self, history: History) -> tuple[Floats, Floats]:
        """(n,) purchases over the horizon, plain and discounted, of the model's own forecasts by month.

        Of a value model, those of its base: trees have learned one horizon.
        """
        model = self.model.base if isinstance(self.model, ValueModel) else self.model
        months = max(1, round(self.horizon_days / _MONTH))
        length = self.horizon_days / months
        rate = rate_of_period(self.discount_rate_year, length)
        rows, period = history.summary.rows, length / self.unit_days
        plain = model.expected_purchases(rows, months * period)
        return plain, discounted_purchases(model, rows, period, months, rate)


def from_files(files: Mapping[str, bytes]) -> ClvScorer:
    """The scorer that `to_files` wrote."""
    about = json.loads(files[_SCORER])
    own = {name.removeprefix("model/"): data for name, data in files.items() if name.startswith("model/")}
    spending = files.get(f"spending/{FILE}")
    columns = Columns(**about.pop("columns"))
    return ClvScorer(
        model=read_learner(about["learner"], own),
        spending=None if spending is None else GammaGamma.from_files({FILE: spending}),
        columns=columns,
        id_column=columns.customer,
        **about,
    )


def log_days(table: pa.Table, columns: Columns) -> PurchaseDays:
    """The purchase days of a log with these columns. Raises LabError where one is missing."""
    for name in (columns.customer, columns.time, columns.amount):
        if name is not None and name not in table.column_names:
            raise LabError(f"There is no column '{name}'.", did_you_mean(name, table.column_names), key=name)
    amounts = None if columns.amount is None else _numbers(table.column(columns.amount), columns.amount)
    return purchase_days(table.column(columns.customer), table.column(columns.time), amounts)


def _numbers(column: pa.ChunkedArray, name: str) -> Floats:
    try:
        return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LabError(f"The amounts are {column.type}, not numbers.", "Give numbers.", key=name) from error
