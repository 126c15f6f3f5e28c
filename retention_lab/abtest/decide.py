"""From effects to a verdict in words: ship, stop, keep running until …, or do not trust because …"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.metrics import Metric
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.trust import Trust

Verdict = Literal["ship", "stop", "keep_running", "do_not_trust"]
Cause = Literal["failed_check", "before_end", "no_primary", "better", "worse", "open", "open_at_end"]
State = Literal["better", "worse", "open", "within", "not_within", "unknown"]


@dataclass(frozen=True, slots=True)
class Decision:
    """verdict; cause: which rule led to it; reasons: sentences, the first of which decided; arm: the one to
    ship."""

    verdict: Verdict
    cause: Cause
    reasons: tuple[str, ...]
    arm: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of `lab experiment analyze`."""
        return {"verdict": self.verdict, "arm": self.arm, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Progress:
    """ended: whether the planned end is reached; None where none was planned. to_go: what is left, in
    words."""

    ended: bool | None
    to_go: str


def decide(
    trust: Trust, comparisons: Sequence[Comparison], spec: Specification, progress: Progress
) -> Decision:
    """The verdict by the rules that stand in the definition.

    An arm is shipped where every primary metric is significantly better in it, and each guardrail is shown to
    be within its margin (without margin: not significantly worse). Of several such arms, the one with the
    largest effect on the first primary metric.
    """
    if not trust.trustworthy:
        failed = [c["detail"] for c in trust.checks if c["severity"] == "hard" and c["passed"] is False]
        return Decision("do_not_trust", "failed_check", tuple(failed))
    if spec.analysis.sequential == "fixed" and progress.ended is False:
        reason = f"A fixed test says nothing before its end: {progress.to_go}."
        return Decision("keep_running", "before_end", (reason,))
    metrics = {metric.name: metric for metric in spec.metrics}
    primary = [one for one in comparisons if one.role == "primary"]
    if not primary:
        reason = "No metric is primary, so nothing decides. Give one `role: primary`."
        return Decision("keep_running", "no_primary", (reason,))
    arms = list(dict.fromkeys(one.arm for one in primary))
    judged = [_judge(arm, comparisons, metrics) for arm in arms]
    good = [one for one in judged if one.verdict == "ship"]
    if good:
        first = primary[0].metric
        return max(good, key=lambda one: _gain(comparisons, one.arm, metrics[first]))
    reasons = tuple(reason for one in judged for reason in one.reasons)
    if all(one.verdict == "stop" for one in judged):
        return Decision("stop", "worse", reasons)
    if progress.ended:
        return Decision("stop", "open_at_end", (*reasons, f"The planned end is reached: {progress.to_go}."))
    return Decision("keep_running", "open", (*reasons, f"Keep running: {progress.to_go}."))


def state_of(one: Comparison, metric: Metric) -> State:
    """What a comparison shows by its corrected p-value.

    A guardrail with a margin is shown to be within it, or not; everything else is better, worse or open.
    """
    if one.lift is None:
        return "unknown"
    if metric.worse_by_at_most is not None:
        return "within" if one.significant else "not_within"
    if not one.significant:
        return "open"
    return "better" if (one.lift.value > 0) == (metric.better == "higher") else "worse"


def _judge(arm: str, comparisons: Sequence[Comparison], metrics: dict[str, Metric]) -> Decision:
    own = [one for one in comparisons if one.arm == arm and one.segment is None]
    reasons, worse, open_ = [], False, False
    for one in own:
        metric = metrics[one.metric]
        state = state_of(one, metric)
        if one.role == "primary":
            reasons.append(f"{one.metric} in {arm}: {_in_words(one, state)}.")
            worse, open_ = worse or state == "worse", open_ or state != "better"
        elif one.role == "guardrail":
            if metric.worse_by_at_most is not None:
                if state != "within":
                    open_ = True
                    reasons.append(
                        f"{one.metric} in {arm}: not shown to be worse by at most {metric.worse_by_at_most}."
                    )
            elif state == "worse":
                worse = True
                reasons.append(f"{one.metric} in {arm}: {_in_words(one, state)}.")
    if worse:
        return Decision("stop", "worse", tuple(reasons), arm)
    if open_:
        return Decision("keep_running", "open", tuple(reasons), arm)
    return Decision("ship", "better", tuple(reasons), arm)


def _in_words(one: Comparison, state: State) -> str:
    if one.lift is None:
        return f"could not be computed ({one.reason})"
    effect = f"{one.lift.value:+.4g} [{one.lift.low:.4g}, {one.lift.high:.4g}]"
    ending = "not told apart from control" if state == "open" else f"{state} than control"
    return f"{effect}, {ending}"


def _gain(comparisons: Sequence[Comparison], arm: str | None, metric: Metric) -> float:
    found = next(one for one in comparisons if one.arm == arm and one.metric == metric.name)
    if found.lift is None:
        return float("-inf")
    return found.lift.value if metric.better == "higher" else -found.lift.value
