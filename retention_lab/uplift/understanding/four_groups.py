"""Persuadables, sure things, lost causes and sleeping dogs, as the estimates of a model that they are."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate

GROUPS = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")
CAVEAT = (
    "The groups are estimates of a model. Nobody is seen both with and without an offer, so no customer's "
    "group is known; what was measured is the average effect of each group."
)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """effect: size from which a predicted effect counts, in the outcome's unit; baseline: predicted outcome
    without an offer above which the others are sure things."""

    effect: float
    baseline: float


@dataclass(frozen=True, slots=True)
class CustomerGroup:
    """One group: what the model predicts for it on average, and what was measured.

    share: of the customers. predicted_effect, predicted_baseline: means, in the outcome's unit; None in an
    empty group. measured: average effect from scores of rows that the model has not seen, with its interval;
    None with a `reason`, where it could not be had.
    """

    name: str
    customers: int
    share: float
    predicted_effect: float | None
    predicted_baseline: float | None
    measured: Estimate | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FourGroups:
    """All four in the order of GROUPS, where they part, and what must be said beside them."""

    boundaries: Boundaries
    groups: tuple[CustomerGroup, ...]
    caveat: str = CAVEAT


def boundaries(effect: Floats, baseline: Floats, threshold: float | None = None) -> Boundaries:
    """Where the groups part: a convention, chosen so that it depends on no outcome.

    effect, baseline: (n,) predictions for one offer. threshold: the effect that pays for the offer, say;
    None: half of the root mean square of the predicted effects, that is, half of their typical size. Sure
    things are told from lost causes at the mean of the baseline.
    Raises LabError without customers, on a prediction that is missing, and on a threshold below 0.
    """
    if len(effect) == 0 or len(effect) != len(baseline):
        raise LabError(
            f"{len(effect)} effects and {len(baseline)} baselines are given.", "Give both of every customer."
        )
    if not (np.isfinite(effect).all() and np.isfinite(baseline).all()):
        raise LabError(
            "A predicted effect or baseline is missing or infinite.", "Predict for every customer."
        )
    if threshold is not None and not threshold >= 0:
        raise LabError(f"The threshold is {threshold:g}.", "Set it to 0 or above.", key="threshold")
    size = float(np.sqrt(np.mean(effect**2))) / 2 if threshold is None else threshold
    return Boundaries(size, float(np.mean(baseline)))


def group_of(effect: Floats, baseline: Floats, at: Boundaries) -> Ints:
    """(n,) position in GROUPS of each customer.

    Persuadable: effect above `at.effect`; sleeping dog: below its negative; of the others, sure things have a
    baseline above `at.baseline`, and lost causes have not.
    """
    others = np.where(baseline > at.baseline, 1, 2)
    return np.asarray(
        np.where(effect > at.effect, 0, np.where(effect < -at.effect, 3, others)), dtype=np.int64
    )


def four_groups(
    effect: Floats,
    baseline: Floats,
    at: Boundaries,
    e: Floats | None = None,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> FourGroups:
    """Who would act because of the offer, anyway, not at all, or less: as predicted, and as measured.

    effect, baseline: (n,) predicted effect of one offer, and outcome without one; e: (n,) effect scores of
    the same customers, whom the model has not seen (gamma of the offer less gamma of control); None: nothing
    was measured. group: (n,) customer of each row.
    The intervals are of group averages. A group is picked by predictions, so its own predicted effect is
    biased outwards; its measured effect is not.
    """
    code = group_of(effect, baseline, at)
    return FourGroups(
        at,
        tuple(
            _group(name, code == i, (effect, baseline, e), group, confidence) for i, name in enumerate(GROUPS)
        ),
    )


def _group(
    name: str,
    rows: np.ndarray,
    figures: tuple[Floats, Floats, Floats | None],
    group: np.ndarray | None,
    confidence: float,
) -> CustomerGroup:
    effect, baseline, e = figures
    count = int(rows.sum())
    units = count if group is None else len(np.unique(group[rows]))
    measured, reason = None, None
    if e is None:
        reason = "No outcomes of customers that the model has not seen are given."
    elif units < 2:
        reason = f"{units} customers of this group show no spread."
    else:
        members = None if group is None else group[rows]
        measured = mean_estimate(e[rows], members, confidence=confidence)
    means = [float(x[rows].mean()) if count else None for x in (effect, baseline)]
    return CustomerGroup(name, count, float(rows.mean()), means[0], means[1], measured, reason)
