"""The one pass over an A/B test's units: what it selects, as SQL in DuckDB's dialect.

Every sum is of deviations from a centre that is written into the query, so that offsets never enter a square.
The plain form lets the engine leave out missing values number by number; the guarded form leaves a unit out
of a metric as a whole, and sets missing covariates to their centre.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retention_lab.abtest.centres import group_names
from retention_lab.abtest.terms import Demand, Term
from retention_lab.arrays import Floats
from retention_lab.data.sources import identifier

_LARGEST = 1.7e308  # beyond it is infinity, which a cap must not hide
COLUMNS_AT_ONCE = 16  # of each, an engine holds what lies in a row group: some 10 MB for a million rows


@dataclass(frozen=True, slots=True)
class UnitQuery:
    """relation: what to select from; keys: expressions that divide the units, by name; demands, centres: by
    metric; where: a condition on the rows, None for all."""

    relation: str
    keys: Mapping[str, str]
    demands: Mapping[str, Demand]
    centres: Mapping[str, Floats]
    where: str | None = None

    def sql(self, *, guarded: bool) -> str:
        """One row a cell: its keys, `units`, and for every metric the sums that `names` lists."""
        inner = [f"{expression} AS {identifier(name)}" for name, expression in self.keys.items()]
        sums = ["count(*) AS units"]
        for i, name in enumerate(self.demands):
            inner += self._deviations(i, name, guarded)
            sums += self._sums(i, name)
        keys = ", ".join(map(identifier, self.keys))
        rows = f"SELECT {', '.join(inner)} FROM {self.relation}{_where(self.where)}"
        return f"SELECT {keys}, {', '.join(sums)} FROM ({rows}) GROUP BY {keys}"

    def _deviations(self, i: int, name: str, guarded: bool) -> list[str]:
        """The numbers less their centres."""
        demand = self.demands[name]
        values = [number_sql(term, guarded) for term in demand.terms]
        centre = self.centres[name].tolist()
        shifted = [f"{v} - {c!r}" for v, c in zip(values, centre, strict=True)]
        if guarded:
            outcomes = len(demand.outcomes)
            lacking = " OR ".join(f"{v} IS NULL" for v in values[:outcomes])
            shifted = [d if j < outcomes else f"coalesce({d}, 0.0)" for j, d in enumerate(shifted)]
            shifted = [f"CASE WHEN {lacking} THEN NULL ELSE {d} END" for d in shifted]
        return [f"{d} AS d{i}_{j}" for j, d in enumerate(shifted)]

    def _sums(self, i: int, name: str) -> list[str]:
        """Counts of the first number and of all together, sums, products, and the first's higher powers."""
        p = len(self.demands[name].terms)
        first = f"d{i}_0"
        found = [f"count({first}) AS n{i}"]
        if p > 1:
            found.append(f"count({' + '.join(f'd{i}_{j}' for j in range(p))}) AS m{i}")
        found += [f"sum(d{i}_{j}) AS s{i}_{j}" for j in range(p)]
        found += [f"sum(d{i}_{j} * d{i}_{k}) AS p{i}_{j}_{k}" for j in range(p) for k in range(j, p)]
        square = f"{first} * {first}"
        return [*found, f"sum({square} * {first}) AS t{i}", f"sum({square} * ({square})) AS f{i}"]


def portions(demands: Mapping[str, Demand], most: int = COLUMNS_AT_ONCE) -> list[dict[str, Demand]]:
    """The demands in their order, so divided that no query reads more than `most` columns for them (one
    metric alone may): memory then does not grow with the number of metrics. At least one portion."""
    found: list[dict[str, Demand]] = [{}]
    columns: set[str] = set()
    for name, one in demands.items():
        columns |= set(one.columns)
        if len(columns) > most and found[-1]:
            found.append({})
            columns = set(one.columns)
        found[-1][name] = one
    return found


def number_sql(term: Term, guarded: bool) -> str:
    """A term as SQL: a double, NULL where a column is missing; guarded: also where it is NaN."""
    parts = []
    for column, weight in zip(term.columns, term.weights, strict=True):
        value = f"CAST({identifier(column)} AS DOUBLE)"
        if guarded:
            value = f"nullif({value}, CAST('NaN' AS DOUBLE))"
        parts.append(value if weight == 1 else f"{float(weight)!r} * {value}")
    total = parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"
    if term.cap is None:
        return total
    cap = f"{float(term.cap)!r}"
    return f"CASE WHEN {total} > {cap} AND {total} <= {_LARGEST!r} THEN {cap} ELSE {total} END"


def first_values_sql(relation: str, terms: Sequence[Term], rows: int, where: str | None) -> str:
    """The first rows' values, one column a term, from which centres come."""
    found = ", ".join(f"{number_sql(term, guarded=False)} AS v{i}" for i, term in enumerate(terms))
    return f"SELECT {found} FROM {relation}{_where(where)} LIMIT {rows}"


def group_sql(term: Term, edges: Sequence[float]) -> str:
    """The name of the group that a term's value falls into; NULL where it is missing."""
    value, names = number_sql(term, guarded=True), group_names(edges)
    cases = [f"WHEN {value} <= {edge!r} THEN '{name}'" for edge, name in zip(edges, names, strict=False)]
    return f"CASE WHEN {value} IS NULL THEN NULL {' '.join(cases)} ELSE '{names[-1]}' END"


def quantiles_sql(relation: str, term: Term, shares: Sequence[float], where: str | None) -> str:
    """Quantiles of a term over all arms, between order statistics, one column each."""
    value = number_sql(Term(term.columns, term.weights), guarded=True)
    found = ", ".join(f"quantile_cont({value}, {float(q)!r}) AS q{i}" for i, q in enumerate(shares))
    return f"SELECT {found} FROM {relation}{_where(where)}"


def _where(condition: str | None) -> str:
    return "" if condition is None else f" WHERE {condition}"
