"""Whether the customers of a plan are like those whose outcomes value it.

Held-out rows say what a plan earns among customers like themselves. Where the audience differs much from
them, in what is known of it or in what the model says of it, their totals are somebody else's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features

GROWN = 1.0  # standard deviations, for what grows as time goes by for everybody
LEAST = 0.25  # standard deviations: beyond it, adjusting for the difference rests on the model's form
_ERRORS = 4.0  # standard errors: among a thousand columns without a difference one in fifteen tables has one
_LEVELS = 20  # of a category, the commonest


@dataclass(frozen=True, slots=True)
class Difference:
    """One column's mean among the audience less that among the evidence, in standard deviations."""

    name: str
    value: float


def shifts(
    audience: Mapping[str, Floats], evidence: Mapping[str, Floats], growing: Collection[str] = ()
) -> tuple[Difference, ...]:
    """The columns whose means differ by more than `LEAST` and more than chance makes them, largest first.

    growing: columns that grow with time alone (orders so far, say): the evidence is older than the audience,
    so theirs has to be more than `GROWN`.

    audience: (n,) columns, evidence: (m,) columns of the same names; NaN is missing, and a difference in how
    often a column is missing counts as a column of its own.
    The spread is of both groups alike, so that neither one's size matters.
    Raises LabError where the names differ.
    Source: Imbens and Rubin (2015), Causal Inference, section 14.2 (normalised differences, and their .25).

    >>> shifts({"age": np.array([60.0, 61, 62, 63] * 50)}, {"age": np.array([30.0, 31, 32, 33] * 50)})[0].name
    'age'
    """
    if set(audience) != set(evidence):
        raise LabError(
            "The audience and the evidence do not have the same columns.", "Read both with one schema."
        )
    found = []
    for name, ours in audience.items():
        theirs, least = evidence[name], GROWN if name in growing else LEAST
        for label, here, there in (
            (name, ours[~np.isnan(ours)], theirs[~np.isnan(theirs)]),
            (f"{name} is missing", np.isnan(ours).astype(float), np.isnan(theirs).astype(float)),
        ):
            value = _difference(here, there, least)
            if value is not None:
                found.append(Difference(label, value))
    return tuple(sorted(found, key=lambda one: (-abs(one.value), one.name)))


def side_by_side(audience: Features, evidence: Features) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """The features of both as columns for `shifts`, of one schema.

    A category becomes a column of 0 and 1 for each of the levels that are commonest in the evidence.
    """
    ours, theirs = dict[str, Floats](), dict[str, Floats]()
    for j, (name, levels) in enumerate(zip(evidence.schema.names, evidence.schema.levels, strict=True)):
        here, there = audience.values[:, j], evidence.values[:, j]
        if levels is None:
            ours[name], theirs[name] = here, there
            continue
        count = np.bincount(there[~np.isnan(there)].astype(np.int64), minlength=len(levels))
        for code in np.argsort(-count, kind="stable")[:_LEVELS].tolist():
            label = f"{name} = {levels[code]}"
            ours[label], theirs[label] = (here == code).astype(float), (there == code).astype(float)
    return ours, theirs


def _difference(here: Floats, there: Floats, least: float) -> float | None:
    """None where the two do not differ by more than chance and `least`, or too few are known to say so."""
    if min(len(here), len(there)) < 2:
        return None
    variances = np.array([here.var(ddof=1), there.var(ddof=1)])
    spread = float(np.sqrt(variances.mean()))
    gap = float(here.mean() - there.mean())
    if spread <= 1e-12 * max(1.0, abs(float(here.mean()))):
        return None if abs(gap) <= 1e-9 * max(1.0, abs(float(here.mean()))) else float(np.sign(gap) * np.inf)
    error = float(np.sqrt(variances[0] / len(here) + variances[1] / len(there)))
    large = abs(gap) > least * spread and abs(gap) > _ERRORS * error
    return gap / spread if large else None
