"""An understanding with every part filled, for the tests of pages; the figures are made up."""

from retention_lab.estimate import normal_estimate as normal
from retention_lab.uplift.groups import EffectGroup, GroupEffects
from retention_lab.uplift.understanding.conditions import Above, AtMost, IsMissing, OneOf
from retention_lab.uplift.understanding.drivers import Driver, OfferDrivers
from retention_lab.uplift.understanding.four_groups import Boundaries, CustomerGroup, FourGroups
from retention_lab.uplift.understanding.rule import Rule, RuleValue, Step, StepValue
from retention_lab.uplift.understanding.sensitivity import Bounds, Sensitivity
from retention_lab.uplift.understanding.summary import Understanding


def understanding(
    arms: tuple[str, ...] = ("none", "coupon_10", "points_200"), name: str = "zip_code"
) -> Understanding:
    """name: of a feature, a level and the learner."""
    offers = arms[1:]
    return Understanding(
        learner="t" if name == "zip_code" else name,
        drivers=tuple(_drivers(arm, name) for arm in offers),
        rule=_rule(arms, name),
        rule_value=_rule_value(arms),
        model_over={arm: normal(0.5, 0.2) for arm in arms},
        groups=dict.fromkeys(offers, _groups()),
        four_groups=dict.fromkeys(offers, _four_groups()),
        refutations=(),
        sensitivity={arm: _sensitivity(i) for i, arm in enumerate(offers)},
    )


def _drivers(arm: str, name: str) -> OfferDrivers:
    numbers = tuple(
        Driver(f"number_{i}", 0.2 / (i + 2), 0.3 / 2**i, trend, (), (), ())
        for i, trend in enumerate((0.9, -0.8, 0.1, None, 0.5, 0.4, 0.4, 0.4, 0.4))
    )
    category = Driver(name, 0.31, 0.4, None, (name, "Rural"), ("Urban",), ())
    return OfferDrivers(arm, 0.35, (category, *numbers))


def _rule(arms: tuple[str, ...], name: str) -> Rule:
    steps = (
        Step((Above(0, "recency", 6.0), OneOf(1, name, (0, 1), (name, "Rural"))), 1),
        Step((AtMost(2, "balance", -3.0),), len(arms) - 1),
        Step((OneOf(1, name, (2,), ("Urban",)),), 0),
        Step((IsMissing(1, name),), 1),
        Step((), 0),
    )
    return Rule(steps, arms, 1)


def _rule_value(arms: tuple[str, ...]) -> RuleValue:
    gains = (normal(0.9, 0.3), normal(-0.8, 0.3), None, normal(0.1, 0.3), None)
    chosen = (1, len(arms) - 1, 0, 1, 0)
    steps = tuple(StepValue("", arms[arm], 0.2, effect) for arm, effect in zip(chosen, gains, strict=True))
    return RuleValue(normal(13.4, 0.3), {arm: normal(0.31, 0.1) for arm in arms}, arms[1], steps)


def _groups() -> GroupEffects:
    values = (-0.6, -0.1, 0.2, 0.9, 1.4)
    groups = tuple(EffectGroup(x, normal(x, 0.3), x - 0.8, x + 0.8, 2_460) for x in values)
    return GroupEffects(groups, 0.99, normal(2.0, 0.42), 0.0001)


def _four_groups() -> FourGroups:
    names = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")
    shares, gains = (0.42, 0.3, 0.28, 0.0), (1.2, 0.1, -0.1, None)
    return FourGroups(
        Boundaries(0.4, 12.5),
        tuple(
            CustomerGroup(name, int(share * 12_300), share, gain, None, gain and normal(gain, 0.2), None)
            for name, share, gain in zip(names, shares, gains, strict=True)
        ),
    )


def _sensitivity(kind: int) -> Sensitivity:
    tips, undecided = ((1.72, 1.31), (None, 2.2), (1.0, 1.0), (None, None))[kind % 4]
    bounds = tuple(
        Bounds(strength, normal(0.6 - strength / 3, 0.2), normal(0.6 + strength / 3, 0.2))
        for strength in (1.1, 1.5, 2.0)
    )
    return Sensitivity(normal(0.61, 0.2), tips, undecided, bounds, "")
