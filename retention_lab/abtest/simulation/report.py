"""What a simulation says of the analysis: rates beside what was promised, and a sentence for each metric."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """value: share of the replications; nominal: what was promised; low, high: within which chance leaves a
    promise that is kept."""

    value: float
    nominal: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Under the names of the fields."""
        return {"value": self.value, "nominal": self.nominal, "band_low": self.low, "band_high": self.high}


@dataclass(frozen=True, slots=True)
class LookRates:
    """Of tests that are looked at on the way, and stop at the first rejection. power: None where no effect
    was planted."""

    false_positives: Rate
    power: float | None

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of `lab experiment simulate`."""
        return {"false_positives": self.false_positives.as_json(), "power": self.power}


@dataclass(frozen=True, slots=True)
class MetricSimulation:
    """One metric in one arm. intervals: share of the replications that had one; coverage: of the truth, which
    is the planted effect where there is one; effect: that one, in the metric's unit; by_looks: by method,
    `fixed` being each look as if it were the only one. reason: why there is nothing."""

    metric: str
    arm: str
    intervals: float | None = None
    false_positives: Rate | None = None
    coverage: Rate | None = None
    effect: float | None = None
    power: float | None = None
    by_looks: dict[str, LookRates] | None = None
    reason: str | None = None

    @property
    def holds(self) -> bool | None:
        """Whether no more effects are found where there are none, and no fewer truths held, than promised."""
        if self.false_positives is None or self.coverage is None:
            return None
        return self.false_positives.value <= self.false_positives.high and (
            self.coverage.value >= self.coverage.low
        )

    @property
    def sentence(self) -> str:
        """What it says, plainly."""
        found, cover = self.false_positives, self.coverage
        if found is None or cover is None:
            return f"{self.metric} in {self.arm}: {self.reason}"
        what = "the level holds" if self.holds else "the level does not hold"
        rare = " (fewer than promised: the intervals are longer than they need be)"
        lengthy = self.holds and found.value < found.low
        text = (
            f"{self.metric} in {self.arm}: {what}. Of tests without an effect {found.value:.1%} find one, "
            f"{found.nominal:.1%} are promised{rare if lengthy else ''}; intervals hold the truth in "
            f"{cover.value:.1%}."
        )
        if self.power is not None:
            text += f" An effect of {self.effect:+.4g} is found in {self.power:.0%}."
        return text

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of `lab experiment simulate`."""
        looks = None if self.by_looks is None else {n: one.as_json() for n, one in self.by_looks.items()}
        found = {
            "metric": self.metric,
            "arm": self.arm,
            "intervals": self.intervals,
            "false_positives": None if self.false_positives is None else self.false_positives.as_json(),
            "coverage": None if self.coverage is None else self.coverage.as_json(),
            "effect": self.effect,
            "power": self.power,
            "looks": looks,
            "holds": self.holds,
            "sentence": self.sentence,
        }
        return found if self.reason is None else {**found, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Simulation:
    """replications, units, looks, seed: what was run; shares: by arm, control first."""

    replications: int
    units: int
    looks: int
    seed: int
    shares: dict[str, float]
    metrics: tuple[MetricSimulation, ...]

    @property
    def holds(self) -> bool:
        """Whether no metric breaks its promise."""
        return all(one.holds is not False for one in self.metrics)

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of `lab experiment simulate`, without the name."""
        return {
            "replications": self.replications,
            "units": self.units,
            "looks": self.looks,
            "seed": self.seed,
            "shares": self.shares,
            "holds": self.holds,
            "metrics": [one.as_json() for one in self.metrics],
        }
