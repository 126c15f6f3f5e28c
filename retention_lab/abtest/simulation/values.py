"""Arms' values of a metric in many replications at once: the arithmetic of `arm.py` and `stratify.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.arm import Adjustment, Form
from retention_lab.abtest.simulation.sums import ManySums, added
from retention_lab.arrays import Bools, Floats

_SINGULAR = 1e-10  # as in `arm.py`


@dataclass(frozen=True, slots=True)
class ArmValues:
    """(...) `arm.ArmValue` of each replication. offset: what all values have in common; beyond: the rest;
    third, fourth: None where they are not known."""

    beyond: Floats
    variance: Floats
    n: Floats
    third: Floats | None = None
    fourth: Floats | None = None
    offset: float = 0.0

    @property
    def value(self) -> Floats:
        """In the metric's unit."""
        return np.asarray(self.offset + self.beyond)

    @property
    def error(self) -> Floats:
        """Variance of the value."""
        return np.asarray(self.variance / np.maximum(self.n, 1))

    def at(self, place: int) -> "ArmValues":
        """One place on the first axis, such as one look."""
        third = None if self.third is None else self.third[place]
        fourth = None if self.fourth is None else self.fourth[place]
        return ArmValues(self.beyond[place], self.variance[place], self.n[place], third, fourth, self.offset)


@dataclass(frozen=True, slots=True)
class ManyCompared:
    """Control and an arm. covariance: (...) of their values; known: (...) whether both can be computed, which
    asks for two units an arm, and in every stratum, and denominators that are not 0."""

    control: ArmValues
    treated: ArmValues
    covariance: Floats
    known: Bools

    def at(self, place: int) -> "ManyCompared":
        """One place on the first axis, such as one look."""
        return ManyCompared(
            self.control.at(place), self.treated.at(place), self.covariance[place], self.known[place]
        )


def compare_many(
    control: ManySums, treated: ManySums, form: Form, adjustment: Adjustment = "pooled"
) -> ManyCompared:
    """As `arm.compared`, of units that were randomised one by one."""
    together = added([control, treated])
    theta = _theta(together.mean, together.covariance, form)
    middle = _covariates(together.centre, together.shift, form)
    offset = float(together.centre[0]) if form.below is None else 0.0
    arms, known = [], np.ones(control.count.shape, dtype=np.bool_)
    for one in (control, treated):
        own = _theta(one.mean, one.covariance, form) if adjustment == "by_arm" else theta
        weight = _weight(one.mean, form, own)
        apart = _covariates(one.centre, one.shift, form) - middle
        beyond = _value(one.centre, one.shift, 0, form.below) - np.sum(own * apart, axis=-1)
        variance = np.maximum(np.einsum("...i,...ij,...j->...", weight, one.covariance, weight), 0.0)
        third, fourth = (one.shape if form == Form() else None) or (None, None)
        arms.append(ArmValues(beyond, variance, one.count, third, fourth, offset))
        known &= _known(one.count, one.mean, form)
    return ManyCompared(arms[0], arms[1], np.zeros(control.count.shape), known)


def compare_strata(
    control: Sequence[ManySums], treated: Sequence[ManySums], form: Form, adjustment: Adjustment = "pooled"
) -> ManyCompared:
    """As `stratify.stratified`: the sums of every stratum, for control and the arm."""
    together = [added([a, b]) for a, b in zip(control, treated, strict=True)]
    sizes = np.stack([one.count for one in together])
    units = sizes.sum(axis=0)
    share = (sizes / np.maximum(units, 1))[..., None]
    within = [np.stack([one.shift for one in arm]) for arm in (control, treated)]
    middles = [np.sum(share * means, axis=0) for means in within]
    spread = [means - middle for means, middle in zip(within, middles, strict=True)]
    overall, centre = added(together), control[0].centre
    theta = _theta(overall.mean, _within(together), form)
    middle = _covariates(centre, overall.shift, form)
    offset = float(centre[0]) if form.below is None else 0.0
    arms, weights, known = [], [], np.ones(units.shape, dtype=np.bool_)
    for arm, shift, own in zip((control, treated), middles, spread, strict=True):
        mean = centre + shift
        chosen = _theta(mean, _within(arm), form) if adjustment == "by_arm" else theta
        weight = _weight(mean, form, chosen)
        apart = _covariates(centre, shift, form) - middle
        beyond = _value(centre, shift, 0, form.below) - np.sum(chosen * apart, axis=-1)
        inside = sum(
            s[..., None] ** 2 * one.covariance / np.maximum(one.count, 1)[..., None, None]
            for s, one in zip(share, arm, strict=True)
        )
        error = inside + _between(own, own, share, units)
        n = np.sum([one.count for one in arm], axis=0)
        variance = np.maximum(np.einsum("...i,...ij,...j->...", weight, error, weight), 0.0) * n
        third, fourth = _shape(arm, share[..., 0], n) if form == Form() else (None, None)
        arms.append(ArmValues(beyond, variance, n, third, fourth, offset))
        weights.append(weight)
        known &= _known(np.min([one.count for one in arm], axis=0), mean, form)
    across = _between(spread[0], spread[1], share, units)
    covariance = np.einsum("...i,...ij,...j->...", weights[0], across, weights[1])
    return ManyCompared(arms[0], arms[1], covariance, known)


