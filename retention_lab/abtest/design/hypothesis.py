"""What one comparison with control is tested for, and how often it may raise a false alarm."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from retention_lab.errors import LabError, did_you_mean

Alternative = Literal["two_sided", "greater", "less"]
Distribution = Literal["t", "normal"]
Correction = Literal["holm", "hochberg", "bonferroni", "benjamini_hochberg", "dunnett", "none"]

_ALTERNATIVES = ("two_sided", "greater", "less")
_DISTRIBUTIONS = ("t", "normal")
_CORRECTIONS = ("holm", "hochberg", "bonferroni", "benjamini_hochberg", "dunnett", "none")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One comparison of an arm with control.

    alpha: chance of a false alarm in this comparison, see `alpha_of_each` where there are several.
    null: effect that is tested against, in the metric's unit: 0, or minus the margin of a non-inferiority
    test.
    distribution: `t` has Welch's degrees of freedom and knows of the metric's skewness, or has the pooled
    ones; `normal` is the formula of large samples. It speaks of tests with one look; boundaries over several
    looks are normal ones.
    pooled: one variance for both arms under the null; for a proportion this is the textbook's z test.

    Raises LabError when alpha does not lie between 0 and 1/2, or a word is not known.
    """

    alpha: float = 0.05
    alternative: Alternative = "two_sided"
    null: float = 0.0
    distribution: Distribution = "t"
    pooled: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 0.5:
            raise LabError(
                f"alpha is {self.alpha:g}, but a chance of a false alarm lies between 0 and 0.5.",
                "Give a small share such as 0.05.",
            )
        if not isfinite(self.null):
            raise LabError(f"The null effect is {self.null}.", "Give a finite number in the metric's unit.")
        _known("alternative", self.alternative, _ALTERNATIVES)
        _known("distribution", self.distribution, _DISTRIBUTIONS)

    @property
    def tail(self) -> float:
        """The share of alpha that lies on the side of an effect."""
        return self.alpha / 2 if self.alternative == "two_sided" else self.alpha

    @property
    def sign(self) -> float:
        """The direction in which an effect is looked for: 1 up (and for both directions), -1 down."""
        return -1.0 if self.alternative == "less" else 1.0


def non_inferiority(
    margin: float,
    *,
    better: Literal["higher", "lower"] = "higher",
    alpha: float = 0.05,
    distribution: Distribution = "t",
) -> Hypothesis:
    """One-sided: the arm is not worse than control by as much as the margin, in the metric's unit, above 0.

    Units are then planned for the effect that is believed in, usually 0: the margin is the distance to
    detect.

    Raises LabError when the margin is not above 0, or `better` is not known.
    """
    if not (isfinite(margin) and margin > 0):
        raise LabError(
            f"The margin is {margin:g}, so there is nothing that an arm may be worse by.",
            "Give a margin above 0, in the metric's unit; for superiority use the null effect 0.",
        )
    _known("better", better, ("higher", "lower"))
    if better == "higher":
        return Hypothesis(alpha, "greater", -margin, distribution)
    return Hypothesis(alpha, "less", margin, distribution)


def alpha_of_each(alpha: float, comparisons: int, correction: Correction) -> float:
    """The level at which each of several comparisons may be planned, when together they keep `alpha`.

    Bonferroni's bound, for every correction: Holm, Hochberg, Benjamini-Hochberg and Dunnett reject all that
    Bonferroni rejects, so a plan made at this level has at least its power under them.

    Raises LabError when there is no comparison, or the correction is not known.
    Source: Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70; Dunnett (1955), JASA 50(272),
    doi:10.1080/01621459.1955.10501294.

    >>> alpha_of_each(0.05, 2, "holm")
    0.025
    """
    if comparisons < 1:
        raise LabError(f"{comparisons} comparisons were planned.", "Plan at least one arm and one metric.")
    _known("correction", correction, _CORRECTIONS)
    return alpha if correction == "none" else alpha / comparisons


def _known(setting: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise LabError(f"No {setting} is named '{word}'.", did_you_mean(word, known))
