"""A planned comparison: one metric, one test, the arms' shares, and the looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from retention_lab.abtest.design.hypothesis import Hypothesis
from retention_lab.abtest.design.looks import Looks
from retention_lab.abtest.design.outcome import Outcome
from retention_lab.abtest.design.precision import Precision
from retention_lab.errors import LabError

_FEWEST_CLUSTERS = 2.0  # in an arm: with fewer, no variance can be estimated


@dataclass(frozen=True, slots=True)
class Comparison:
    """A planned comparison of arms with control.

    metric: its name. outcome: its baseline and variance. shares: of the units, control first, summing to 1.
    With several arms each is compared with the one control, and power is that of the arm with the smallest
    share, which has the least; give the hypothesis the level of one comparison (`alpha_of_each`). precision:
    what covariates and clusters do to the variance. looks: None for one analysis, at the end.

    Raises LabError when the shares cannot be, or the null effect is none that can be.
    """

    metric: str
    outcome: Outcome
    hypothesis: Hypothesis = field(default_factory=Hypothesis)
    shares: Sequence[float] = (0.5, 0.5)
    precision: Precision = field(default_factory=Precision)
    looks: Looks | None = None

    def __post_init__(self) -> None:
        check_shares(self.shares)
        low, high = self.outcome.effect_range()
        if not low < self.hypothesis.null < high:
            raise LabError(
                f"The null effect is {self.hypothesis.null:g}, but effects on '{self.metric}' lie between "
                f"{low:g} and {high:g}.",
                "Give a null effect, or a margin, inside: beyond it there is nothing to test.",
            )

    @property
    def compared_shares(self) -> tuple[float, float]:
        """Control's share, and the smallest share of the other arms."""
        return self.shares[0], min(self.shares[1:])

    @property
    def fewest_units(self) -> float:
        """Units of all arms with which both compared arms have two independent ones."""
        return _FEWEST_CLUSTERS * self.precision.cluster_size / min(self.compared_shares)

    def standard_errors(self, effect: float, units: float) -> tuple[float, float]:
        """Of the estimated effect, and as the test will estimate it (another only where it pools the arms).

        units: of all arms together.
        Raises LabError when the effect cannot be, or nothing would vary in either arm.
        """
        control, treated = (share * units for share in self.compared_shares)
        of_control, of_treated = self.outcome.variances(effect)
        variance = of_control / control + of_treated / treated
        tested = variance
        if self.hypothesis.pooled:
            pooled = self.outcome.pooled_variance(effect, treated / (control + treated))
            tested = pooled * (1 / control + 1 / treated)
        factor = self.precision.factor
        return sqrt(factor * variance), sqrt(factor * tested)

    def skewness(self, effect: float, units: float) -> float:
        """Of the estimated effect, for Welch's test; 0 for the others, whose formulas know none.

        What covariates leave is taken to be as skewed as the whole.
        """
        if self.hypothesis.distribution == "normal" or self.hypothesis.pooled or self.looks is not None:
            return 0.0
        control, treated = (share * units for share in self.compared_shares)
        of_control, of_treated = self.outcome.third_moments(effect)
        scaled = float((1 - self.precision.explained) ** 1.5)
        third = scaled * (of_treated / treated**2 - of_control / control**2)
        error = self.standard_errors(effect, units)[0]
        return third / (error * error * error)

    def freedom(self, effect: float, units: float) -> float | None:
        """Degrees of freedom of the test's variance, from independent units; None for a normal test.

        Source: Welch (1947), Biometrika 34, doi:10.1093/biomet/34.1-2.28; clusters count as units.
        """
        if self.hypothesis.distribution == "normal" or self.looks is not None:
            return None
        control, treated = (share * units / self.precision.cluster_size for share in self.compared_shares)
        if self.hypothesis.pooled:
            return control + treated - 2
        of_control, of_treated = self.outcome.variances(effect)
        share = of_control / control / (of_control / control + of_treated / treated)  # of the variance
        return 1 / (share**2 / (control - 1) + (1 - share) ** 2 / (treated - 1))


def check_shares(shares: Sequence[float]) -> None:
    """Raises LabError when planned shares are fewer than two, not above 0, or do not sum to 1."""
    if len(shares) < 2:
        raise LabError(f"{len(shares)} shares were given.", "Give control's, and one for each other arm.")
    for position, share in enumerate(shares):
        if not 0 < share < 1:
            raise LabError(
                f"The share of arm {position} is {share:g}, but an arm gets some of the units, not all.",
                "Give shares between 0 and 1.",
            )
    if abs(sum(shares) - 1) > 1e-6:
        raise LabError(f"The shares sum to {sum(shares):g}, not to 1.", "Give every arm's, control's first.")
