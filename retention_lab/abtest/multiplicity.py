"""P-values of many comparisons, adjusted so that together they keep their promise, on the log scale.

Which promise: bonferroni, sidak, holm, holm_sidak, hochberg and hommel keep the probability of even one false
rejection at α; benjamini_hochberg and benjamini_yekutieli keep the expected share of false ones among the
rejections at α. Without any assumption: bonferroni, holm, benjamini_yekutieli. sidak and holm_sidak need
comparisons that are independent, or normal and two-sided; the others independence or positive dependence.

Sources: Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70; Hochberg (1988), Biometrika 75(4),
doi:10.1093/biomet/75.4.800; Hommel (1988), Biometrika 75(2), doi:10.1093/biomet/75.2.383; Šidák (1967), JASA
62(318), doi:10.1080/01621459.1967.10482935; Benjamini and Hochberg (1995), Journal of the Royal Statistical
Society B 57(1), doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini and Yekutieli (2001), Annals of Statistics
29(4), doi:10.1214/aos/1013699998.
"""

from collections.abc import Callable, Sequence
from math import exp, log

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import ConfigurationError, LabError, did_you_mean

Adjustment = Callable[[Floats], Floats]


def adjusted_p_values(p_values: Sequence[float | None], method: str = "holm") -> list[float | None]:
    """Adjusted p-values, in the order given; None, a comparison that was refused, stays so.

    It does not count: the others are adjusted for one another only.

    Raises LabError where a p-value is not between 0 and 1, or no method has the name.

    >>> [p and round(p, 6) for p in adjusted_p_values([0.01, None, 0.04, 0.03])]
    [0.03, None, 0.06, 0.06]
    """
    for p in p_values:
        if p is not None and not 0 <= p <= 1:
            raise LabError(
                f"A p-value is {p:g}, not between 0 and 1.", "Give None for what was not computed."
            )
    logs = [None if p is None else (log(p) if p > 0 else -np.inf) for p in p_values]
    return [None if p is None else exp(p) for p in _adjusted(logs, method)]


def adjusted_log10_p(log10_p: Sequence[float | None], method: str = "holm") -> list[float | None]:
    """`adjusted_p_values` of base-10 logarithms: p-values too small for a double stay apart, and above 0.

    Raises LabError where a logarithm is above 0 or not a number, or no method has the name.

    >>> [p and round(p, 6) for p in adjusted_log10_p([-400.0, -500.0], "bonferroni")]
    [-399.69897, -499.69897]
    """
    for value in log10_p:
        if value is not None and not value <= 0:
            raise LabError(
                f"The logarithm of a p-value is {value:g}.", "Give None for what was not computed."
            )
    logs = [None if value is None else value * log(10) for value in log10_p]
    return [None if p is None else p / log(10) for p in _adjusted(logs, method)]


def each_confidence(confidence: float, comparisons: int, method: str = "bonferroni") -> float:
    """The confidence of each of so many intervals with which all hold together: bonferroni or sidak.

    An effect that a stepwise method (holm, hochberg, hommel) rejects may have a bonferroni interval that
    includes 0: steps find more than intervals of one length can show.

    Raises LabError where the confidence is not between 0 and 1, there is nothing to compare, or for another
    method.

    >>> round(each_confidence(0.95, 2), 6)
    0.975
    """
    _check_confidence(confidence, comparisons)
    if method == "sidak":
        return float(confidence ** (1 / comparisons))
    if method == "bonferroni":
        return 1 - (1 - confidence) / comparisons
    raise ConfigurationError(
        f"Intervals that hold together are not made by '{method}'.",
        did_you_mean(method, ["bonferroni", "sidak"]),
    )