def _shape(arm: Sequence[ManySums], share: Floats, n: Floats) -> tuple[Floats | None, Floats | None]:
    """As in `stratify.py`; None where powers are not added up."""
    third, fourth = np.zeros(n.shape), np.zeros(n.shape)
    for weight, one in zip(share, arm, strict=True):
        shape, units = one.shape, np.maximum(one.count, 1)
        if shape is None:
            return None, None
        third += weight**3 * shape[0] / units**2
        fourth += weight**4 * shape[1] / units**3
    return third * n**2, fourth * n**3


def _within(strata: Sequence[ManySums]) -> Floats:
    freedom = np.sum([one.count - 1 for one in strata], axis=0)
    scatter = np.sum([one.scatter for one in strata], axis=0)
    return np.asarray(scatter / np.maximum(freedom, 1)[..., None, None])


def _between(one: Floats, other: Floats, share: Floats, units: Floats) -> Floats:
    """(..., p, p) covariance that the random sizes of the strata give two arms' means."""
    found = np.einsum("s...i,s...j->...ij", share * one, other)
    return np.asarray(found / np.maximum(units, 1)[..., None, None])


def _known(count: Floats, mean: Floats, form: Form) -> Bools:
    enough = count >= 2
    return np.asarray(enough if form.below is None else enough & (mean[..., form.below] != 0))


def _theta(mean: Floats, covariance: Floats, form: Form) -> Floats:
    """(..., k) as `arm.coefficients`: sweeping the covariates that vary beyond what earlier ones say."""
    x, y = _covariate_gradients(mean, form), _gradient(mean, 0, form.below)
    k = x.shape[-2]
    rows = np.concatenate([x, y[..., None, :]], axis=-2)
    joint = np.einsum("...ai,...ij,...bj->...ab", rows, covariance, rows)
    first = np.diagonal(joint, axis1=-2, axis2=-1).copy()
    found = np.zeros((*mean.shape[:-1], k), dtype=np.bool_)
    for j in range(k):
        pivot = joint[..., j, j]
        found[..., j] = (first[..., j] > 0) & (pivot > _SINGULAR * first[..., j])
        joint = np.where(found[..., j, None, None], _swept(joint, j), joint)
    return np.where(found, joint[..., :k, k], 0.0)


def _swept(joint: Floats, j: int) -> Floats:
    """The matrix after the sweep of its j-th pivot: its last column then holds regression coefficients."""
    pivot = np.where(joint[..., j, j] == 0, 1.0, joint[..., j, j])[..., None]
    row, column = joint[..., j, :] / pivot, joint[..., :, j].copy()
    column[..., j] = 0.0
    found = joint - column[..., :, None] * row[..., None, :]
    found[..., :, j] = -column / pivot
    found[..., j, :] = row
    found[..., j, j] = 1 / pivot[..., 0]
    return np.asarray(found, dtype=np.float64)


def _weight(mean: Floats, form: Form, theta: Floats) -> Floats:
    own = _gradient(mean, 0, form.below)
    return np.asarray(own - np.einsum("...k,...ki->...i", theta, _covariate_gradients(mean, form)))


def _covariates(centre: Floats, shift: Floats, form: Form) -> Floats:
    """(..., k) the covariates; of means, beyond their centres."""
    found = [_value(centre, shift, *one) for one in form.covariates]
    return np.stack(found, axis=-1) if found else np.zeros((*shift.shape[:-1], 0))


def _covariate_gradients(mean: Floats, form: Form) -> Floats:
    found = [_gradient(mean, *one) for one in form.covariates]
    return np.stack(found, axis=-2) if found else np.zeros((*mean.shape[:-1], 0, mean.shape[-1]))


def _value(centre: Floats, shift: Floats, above: int, below: int | None) -> Floats:
    """As `arm.Point.value`: a ratio of two means, or one mean beyond its centre."""
    if below is None:
        return shift[..., above]
    bottom = centre[below] + shift[..., below]
    top = centre[above] + shift[..., above]
    return np.where(bottom != 0, top / np.where(bottom != 0, bottom, 1.0), 0.0)


def _gradient(mean: Floats, above: int, below: int | None) -> Floats:
    found = np.zeros(mean.shape)
    if below is None:
        found[..., above] = 1.0
        return found
    bottom = np.where(mean[..., below] != 0, mean[..., below], np.inf)
    found[..., above] = 1 / bottom
    found[..., below] = -mean[..., above] / bottom**2
    return found
