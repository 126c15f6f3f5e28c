"""What the report of an A/B test says, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from retention_lab.checks import Check, hard_failures
from retention_lab.errors import LabError
from retention_lab.reports.parts import Origin

Kind = Literal["share", "number", "money"]
Role = Literal["primary", "secondary", "guardrail", "diagnostic"]
State = Literal["better", "worse", "open", "within", "not_within", "unknown"]
Cause = Literal["failed_check", "before_end", "no_primary", "better", "worse", "open", "open_at_end"]
Timing = Literal["always_valid", "fixed", "group_sequential"]
Reason = Literal["", "quantile_looks", "not_begun", "too_few", "clusters", "other"]


@dataclass(frozen=True, slots=True)
class Range:
    """An effect with its interval; low or high None: that side is open."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric as the page writes it. kind: share (0 to 1), money (in the report's currency) or number."""

    name: str
    kind: Kind
    role: Role = "secondary"
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """A metric in one arm beside control, in the metric's own unit.

    state: what it shows after correction; reason: why it is unknown. units: with the metric, of the arm and
    control. relative: as a share of control, None where that says nothing. margin: how much worse a guardrail
    may be. p_value: of non-inferiority where there is a margin. variance_reduction: share that covariates
    took off. believed: how likely the arm is the better one, and what giving it to all is expected to cost
    where it is not, in the metric's unit; None where nobody asked.
    """

    measure: Measure
    arm: str
    state: State
    units: tuple[int, int]
    reason: Reason = ""
    mean_arm: float | None = None
    mean_control: float | None = None
    effect: Range | None = None
    relative: Range | None = None
    margin: float | None = None
    p_value: float | None = None
    p_value_adjusted: float | None = None
    variance_reduction: float | None = None
    believed: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """Whether one effect holds at every level; p_value None: too few levels could be compared."""

    metric: str
    arm: str
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A column's levels, each with a primary metric in one arm. small: levels too small to be named; rest:
    comparisons that the page has no room for; together: whether intervals hold for all levels at once."""

    column: str
    results: tuple[tuple[str, Result], ...]
    interactions: tuple[Interaction, ...]
    small: int = 0
    rest: int = 0
    together: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """An effect on a day. units: in the comparison; effect None: it could not be computed."""

    first: date
    last: date
    units: int
    effect: Range | None


@dataclass(frozen=True, slots=True)
class Course:
    """A primary metric in one arm over time: looks at all units so far, and each period's units alone."""

    measure: Measure
    arm: str
    looks: tuple[Point, ...]
    periods: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A check, what was asked, and the names and numbers that its sentence speaks of."""

    check: Check
    kind: str
    facts: Mapping[str, str | float | Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned. timing: how looks are paid for; per_arm: units at the end, None where none is
    planned; reached: units of the smallest arm so far."""

    timing: Timing
    per_arm: int | None
    reached: int


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: units assigned, and the planned share (None where none was planned)."""

    name: str
    units: int
    planned: float | None


@dataclass(frozen=True, slots=True)
class ExperimentReport:
    """Everything the page says; an empty tuple leaves a part out.

    arms: control first; cause: which rule led to the verdict; shipped: the arm to use, where cause is better.
    corrected: how many comparisons were corrected together, 0 for none. further: comparisons that the page
    has no room for. interactions: tests of segments, shown or not. waiting: units whose window is open.
    by_policy: offers were chosen, so that the arm is everybody but the holdout. reread: the definition or
    units of closed days changed since the last analysis. cut: metrics whose largest values were cut.
    """

    name: str
    arms: tuple[Arm, ...]
    cause: Cause
    checks: tuple[Checked, ...]
    results: tuple[Result, ...]
    plan: Plan
    shipped: str | None = None
    currency: str = ""
    confidence: float = 0.95
    corrected: int = 0
    further: int = 0
    segments: tuple[Segment, ...] = ()
    interactions: int = 0
    courses: tuple[Course, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    window_days: int | None = None
    waiting: int = 0
    by_policy: bool = False
    reread: bool = False
    cut: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        failed = hard_failures(one.check for one in self.checks)
        if bool(failed) != (self.cause == "failed_check"):
            raise LabError(
                f"The verdict rests on '{self.cause}', and these hard checks failed: "
                f"{', '.join(failed) or 'none'}.",
                "Let a failed hard check alone decide, and only where there is one.",
            )
        if (self.shipped is None) == (self.cause == "better"):
            raise LabError(
                f"The verdict rests on '{self.cause}', and the arm to use is {self.shipped!r}.",
                "Name the arm where one is better, and nowhere else.",
            )

    @property
    def failed(self) -> bool:
        """Whether a hard check failed, so that no figure below it can be used."""
        return self.cause == "failed_check"

    @property
    def judged(self) -> bool:
        """Whether anything may be called better or worse: not in doubt, and not before a fixed test's end."""
        return self.cause not in ("failed_check", "before_end")

    @property
    def control(self) -> str:
        """The arm that others are compared with."""
        return self.arms[0].name

    @property
    def others(self) -> tuple[str, ...]:
        """The arms beside control."""
        return tuple(arm.name for arm in self.arms[1:])
