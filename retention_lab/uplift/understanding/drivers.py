"""Which features move the effect, in which direction, and why one customer's effect is what it is.

All of it describes the model: what it uses, not what would happen if a customer's feature were changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import stats

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.features import Features

_BINS = 5  # of a number, of about equally many customers
_LEVELS = 10  # of a category, the most frequent ones; the others are one bin
_NAMED_LEVELS = 3  # that raise the effect most, and as many that lower it
_RARE = 0.005  # share of the customers below which a level's average says little


class ExplainedModel(Protocol):
    """An effect model that can say what each feature adds to its effects."""

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of each offer's effect, base value last; they sum to the effect."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers alike in one feature: numbers above `low` and up to `high`, a level, or missing.

    low, high: None where the bin is open, or not of numbers; level: None for numbers and missing; others: the
    levels that are too rare for a bin of their own. share: of the customers. contribution: mean, in the
    outcome's unit.
    """

    share: float
    contribution: float
    low: float | None = None
    high: float | None = None
    level: str | None = None
    others: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Driver:
    """How one feature moves one offer's effect.

    strength: mean absolute contribution per customer, in the outcome's unit; share: of the strength of all
    features. trend: rank correlation of a number with its contribution (1: more means a higher effect); None
    for categories, and where nothing varies. raising, lowering: levels of a category, strongest first.
    bins: how the contribution goes along the feature.
    """

    feature: str
    strength: float
    share: float
    trend: float | None
    raising: tuple[str, ...]
    lowering: tuple[str, ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class OfferDrivers:
    """base: the effect before any feature is known, in the outcome's unit; drivers: strongest first."""

    arm: str
    base: float
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """value: the customer's level or number (None: missing); contribution: what it adds to the effect."""

    feature: str
    value: str | float | None
    contribution: float


@dataclass(frozen=True, slots=True)
class Why:
    """effect = base + all contributions = base + those of `reasons` + rest, in the outcome's unit."""

    arm: str
    effect: float
    base: float
    reasons: tuple[Reason, ...]
    rest: float


def drivers(
    model: ExplainedModel,
    features: Features,
    arms: Sequence[str],
    rows: int = 20_000,
    seed: int = 7,
    smallest: int = 1,
) -> tuple[OfferDrivers, ...]:
    """What moves each offer's effect, over all customers or, where they are more, a random `rows` of them.

    arms: names, control first. smallest: fewest of these customers who share a level that is named, so that
    words that tell single customers apart stay unsaid.
    Raises LabError without customers, or where the contributions have another shape than features and arms
    ask for.
    Source: Lundberg et al. (2020), Nature Machine Intelligence 2, doi:10.1038/s42256-019-0138-9.
    """
    if len(features) > rows:
        features = features.rows(np.sort(np.random.default_rng(seed).choice(len(features), rows, False)))
    found = _contributions(model, features, arms)
    return tuple(
        OfferDrivers(arm, float(found[:, k, -1].mean()), _drivers(features, found[:, k, :-1], smallest))
        for k, arm in enumerate(arms[1:])
    )


def why(model: ExplainedModel, customer: Features, arms: Sequence[str], count: int = 5) -> tuple[Why, ...]:
    """The `count` strongest contributions to one customer's effects; customer: one row; arms: control first.

    Raises LabError where there is not exactly one row.
    """
    if len(customer) != 1:
        raise LabError(f"{len(customer)} customers were given.", "Ask about one customer at a time.")
    found = _contributions(model, customer, arms)[0]
    return tuple(_why(customer, found[k], arm, count) for k, arm in enumerate(arms[1:]))


def _contributions(model: ExplainedModel, features: Features, arms: Sequence[str]) -> Floats:
    if len(features) == 0:
        raise LabError("There are no customers to explain the effects of.", "Provide at least one row.")
    found = model.contributions(features)
    wanted = (len(features), len(arms) - 1, len(features.schema.names) + 1)
    if found.shape != wanted:
        raise LabError(
            f"The model's contributions have shape {found.shape}; features and arms ask for {wanted}.",
            "Explain the model with the features and arms that it was fitted on.",
        )
    return found


def _drivers(features: Features, contributions: Floats, smallest: int) -> tuple[Driver, ...]:
    strength = np.abs(contributions).mean(axis=0)
    total = float(strength.sum())
    order = np.argsort(-strength, kind="stable")
    shares = strength / total if total > 0 else np.zeros_like(strength)
    return tuple(_driver(features, int(j), contributions[:, j], float(shares[j]), smallest) for j in order)


def _driver(features: Features, j: int, contribution: Floats, share: float, smallest: int) -> Driver:
    name, levels, values = features.schema.names[j], features.schema.levels[j], features.values[:, j]
    strength = float(np.abs(contribution).mean())
    if levels is None:
        trend = _rank_correlation(values, contribution)
        return Driver(name, strength, share, trend, (), (), _number_bins(values, contribution))
    count, mean = _by_level(values, contribution, len(levels))
    common = [i for i in np.argsort(mean, kind="stable") if count[i] >= max(smallest, _RARE * len(values))]
    raising = tuple(levels[i] for i in reversed(common) if mean[i] > 0)[:_NAMED_LEVELS]
    lowering = tuple(levels[i] for i in common if mean[i] < 0)[:_NAMED_LEVELS]
    bins = _level_bins(values, contribution, levels, smallest)
    return Driver(name, strength, share, None, raising, lowering, bins)


def _by_level(codes: Floats, contribution: Floats, levels: int) -> tuple[Floats, Floats]:
    known = ~np.isnan(codes)
    code = codes[known].astype(np.int64)
    count = np.bincount(code, minlength=levels).astype(np.float64)
    mean = np.bincount(code, weights=contribution[known], minlength=levels) / np.maximum(count, 1.0)
    return count, mean


def _rank_correlation(values: Floats, contribution: Floats) -> float | None:
    known = ~np.isnan(values)
    ranks = [stats.rankdata(x[known]) for x in (values, contribution)]
    if known.sum() < 2 or any(np.ptp(rank) == 0 for rank in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _number_bins(values: Floats, contribution: Floats) -> tuple[Bin, ...]:
    known = ~np.isnan(values)
    found: list[Bin] = []
    if known.any():
        cuts = np.quantile(values[known], np.linspace(0, 1, _BINS + 1)[1:-1], method="lower")
        cuts = np.unique(cuts[cuts < values[known].max()])
        code = np.searchsorted(cuts, values, side="left")
        edges = [None, *(float(cut) for cut in cuts), None]
        for b in range(len(cuts) + 1):
            here = known & (code == b)
            found.append(Bin(*_summary(here, contribution), low=edges[b], high=edges[b + 1]))
    return tuple(found) + _missing_bin(~known, contribution)


def _level_bins(codes: Floats, contribution: Floats, levels: Sequence[str], smallest: int) -> tuple[Bin, ...]:
    known = ~np.isnan(codes)
    count = np.bincount(codes[known].astype(np.int64), minlength=len(levels))
    kept = [int(i) for i in np.argsort(-count, kind="stable")[:_LEVELS] if count[i] >= smallest]
    found = [Bin(*_summary(codes == i, contribution), level=levels[i]) for i in kept]
    rest = known & ~np.isin(codes, kept)
    if rest.any():
        found.append(Bin(*_summary(rest, contribution), others=True))
    return tuple(found) + _missing_bin(~known, contribution)


def _missing_bin(missing: Bools, contribution: Floats) -> tuple[Bin, ...]:
    return (Bin(*_summary(missing, contribution), missing=True),) if missing.any() else ()


def _summary(rows: Bools, contribution: Floats) -> tuple[float, float]:
    return float(rows.mean()), float(contribution[rows].mean())


def _why(customer: Features, contributions: Floats, arm: str, count: int) -> Why:
    added, base = contributions[:-1], float(contributions[-1])
    order = np.argsort(-np.abs(added), kind="stable")[:count]
    reasons = tuple(
        Reason(customer.schema.names[j], _shown(customer, int(j)), float(added[j])) for j in order
    )
    rest = float(added.sum() - added[order].sum())
    return Why(arm, base + float(added.sum()), base, reasons, rest)


def _shown(customer: Features, j: int) -> str | float | None:
    value, levels = float(customer.values[0, j]), customer.schema.levels[j]
    if np.isnan(value):
        return None
    return value if levels is None else levels[int(value)]
