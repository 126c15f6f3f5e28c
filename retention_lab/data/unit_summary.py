"""The summary of an A/B test's units by SQL, wherever they lie, as `abtest.summarise` makes it in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.abtest.centres import FIRST, capped, centre_near
from retention_lab.abtest.histogram import Histogram, counted, fitting_centre
from retention_lab.abtest.metrics import Mean, Proportion, Quantile
from retention_lab.abtest.moments import Moments
from retention_lab.abtest.rows import MISSING, arm_names, codes
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import ALL, Cells, Part, Summary
from retention_lab.abtest.terms import Demand, Term, demand
from retention_lab.arrays import Floats, Ints
from retention_lab.data.sources import identifier
from retention_lab.data.unit_query import (
    UnitQuery,
    first_values_sql,
    group_sql,
    number_sql,
    portions,
    quantiles_sql,
)
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text

_ARM, _DAY, _LEVEL = "_arm", "_day", "_level"

RunSql = Callable[[str], pa.Table]


@dataclass(frozen=True)
class UnitTable:
    """Units that SQL can be asked about. relation: what stands behind FROM; run: a query's rows; kinds:
    Arrow's type of every column."""

    relation: str
    run: RunSql
    kinds: Mapping[str, pa.DataType]

    @cached_property
    def rows(self) -> int:
        """How many units there are."""
        return int(self.run(f"SELECT count(*) AS n FROM {self.relation}")["n"][0].as_py())


def summarise_table(
    table: UnitTable,
    spec: Specification,
    *,
    known: Summary | None = None,
    as_of: date | None = None,
    after: date | None = None,
) -> Summary:
    """As `abtest.summarise`: one pass over the columns that metrics ask for, one more for each segment; many
    columns are read portion by portion.

    known: an earlier summary, whose arms, centres and caps are kept. as_of: units whose window closes later
    wait; None is the table's latest day. after: only units whose window closes later are read. Columns that
    hold no missing values are read without asking each.
    Raises LabError as `abtest.summarise` does.
    """
    return _Pass(table, spec, known, as_of, after).summary()


def latest_day(table: UnitTable, spec: Specification) -> date:
    """The last day on which a unit came in. Raises LabError where no row has a time."""
    found = table.run(f"SELECT max({_exposed_sql(spec)}) AS d FROM {table.relation}")["d"][0].as_py()
    if found is None:
        raise LabError(f"No row has a time in '{spec.exposed_at}'.", "Fill the times in.", key="exposed_at")
    return date.fromisoformat(str(found)[:10])


def units_closed_by(table: UnitTable, spec: Specification, day: date) -> int:
    """How many units have a window that closes on that day or before."""
    sql = f"SELECT count(*) AS n FROM {table.relation} WHERE {_closing_sql(spec)} <= DATE '{day.isoformat()}'"
    return int(table.run(sql)["n"][0].as_py())


def _exposed_sql(spec: Specification) -> str:
    return f"CAST({identifier(str(spec.exposed_at))} AS DATE)"


def _closing_sql(spec: Specification) -> str:
    days = spec.window_days or 0
    return _exposed_sql(spec) if days == 0 else f"CAST({_exposed_sql(spec)} + INTERVAL {days} DAY AS DATE)"