def selected_confidence(confidence: float, selected: int, comparisons: int) -> float:
    """The confidence of each interval shown for the `selected` ones that benjamini_hochberg rejected.

    On average, at most a share of 1 - `confidence` of the intervals shown then miss; each leaves 0 out.

    Raises LabError where the confidence is not between 0 and 1, or not 1 to `comparisons` are selected.
    Source: Benjamini and Yekutieli (2005), JASA 100(469), doi:10.1198/016214504000001907.

    >>> round(selected_confidence(0.95, 2, 10), 6)
    0.99
    """
    _check_confidence(confidence, comparisons)
    if not 1 <= selected <= comparisons:
        raise LabError(
            f"{selected} of {comparisons} comparisons are selected.",
            "Show these intervals for the rejected comparisons only, and none where nothing is rejected.",
        )
    return 1 - (1 - confidence) * selected / comparisons


def _adjusted(log_p: Sequence[float | None], method: str) -> list[float | None]:
    if method not in METHODS:
        raise ConfigurationError(
            f"No correction for many comparisons is named '{method}'.", did_you_mean(method, METHODS)
        )
    known = np.array([p for p in log_p if p is not None], dtype=np.float64)
    if len(known) == 0:
        return list(log_p)
    order = np.argsort(known, kind="stable")
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(METHODS[method](known[order]), 0.0)
    found = iter(adjusted.tolist())
    return [None if p is None else next(found) for p in log_p]


def _still(p: Floats) -> Floats:
    """(m,) how many hypotheses are left from each ordered p-value on: m, m - 1, ..., 1."""
    return np.arange(len(p), 0, -1, dtype=np.float64)


def _times(p: Floats, count: Floats) -> Floats:
    return np.asarray(p + np.log(count), dtype=np.float64)


def _any_of(p: Floats, count: Floats) -> Floats:
    """Logarithm of 1 - (1 - exp(p))^count: the least of `count` independent p-values is so small."""
    with np.errstate(divide="ignore", invalid="ignore"):
        survive = count * np.log1p(-np.exp(p))
        exact = np.log(-np.expm1(survive))
    return np.asarray(np.where(p < -300, _times(p, count), exact), dtype=np.float64)


def _step_down(p: Floats) -> Floats:
    return np.asarray(np.maximum.accumulate(p), dtype=np.float64)


def _step_up(p: Floats) -> Floats:
    return np.asarray(np.minimum.accumulate(p[::-1])[::-1], dtype=np.float64)


def _discoveries(p: Floats) -> Floats:
    return _step_up(_times(p, len(p) / np.arange(1.0, len(p) + 1)))


def _hommel(p: Floats) -> Floats:
    """The largest Simes p-value among the subsets that hold each hypothesis, of every size."""
    m = len(p)
    adjusted = p.copy()
    for size in range(1, m + 1):
        rest = p[m - size + 1 :]  # a subset of that size is least significant with the largest p-values
        simes = np.min(_times(rest, size / np.arange(2.0, size + 1)), initial=np.inf)
        own = np.minimum(_times(p, np.full(m, float(size))), simes)
        own[m - size + 1 :] = own[m - size]
        adjusted = np.maximum(adjusted, own)
    return adjusted


# Of (m,) natural logarithms of p-values in growing order; those above 0 are cut by the caller.
METHODS: dict[str, Adjustment] = {
    "none": lambda p: p,
    "bonferroni": lambda p: _times(p, np.full(len(p), float(len(p)))),
    "sidak": lambda p: _any_of(p, np.full(len(p), float(len(p)))),
    "holm": lambda p: _step_down(_times(p, _still(p))),
    "holm_sidak": lambda p: _step_down(_any_of(p, _still(p))),
    "hochberg": lambda p: _step_up(_times(p, _still(p))),
    "hommel": _hommel,
    "benjamini_hochberg": _discoveries,
    "benjamini_yekutieli": lambda p: _discoveries(p) + np.log(np.sum(1 / np.arange(1.0, len(p) + 1))),
}


def _check_confidence(confidence: float, comparisons: int) -> None:
    if not 0 < confidence < 1 or comparisons < 1:
        raise LabError(
            f"{comparisons} intervals were asked for at the confidence {confidence:g}.",
            "Give a confidence such as 0.95 and one comparison or more.",
        )
