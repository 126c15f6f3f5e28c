"""What the commands say in a few lines about what moves effects."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show

if TYPE_CHECKING:
    from retention_lab.workflows.explain_uplift import ExplainReport

_MOST = 3  # features in a line


def understanding_text(console: Console, found: Mapping[str, Any] | None, targeting: str | None) -> None:
    """A line an offer with its strongest features, and the rule with what it is worth; nothing for None."""
    if found is None:
        return
    believed = "" if targeting == "better" else ", whose choices were not shown to be better"
    console.print(f"What moves the effect, by '{found['learner']}'{believed}", markup=False)
    for offer in found["drivers"] or ():
        named = [_driver(one) for one in offer["drivers"][:_MOST] if one["strength"] > 0]
        console.print(
            f"  {offer['arm']}: {'; '.join(named) or 'nothing, it is the same for all'}", markup=False
        )
    if found["drivers"] is None:
        console.print(f"  {found['reasons']['drivers']}", markup=False)
    rule = found["rule"]
    if rule is not None:
        best = rule["best_constant"]
        console.print(f"As a rule: {rule['text']}", markup=False)
        console.print(
            f"  worth {show.interval(rule['over'][best])} per head more than '{best}' for everybody",
            markup=False,
        )


def explain_text(console: Console, report: "ExplainReport") -> None:
    """Each offer's effect, and its reasons."""
    console.print(
        f"{report.name} version {report.version} ({report.learner}) · customer {report.customer} · "
        f"effects on {report.outcome}",
        markup=False,
    )
    for offer in report.offers:
        reasons = [one for one in offer.reasons if one.contribution != 0]
        made_of = f"{_signed(offer.base)} for anybody, and" if reasons else "the same for everybody"
        console.print(f"{offer.arm}: {_signed(offer.effect)}, {made_of}", markup=False)
        for one in reasons:
            value = "missing" if one.value is None else _value(one.value)
            console.print(f"  {_signed(one.contribution)}  {one.feature} is {value}", markup=False)
        if offer.rest != 0:
            console.print(f"  {_signed(offer.rest)}  all other features", markup=False)
    if report.constant_arm is not None:
        console.print(f"The version gives '{report.constant_arm}' to everybody.", markup=False)
    else:
        console.print(f"Chosen for this customer: '{report.best_arm}'.", markup=False)
        for turn in report.turns:
            console.print(
                f"  It would be '{turn.arm}' for a customer whose {turn.feature} is {_value(turn.to)}, "
                "all else alike.",
                markup=False,
            )
        if not report.turns:
            console.print("  No other value of a single feature would change that.")
    console.print(
        "This is what the model uses, not what would happen if a feature were changed; "
        "effects are true for groups, not a promise about one person."
    )


def _driver(one: Mapping[str, Any]) -> str:
    trend = one["trend"]
    if trend is not None:
        direction = "higher raises it" if trend > 0 else "higher lowers it"
        way = direction if abs(trend) >= 0.3 else "up and down"
    else:
        levels = [
            f"{word} {one[key][0]}"
            for word, key in (("raised by", "raising"), ("lowered by", "lowering"))
            if one[key]
        ]
        way = ", ".join(levels)
    return f"{one['feature']} {one['share']:.0%}" + (f" ({way})" if way else "")


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "") + show.number(value)


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.15g}".replace("-", "−")