@dataclass(frozen=True)
class _Pass:
    """One summary in the making."""

    table: UnitTable
    spec: Specification
    known: Summary | None
    as_of: date | None
    after: date | None = None

    def summary(self) -> Summary:
        self._require_columns()
        self._refuse_repeats()
        main = self._part(self.spec.strata, by_day=True)
        return Summary(
            self.arms,
            main,
            {name: self._part(name, by_day=False) for name in self.spec.analysis.divisions},
            self._part(self.spec.cluster, by_day=True) if self.spec.cluster else None,
            self._waiting() if self.spec.exposed_at else None,
            {m.name: self._histograms(m) for m in self.spec.metrics if isinstance(m, Quantile)},
            self.caps,
            self.edges,
        )

    @cached_property
    def arms(self) -> tuple[str, ...]:
        column = identifier(str(self.spec.arm))
        found = self.table.run(f"SELECT {column} AS {_ARM} FROM {self.table.relation} GROUP BY {column}")
        text = label_text(found[_ARM])
        if text.null_count:
            raise LabError(
                f"There are rows without an arm in '{self.spec.arm}'.",
                "Fill them in, or leave those rows out if none was assigned.",
                key="arm",
            )
        return arm_names(
            text.unique().to_pylist(), self.spec, None if self.known is None else self.known.arms
        )

    @cached_property
    def caps(self) -> dict[str, float]:
        if self.known is not None:
            return dict(self.known.caps)
        asked = [m for m in self.spec.metrics if isinstance(m, Mean) and m.winsorise is not None]
        found = {}
        for metric in asked:
            term, q = demand(metric).outcomes[0], float(metric.winsorise or 0)
            sql = quantiles_sql(self.table.relation, term, [q], self._closed)
            value = self.table.run(sql).column(0)[0].as_py()
            if value is not None:
                found[metric.name] = float(value)
        return found

    @cached_property
    def edges(self) -> tuple[float, ...]:
        """Between the groups of the score."""
        column, groups = self.spec.analysis.score, self.spec.analysis.score_groups
        if column is None:
            return ()
        if self.known is not None:
            return self.known.edges
        shares = [k / groups for k in range(1, groups)]
        found = self.table.run(quantiles_sql(self.table.relation, Term((column,)), shares, self._closed))
        values = [one[0].as_py() for one in found.columns]
        return tuple(sorted({float(value) for value in values if value is not None}))

    @cached_property
    def demands(self) -> dict[str, Demand]:
        of_means = [m for m in self.spec.metrics if not isinstance(m, Quantile)]
        return {m.name: capped(demand(m), self.caps.get(m.name)) for m in of_means}

    @cached_property
    def centres(self) -> dict[str, Floats]:
        if self.known is not None:
            return {name: self.known.main.moments[name].centre for name in self.demands}
        shares = {m.name for m in self.spec.metrics if isinstance(m, Proportion)}
        found = {}
        for some in portions(self.demands):
            terms = [term for one in some.values() for term in one.terms]
            values = iter(self._first_values(terms))
            for name, one in some.items():
                centre = np.array([centre_near(next(values)) for _ in one.terms])
                if name in shares:
                    centre[0] = 0.0  # zeros and ones add up exactly, and tell other values apart
                found[name] = centre
        return found

    def _first_values(self, terms: Sequence[Term]) -> list[Floats]:
        if not terms:
            return []
        rows = self.table.run(first_values_sql(self.table.relation, terms, FIRST, self._closed))
        return [np.asarray(column.to_numpy(), dtype=np.float64) for column in rows.columns]

    @cached_property
    def latest(self) -> date:
        """The day up to which windows have closed."""
        return latest_day(self.table, self.spec) if self.as_of is None else self.as_of

    @property
    def _closing(self) -> str:
        return _closing_sql(self.spec)

    @property
    def _closed(self) -> str | None:
        if self.spec.exposed_at is None:
            return None
        until = f"{self._closing} <= DATE '{self.latest.isoformat()}'"
        return (
            until if self.after is None else f"{until} AND {self._closing} > DATE '{self.after.isoformat()}'"
        )

    def _part(self, by: str | None, *, by_day: bool) -> Part:
        keys = {_ARM: identifier(str(self.spec.arm))}
        if by_day and self.spec.exposed_at is not None:
            keys[_DAY] = self._closing
        if by is not None:
            scored = by == self.spec.analysis.score
            keys[_LEVEL] = group_sql(Term((by,)), self.edges) if scored else identifier(by)
        asked = portions(self.demands)
        rows = [self._summed(keys, some) for some in asked]
        if len(rows[0]) == 0:
            raise LabError(
                f"No unit's window of {self.spec.window_days} days has closed by {self.latest}.",
                "Wait, or shorten `window_days`.",
                key="window_days",
            )
        return self._assembled(list(zip(asked, rows, strict=True)), by_day=by_day)

    def _summed(self, keys: Mapping[str, str], some: Mapping[str, Demand]) -> pa.Table:
        """The sums of some metrics, a row for each cell, ordered by the cell."""
        query = UnitQuery(self.table.relation, keys, some, self.centres, self._closed)
        rows = self.table.run(query.sql(guarded=False))
        if _lacks_something(rows, some):
            rows = self.table.run(query.sql(guarded=True))
        return rows.sort_by([(name, "ascending") for name in keys])

    def _assembled(self, found: Sequence[tuple[Mapping[str, Demand], pa.Table]], *, by_day: bool) -> Part:
        rows = found[0][1]
        arm = codes(label_text(rows[_ARM]), self.arms)
        days, day = _levels(rows, _DAY if by_day else None)
        levels, level = _levels(rows, _LEVEL)
        cells = Cells(arm, day, level, _counts(rows, "units"))
        moments: dict[str, Moments] = {}
        for some, own in found:
            sums = _same_cells(rows, own)
            moments |= {name: self._moments(sums, i, name, one) for i, (name, one) in enumerate(some.items())}
        return Part(days, levels, cells, moments)

    def _moments(self, rows: pa.Table, i: int, name: str, one: Demand) -> Moments:
        p = len(one.terms)
        total = np.column_stack([_numbers(rows, f"s{i}_{j}") for j in range(p)])
        if not np.isfinite(total).all():
            raise LabError(
                f"The metric '{name}' has an infinite value, with which no mean is finite.",
                "Correct it, or leave it empty: missing values are counted and left out.",
                key="metrics",
            )
        product = np.empty((len(rows), p, p))
        for j in range(p):
            for k in range(j, p):
                product[:, j, k] = product[:, k, j] = _numbers(rows, f"p{i}_{j}_{k}")
        count = _counts(rows, f"n{i}")
        third, fourth = _numbers(rows, f"t{i}"), _numbers(rows, f"f{i}")
        self._require_share(name, product[:, 0, 0], third, fourth)
        missing = _counts(rows, "units") - count
        return Moments(self.centres[name], count, total, product, third, fourth, missing)

    def _require_share(self, name: str, second: Floats, third: Floats, fourth: Floats) -> None:
        """Sum of x² (x − 1)² is 0 where all are zeros and ones, and nowhere else."""
        metric = next(m for m in self.spec.metrics if m.name == name)
        if not isinstance(metric, Proportion) or self.centres[name][0] != 0:
            return
        if np.any(np.abs(fourth - 2 * third + second) > 1e-9 * np.maximum(second, 1.0)):
            raise LabError(
                f"'{metric.column}' is a share, but holds values that are neither 0 nor 1.",
                "Make it a `mean`, or correct the column.",
                key="metrics",
            )

    def _waiting(self) -> Ints:
        column = identifier(str(self.spec.arm))
        rows = self.table.run(
            f"SELECT {column} AS {_ARM}, count(*) AS n FROM {self.table.relation} "
            f"WHERE {self._closing} > DATE '{self.latest.isoformat()}' GROUP BY {column}"
        )
        found = np.zeros(len(self.arms), dtype=np.int64)
        np.add.at(found, codes(label_text(rows[_ARM]), self.arms), _counts(rows, "n"))
        return found

    def _histograms(self, metric: Quantile) -> tuple[Histogram | None, ...]:
        value, column = number_sql(Term((metric.column,)), guarded=True), identifier(str(self.spec.arm))
        where = f"WHERE {self._closed} AND" if self._closed else "WHERE"
        rows = self.table.run(
            f"SELECT {column} AS {_ARM}, {value} AS v, count(*) AS n FROM {self.table.relation} "
            f"{where} {value} IS NOT NULL GROUP BY {column}, {value}"
        )
        arm, values, counts = (
            codes(label_text(rows[_ARM]), self.arms),
            _numbers(rows, "v"),
            _counts(rows, "n"),
        )
        if self.known is not None:
            centre = next((one.centre for one in self.known.histograms[metric.name] if one is not None), 0.0)
        else:
            centre = fitting_centre(values) if len(values) else 0.0
        return tuple(
            counted(values[arm == k], counts[arm == k], exact=True, centre=centre)
            if (arm == k).any()
            else None
            for k in range(len(self.arms))
        )

    def _require_columns(self) -> None:
        spec, kinds = self.spec, self.table.kinds
        if spec.arm is None or spec.control is None:
            raise LabError("The specification does not say who is in which arm.", "Give `arm` and `control`.")
        read = [c for m in spec.metrics for c in (*m.columns, *getattr(m, "covariates", ()))]
        named = [spec.arm, spec.unit, spec.exposed_at, spec.cluster, spec.strata, *spec.analysis.divisions]
        for name in (*named, *read):
            if name is not None and name not in kinds:
                raise LabError(
                    f"The table has no column '{name}'.", did_you_mean(name, list(kinds)), key=name
                )
        for name in read:
            if pa.types.is_string(kinds[name]) or pa.types.is_temporal(kinds[name]):
                raise LabError(
                    f"'{name}' holds {kinds[name]}, not numbers.",
                    "Name another column, or convert it.",
                    key=name,
                )
        if self.table.rows == 0:
            raise LabError("The table has no rows.", "Provide one row for each unit.")

    def _refuse_repeats(self) -> None:
        if self.spec.unit is None:
            return
        unit, arm, relation = identifier(self.spec.unit), identifier(str(self.spec.arm)), self.table.relation
        if self.after is not None:  # earlier days were asked when they were read
            relation = f"(SELECT * FROM {relation} WHERE {self._closing} > DATE '{self.after.isoformat()}')"
        found = self.table.run(
            f"SELECT count(*) AS all_rows, count({unit}) AS known, count(DISTINCT {unit}) AS different "
            f"FROM {relation}"
        )
        known, different, rows = (int(found[name][0].as_py()) for name in ("known", "different", "all_rows"))
        if known < rows:
            raise LabError(
                f"{rows - known} rows have no '{self.spec.unit}'.",
                "Fill the ids in, or leave those rows out.",
                key="unit",
            )
        if different == known:
            return
        odd = self.table.run(
            f"SELECT count(*) AS many, sum(CASE WHEN arms > 1 THEN 1 ELSE 0 END) AS switched FROM "
            f"(SELECT {unit}, count(DISTINCT {arm}) AS arms FROM {relation} GROUP BY {unit} "
            "HAVING count(*) > 1)"
        )
        many, switched = (int(odd[name][0].as_py()) for name in ("many", "switched"))
        raise LabError(
            f"{many} units stand in more than one row, {switched} of them in more than one arm.",
            "Give one row a unit, with its totals; leave out units that changed arms, from all arms alike.",
            key="unit",
        )


