"""Columns of a randomised test that must have been measured after treatment.

Nothing known before a random draw can depend on it: a column that differs between the arms far beyond
chance came later, and so did a near-copy of an outcome.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from retention_lab.arrays import Floats, Ints
from retention_lab.labels import label_text

LEVEL = 0.001  # of all columns together: a clean file loses a column in one of a thousand cases
COPY = 0.9  # correlation with an outcome's ranks beyond which a column repeats it
_FEW = 20  # values up to which a column is compared value by value


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A column, the reason in plain words, and whether the arms gave it away (or the outcome did)."""

    column: str
    why: str
    by_arm: bool


def differing_columns(table: pa.Table, names: Sequence[str], treatment: str) -> list[Suspicion]:
    """Columns whose values, or whose gaps, differ between the arms; corrected for their number.

    Tests: chi-square of independence (few values, gaps), Kruskal and Wallis (1952), JASA 47(260),
    doi:10.1080/01621459.1952.10483441 (ranks, so that one large order proves nothing).
    """
    arm = _codes(table.column(treatment))
    found = []
    for name in names:
        column = table.column(name)
        p_value = min(1.0, len(names) * min(_gaps_differ(column, arm), _values_differ(column, arm)))
        if p_value < LEVEL:
            found.append(
                Suspicion(name, f"it differs between the arms far beyond chance (p {_p(p_value)})", True)
            )
    return found


def outcome_copies(table: pa.Table, names: Sequence[str], outcomes: Sequence[str]) -> list[Suspicion]:
    """Columns that repeat an outcome: numbers by rank correlation, words by the variance explained."""
    ranked = {outcome: stats.rankdata(_floats(table.column(outcome))) for outcome in outcomes}
    found = []
    for name in names:
        copied = _copied(table.column(name), ranked)
        if copied is not None:
            found.append(Suspicion(name, f"it is nearly a copy of the outcome '{copied}'", False))
    return found


def _copied(column: pa.ChunkedArray, ranked: Mapping[str, Floats]) -> str | None:
    if not _is_numeric(column) and pc.count_distinct(column).as_py() > len(column) / 5:
        return None  # so many words tell every row apart, and would seem to explain anything
    for outcome, ranks in ranked.items():
        if _strength(column, ranks) > COPY:
            return outcome
    return None


def _strength(column: pa.ChunkedArray, ranks: Floats) -> float:
    """0 to 1: how far a column alone tells the ranks of an outcome."""
    if np.ptp(ranks) == 0:
        return 0.0
    if _is_numeric(column):
        own = stats.rankdata(_floats(column))
        return abs(float(np.corrcoef(own, ranks)[0, 1])) if np.ptp(own) > 0 else 0.0
    codes = _codes(column.cast(pa.string()).fill_null(""))
    means = np.bincount(codes, weights=ranks) / np.maximum(np.bincount(codes), 1)
    return float(np.sqrt(np.var(means[codes]) / np.var(ranks)))


def _gaps_differ(column: pa.ChunkedArray, arm: Ints) -> float:
    if column.null_count in (0, len(column)):
        return 1.0
    return _chi_square(np.asarray(column.is_null().to_numpy(), dtype=np.int64), arm)


def _values_differ(column: pa.ChunkedArray, arm: Ints) -> float:
    here = np.asarray(column.is_valid().to_numpy(), dtype=np.bool_)
    values, arms = column.drop_null(), arm[here]
    distinct = pc.count_distinct(values).as_py()
    if distinct < 2 or len(np.unique(arms)) < 2:
        return 1.0
    if distinct <= _FEW or not _is_numeric(values):
        return _chi_square(_codes(values), arms) if distinct <= len(values) / 5 else 1.0
    numbers = _floats(values)
    return float(stats.kruskal(*(numbers[arms == k] for k in np.unique(arms))).pvalue)


def _chi_square(codes: Ints, arm: Ints) -> float:
    width = int(codes.max()) + 1
    counts = np.bincount(arm * width + codes, minlength=(int(arm.max()) + 1) * width).reshape(-1, width)
    counts = counts[counts.sum(axis=1) > 0]
    rare = counts.sum(axis=0) < 10 * len(
        counts
    )  # too few for the chi-square approximation: taken as one value
    counts = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    counts = counts[:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return 1.0
    return float(stats.chi2_contingency(counts, correction=False).pvalue)


def _codes(column: pa.ChunkedArray) -> Ints:
    encoded = label_text(column).combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)


def _is_numeric(column: pa.ChunkedArray) -> bool:
    kind = column.type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _floats(column: pa.ChunkedArray) -> Floats:
    """Numbers, with gaps as the smallest value less one, so that a gap is a value of its own in ranks."""
    numbers = (
        column.cast(pa.float64())
        if not pa.types.is_boolean(column.type)
        else column.cast(pa.int64()).cast(pa.float64())
    )
    values = np.asarray(numbers.to_numpy(), dtype=np.float64)
    gaps = ~np.isfinite(values)
    return np.where(gaps, np.min(values[~gaps], initial=0.0) - 1.0, values)


def _p(p_value: float) -> str:
    return f"{p_value:.1g}" if p_value > 1e-16 else "below 1e-16"
