"""Power, units and effect of a planned comparison: each from the other two."""

from math import copysign, exp, inf, isfinite, log

from scipy.optimize import brentq
from scipy.special import ndtri

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.rejection import critical_value, rejection
from retention_lab.abtest.design.skewed_power import skewed_shift
from retention_lab.errors import LabError

_MOST_UNITS = 1e15
_TIGHT = 1e-15  # relative, near the limit of what the solver takes


def power_of(comparison: Comparison, effect: float, units: float) -> float:
    """The chance that the test rejects the null, when the true effect is `effect`.

    effect: in the metric's unit, for example -0.02; units: of all arms together, with their windows closed.
    With looks, the chance of having stopped by the last one.

    Raises LabError when the units are too few for a variance in both arms, the effect cannot be, or the
    looks' boundaries do not keep alpha.
    Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2 (one look).
    """
    _check_units(comparison, units)
    if comparison.looks is not None:
        comparison.looks.check_level(comparison.hypothesis, units)
    return _power(comparison, effect, units)


def required_units(comparison: Comparison, effect: float, power: float = 0.8) -> float:
    """Units of all arms together, not rounded, with which an effect is found with this power.

    effect: in the metric's unit, beyond the null in the direction of the alternative.

    Raises LabError when the power does not lie between alpha and 1, the effect is the null or lies on its
    other side, more than 1e15 units would be needed, or as `power_of`.
    """
    _check_power(comparison, power)
    _check_direction(comparison, effect)

    def surplus(log_units: float) -> float:
        return _power(comparison, effect, exp(log_units)) - power

    low = log(comparison.fewest_units)
    if surplus(low) >= 0:
        units = comparison.fewest_units
    else:
        high = max(log(_guess(comparison, effect, power)), low + 0.1)
        while high <= log(_MOST_UNITS) and surplus(high) < 0:
            low, high = high, high + 0.7
        if high > log(_MOST_UNITS):
            raise LabError(
                f"An effect of {effect:g} on '{comparison.metric}' would need more than "
                f"{_MOST_UNITS:g} units.",
                "Plan for a larger effect, or for a metric that varies less.",
            )
        units = exp(brentq(surplus, low, high, xtol=1e-14, rtol=_TIGHT))
    if comparison.looks is not None:
        comparison.looks.check_level(comparison.hypothesis, units)
    return units


def detectable_effect(comparison: Comparison, units: float, power: float = 0.8) -> float:
    """The smallest effect, in the metric's unit, that so many units of all arms find with this power.

    It lies above the null, below it where the alternative is `less`. A proportion's effects upwards and
    downwards differ; for the latter under a two-sided test, plan `less` with half the alpha.

    Raises LabError when no effect that can be has this power, the power does not lie between alpha and 1, or
    as `power_of`.
    """
    _check_power(comparison, power)
    _check_units(comparison, units)
    if comparison.looks is not None:
        comparison.looks.check_level(comparison.hypothesis, units)
    null, sign = comparison.hypothesis.null, comparison.hypothesis.sign

    def surplus(distance: float) -> float:
        return _power(comparison, null + sign * distance, units) - power

    most = _largest_distance(comparison)
    error = comparison.standard_errors(null, units)[0]
    low, high = 0.0, min(_deviates(comparison, power) * error, most)
    while surplus(high) < 0:
        if high >= most:
            raise LabError(
                f"With {units:g} units no effect on '{comparison.metric}' is found with a power of "
                f"{power:g}.",
                "Plan more units, or a lower power.",
            )
        low, high = high, min(2 * high, most)
    return null + sign * float(brentq(surplus, low, high, xtol=_TIGHT * high, rtol=_TIGHT))


def expected_units(comparison: Comparison, effect: float, units: float) -> float:
    """Units of all arms that a test with looks has used on average when it stops, of so many planned.

    It stops at the first look that crosses, else at the end. Without looks before the end it uses them all.

    Raises LabError as `power_of`.
    """
    _check_units(comparison, units)
    if comparison.looks is None:
        return units
    comparison.looks.check_level(comparison.hypothesis, units)
    error, tested = comparison.standard_errors(effect, units)
    two_sided = comparison.hypothesis.alternative == "two_sided"
    critical = tested / error * comparison.looks.critical(units)
    found = comparison.looks.crossing(critical, _shift(comparison, effect, error), two_sided=two_sided)
    return units * found.expected_fraction(comparison.looks.fractions)