def _lacks_something(rows: pa.Table, some: Mapping[str, Demand]) -> bool:
    """Whether numbers of one metric are missing for different units, or some are no numbers."""
    for i, one in enumerate(some.values()):
        if len(one.terms) > 1 and not rows[f"n{i}"].equals(rows[f"m{i}"]):
            return True
        if len(one.terms) > 1 and pc.sum(rows[f"n{i}"]).as_py() != pc.sum(rows["units"]).as_py():
            return True
        if any(not np.isfinite(_numbers(rows, f"s{i}_{j}")).all() for j in range(len(one.terms))):
            return True
    return False


def _same_cells(first: pa.Table, rows: pa.Table) -> pa.Table:
    """The rows, once they are seen to be about the cells of the first query."""
    same = [name for name in (_ARM, _DAY, _LEVEL, "units") if name in first.column_names]
    if len(rows) != len(first) or not all(
        label_text(rows[one]).equals(label_text(first[one])) for one in same
    ):
        raise LabError(
            "The table changed while it was read.", "Wait until it is written to its end, and try again."
        )
    return rows


def _levels(rows: pa.Table, name: str | None) -> tuple[tuple[str, ...], Ints]:
    if name is None or name not in rows.column_names:
        return ALL, np.zeros(len(rows), dtype=np.int64)
    text = pc.fill_null(label_text(rows[name]), MISSING)
    levels = tuple(sorted(text.unique().to_pylist()))
    return levels, codes(text, levels)


def _numbers(rows: pa.Table, name: str) -> Floats:
    """Sums, 0 where there was nothing to add."""
    return np.asarray(pc.fill_null(rows[name].cast(pa.float64()), 0.0).to_numpy(), dtype=np.float64)


def _counts(rows: pa.Table, name: str) -> Ints:
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), dtype=np.int64)
