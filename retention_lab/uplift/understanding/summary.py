"""All that is understood about one model, as one value, and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from retention_lab.checks import Check
from retention_lab.estimate import Estimate
from retention_lab.uplift.groups import GroupEffects
from retention_lab.uplift.understanding.conditions import Above, AtMost, Condition, OneOf
from retention_lab.uplift.understanding.drivers import OfferDrivers
from retention_lab.uplift.understanding.four_groups import FourGroups
from retention_lab.uplift.understanding.rule import Rule, RuleValue
from retention_lab.uplift.understanding.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True)
class Understanding:
    """learner: whose effects are explained. drivers: of each offer. rule, rule_value: made on training rows,
    valued on held-out ones; model_over: what the model's own choice earns there over each arm for everybody,
    by its name. groups: effects of customers from the lowest prediction to the highest; four_groups:
    persuadable and so on; sensitivity: to causes that the features do not hold; by the offer's name.
    refutations: attempts to refute the learner. None: not had; `reasons` says why, by the name of the part.
    """

    learner: str
    drivers: tuple[OfferDrivers, ...] | None = None
    rule: Rule | None = None
    rule_value: RuleValue | None = None
    model_over: Mapping[str, Estimate] = field(default_factory=dict)
    groups: Mapping[str, GroupEffects] = field(default_factory=dict)
    four_groups: Mapping[str, FourGroups] = field(default_factory=dict)
    refutations: tuple[Check, ...] | None = None
    sensitivity: Mapping[str, Sensitivity] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values; what was not had is null, and `reasons` says why."""
        return {
            "learner": self.learner,
            "drivers": None if self.drivers is None else [_lists(asdict(one)) for one in self.drivers],
            "rule": _rule(self.rule, self.rule_value),
            "groups": {arm: _groups(found) for arm, found in self.groups.items()},
            "four_groups": {arm: _four_groups(found) for arm, found in self.four_groups.items()},
            "refutations": None if self.refutations is None else list(self.refutations),
            "sensitivity": _sensitivities(self.sensitivity),
            "reasons": dict(self.reasons),
        }


def condition_json(condition: Condition) -> dict[str, Any]:
    """One question of a rule: the feature, the test, and what it is tested against."""
    if isinstance(condition, Above | AtMost):
        test = "above" if isinstance(condition, Above) else "at_most"
        return {"feature": condition.name, "test": test, "limit": condition.limit}
    if isinstance(condition, OneOf):
        return {"feature": condition.name, "test": "one_of", "levels": list(condition.levels)}
    return {"feature": condition.name, "test": "missing"}


def _rule(rule: Rule | None, value: RuleValue | None) -> dict[str, Any] | None:
    if rule is None or value is None:
        return None
    steps = [
        {
            "line": found.line,
            "arm": found.arm,
            "share": found.share,
            "conditions": [condition_json(one) for one in step.conditions],
            "effect": _estimate(found.effect),
        }
        for step, found in zip(rule.steps, value.steps, strict=True)
    ]
    return {
        "text": str(rule),
        "steps": steps,
        "value": value.value.as_json(),
        "over": {arm: found.as_json() for arm, found in value.over.items()},
        "best_constant": value.best_constant,
    }


def _groups(found: GroupEffects) -> dict[str, Any]:
    groups = [
        {
            "predicted": one.predicted,
            "rows": one.rows,
            **one.effect.as_json(),
            "band_low": one.low,
            "band_high": one.high,
        }
        for one in found.groups
    ]
    return {
        "groups": groups,
        "each_confidence": found.each,
        "top_less_bottom": found.top_less_bottom.as_json(),
        "p_greater": found.p_greater,
    }


def _four_groups(found: FourGroups) -> dict[str, Any]:
    groups = [{**asdict(one), "measured": _estimate(one.measured)} for one in found.groups]
    return {"boundaries": asdict(found.boundaries), "groups": groups, "caveat": found.caveat}


def _sensitivities(found: Mapping[str, Sensitivity] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        arm: {
            "effect": one.effect.as_json(),
            "tips_at": one.tips_at,
            "undecided_at": one.undecided_at,
            "bounds": [
                {"strength": b.strength, "low": b.low.as_json(), "high": b.high.as_json()} for b in one.bounds
            ],
            "meaning": one.meaning,
        }
        for arm, one in found.items()
    }


def _lists(value: Any) -> Any:
    """The same with lists in place of tuples, as JSON gives them back."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else value


def _estimate(found: Estimate | None) -> dict[str, Any] | None:
    return None if found is None else found.as_json()