def is_detectable(comparison: Comparison, units: float, power: float) -> bool:
    """Whether so many units of all arms find any effect with this power: a proportion has a largest one."""
    if units < comparison.fewest_units:
        return False
    most = _largest_distance(comparison)
    return (
        most == inf
        or _power(comparison, comparison.hypothesis.null + comparison.hypothesis.sign * most, units) >= power
    )


def _power(comparison: Comparison, effect: float, units: float) -> float:
    hypothesis = comparison.hypothesis
    error, tested = comparison.standard_errors(effect, units)
    two_sided = hypothesis.alternative == "two_sided"
    towards = _towards(comparison, effect)
    shift, stretch = _shift(comparison, effect, error), tested / error
    if comparison.looks is not None:
        critical = stretch * comparison.looks.critical(units)
        return comparison.looks.crossing(critical, shift, two_sided=two_sided).chance
    freedom = comparison.freedom(effect, units)
    shift = skewed_shift(shift, hypothesis.tail, towards * comparison.skewness(effect, units))
    return rejection(shift, stretch * critical_value(hypothesis.tail, freedom), freedom, two_sided=two_sided)


def _towards(comparison: Comparison, effect: float) -> float:
    """The direction that counts as found: the effect's own where both do."""
    hypothesis = comparison.hypothesis
    return (
        copysign(1.0, effect - hypothesis.null) if hypothesis.alternative == "two_sided" else hypothesis.sign
    )


def _shift(comparison: Comparison, effect: float, error: float) -> float:
    """Standard errors from the null to the effect, above 0 in the direction that counts."""
    return _towards(comparison, effect) * (effect - comparison.hypothesis.null) / error


def _guess(comparison: Comparison, effect: float, power: float) -> float:
    """Units of the normal test with one look, from the closed form."""
    error = comparison.standard_errors(effect, 1.0)[0]
    distance = abs(effect - comparison.hypothesis.null)
    ratio = _deviates(comparison, power) * error / distance
    return max(ratio * ratio, comparison.fewest_units)


def _deviates(comparison: Comparison, power: float) -> float:
    """How many standard errors from the null an effect lies that a normal test finds with this power."""
    return float(-ndtri(comparison.hypothesis.tail) + ndtri(power))


def _largest_distance(comparison: Comparison) -> float:
    """From the null, in the direction of the alternative, to the last effect that can be."""
    low, high = comparison.outcome.effect_range()
    null = comparison.hypothesis.null
    return null - low if comparison.hypothesis.sign < 0 else high - null


def _check_units(comparison: Comparison, units: float) -> None:
    if not (comparison.fewest_units <= units < inf):
        raise LabError(
            f"{units:g} units of all arms were planned, but a comparison needs {comparison.fewest_units:g} "
            "to have two independent ones in each of its arms.",
            "Plan more units, or a larger share for the smallest arm.",
        )


def _check_power(comparison: Comparison, power: float) -> None:
    alpha = comparison.hypothesis.alpha
    if not alpha < power < 1:
        raise LabError(
            f"A power of {power:g} was asked for at an alpha of {alpha:g}.",
            "Give a power above alpha and below 1, such as 0.8: a test without any data has power alpha.",
        )


def _check_direction(comparison: Comparison, effect: float) -> None:
    hypothesis = comparison.hypothesis
    if not isfinite(effect) or effect == hypothesis.null:
        raise LabError(
            f"The effect to detect is {effect:g}, and the null effect is {hypothesis.null:g}.",
            "Plan for a finite effect that differs from the null.",
        )
    if hypothesis.alternative != "two_sided" and hypothesis.sign * (effect - hypothesis.null) < 0:
        raise LabError(
            f"An effect of {effect:g} lies on the other side of the null {hypothesis.null:g} than the "
            f"alternative '{hypothesis.alternative}' looks.",
            "Turn the sign of the effect, or the alternative.",
        )
