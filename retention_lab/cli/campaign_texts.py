"""What the commands about campaigns print for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.cli import show

if TYPE_CHECKING:
    from retention_lab.workflows.export_campaign import ExportReport
    from retention_lab.workflows.launch_campaign import LaunchReport
    from retention_lab.workflows.measure_campaign import MeasureReport
    from retention_lab.workflows.next_campaigns import NextReport
    from retention_lab.workflows.plan_campaign import PlanReport
    from retention_lab.workflows.rehearse_campaign import RehearsalReport


_REASONS = {
    "global_holdout": "in no campaign at all",
    "where": "not in the audience",
    "open_campaign": "in an open campaign",
    "consent": "no consent",
    "suppression": "must not be contacted",
    "trained_on": "the model was trained on them",
}

WAYS = {
    "risk_only": "the same money by churn risk",
    "response_only": "the same money by response",
    "random": "the same money at random",
    "everyone": "the best single offer to everyone",
    "nobody": "no offers but the random ones",
}


_AGAINST = (
    ("everyone", "the best single offer to everyone, whatever that costs"),
    ("nobody", "choosing nobody"),
)


def plan_text(console: Console, report: "PlanReport") -> None:
    """One sentence each on whom, cost, what it brings, against the usual ways, and what would change it."""
    found = report.result
    unit = report.currency if report.in_money else "outcomes"
    offers = ", ".join(f"{name}: {count:,}" for name, count in found["assigned"].items() if count)
    left_out = ", ".join(
        f"{_REASONS.get(reason, reason)}: {count:,}" for reason, count in found["suppressed"].items() if count
    )
    console.print(
        f"Whom: {found['eligible']:,} of {found['considered']:,} customers are eligible"
        + (f" (left out: {left_out})." if left_out else ".")
    )
    console.print(f"What, before the draw: {offers or 'no offers but the random ones'}.", markup=False)
    _cost_text(console, report)
    brings = (
        found["expected"]["profit" if report.in_money else "incremental_outcome"] if found["model"] else None
    )
    if brings is None or brings["value"] is None:
        reason = found["expected"]["profit"]["reason"].removesuffix(".")
        console.print(f"What it brings: not known; {reason}.", markup=False)
    else:
        label = "Expected profit" if report.in_money else "Expected extra outcomes"
        console.print(f"{label}: {_amount(brings, unit)}, seen on {found['held_out_rows']:,} held-out rows.")
        for way, said in _AGAINST:
            if way in found["against"]:
                console.print(f"Beyond {said}: {_amount(found['against'][way], unit)}.")
        rows = [[WAYS.get(name, name), _amount(one)] for name, one in found["baselines"].items()]
        show.table(console, ["The usual ways", f"expected, in {unit}"], rows)
    _limits_text(console, report)
    for sentence in _would_change(report, unit):
        console.print(sentence, markup=False)
    for note in report.notes:
        console.print(f"Note: {note}", markup=False)
    console.print(f"Plan: {found['plan_file']}    Next: lab campaign launch {report.name}", markup=False)


def _cost_text(console: Console, report: "PlanReport") -> None:
    found = report.result
    cost, chance = found["expected"]["cost"], found["overspend_probability"]
    known = cost["value"] is not None
    spend = f"about {show.number(found['expected_spend'], 0)} {report.currency}"
    worst = " even if everybody redeems" if found["budget_mode"] == "worst_case" else ""
    console.print(
        f"Cost: {_amount(cost, report.currency) if known else spend}, "
        f"of a budget of {'no limit' if found['budget'] is None else show.number(found['budget'], 0)}{worst}"
        + ("." if chance is None else f"; it costs more than that with a chance of {100 * chance:.0f} %.")
    )


def _limits_text(console: Console, report: "PlanReport") -> None:
    if not report.result["limits"]:
        return
    rows = [
        [
            one["limit"],
            f"at most {one['most']:,.0f}" if one["least"] is None else f"at least {one['least']:,}",
            f"{one['chosen']:,.0f}",
            f"{one['launched']:,.0f}",
        ]
        for one in report.result["limits"]
    ]
    show.table(console, ["limit", "is", "chosen", "launched, expected"], rows)


def _would_change(report: "PlanReport", unit: str) -> list[str]:
    """What would change the answer: more money, another budget, more of what is scarce, caution."""
    found, currency = report.result, report.currency
    said = []
    if found["dual_price"]:
        price = show.number(found["dual_price"], 2)
        seen = found["next_money"]
        shown = (
            ""
            if seen["value"] is None
            else f" by the model; held-out rows say {show.interval(seen, 2)} for each of the next tenth"
        )
        said.append(f"The next {currency} of budget would bring {price} {unit}{shown}.")
    best = found["recommended_budget"]
    if best["budget"] is not None:
        said.append(
            f"Another budget: {show.number(best['budget'], 0)} {currency} was best on half of the held-out "
            f"rows, and brings {_amount(best['profit'], unit)} on the other half."
        )
    safe = found["largest_safe_budget"]
    if safe["budget"] is not None:
        amount = show.number(safe["budget"], 0)
        said.append(f"The largest budget whose profit is surely above zero: {amount} {currency}.")
    elif best["budget"] is not None:
        said.append("At no budget is the profit surely above zero.")
    scarce = [one for one in found["limits"] if one["price"] > 0]
    for one in scarce:
        change = "one more of" if one["least"] is None else "one less needed of"
        said.append(f"With {change} '{one['limit']}': {show.number(one['price'], 2)} {unit} more.")
    if found["risk"] is not None:
        lost = _amount(found["risk"]["cost_of_caution"], unit)
        said.append(f"Caution costs {lost}: what expected values earn beyond cautious ones.")
    return said


def launch_text(console: Console, report: "LaunchReport") -> None:
    """Who drew what."""
    console.print(f"Launched {report.experiment}: {report.assignments_file}", markup=False)
    show.table(console, ["arm", "customers"], [[name, f"{n:,}"] for name, n in report.assigned.items()])
    console.print(
        f"{report.holdout:,} are held out and {report.exploration:,} explore: what they do shows what the "
        "campaign caused."
    )


def export_text(console: Console, report: "ExportReport") -> None:
    """The files, and who is not in them."""
    for file in report.files:
        console.print(f"{file['path']}: {file['rows']:,} rows, SHA-256 {file['sha256'][:12]}…", markup=False)
    console.print("Not in it: " + ", ".join(f"{reason} {n:,}" for reason, n in report.withheld.items()))
    console.print(f"Manifest: {report.manifest}" if report.written else "Nothing was written (--dry-run).")


def measure_text(console: Console, report: "MeasureReport") -> None:
    """Trust first, then what it earned, in all and by offer."""
    if not report.trustworthy:
        console.print("Do not trust this result: a hard check failed.", style="bold red")
        show.checks(console, report.checks)
        console.print()
    found = report.as_json()
    labels = {
        "profit": "profit because of the campaign",
        "incremental_contribution": "extra contribution",
        "cost": "cost of contacts and redemptions",
        "roi": "profit per unit of cost",
    }
    rows = [[label, show.interval(found[key], 2)] for key, label in labels.items()]
    rows.append(["policy against random offers, a head", show.interval(found["policy_vs_random"], 2)])
    show.table(console, [report.experiment, "value [interval]"], rows)
    expected = found["expected"]["profit"]
    console.print(f"Expected before the launch: {show.interval(expected, 2)}", markup=False)
    offers = [[one["offer"], f"{one['n']:,}", show.interval(one["profit"], 2)] for one in found["per_offer"]]
    show.table(console, ["offer", "customers", "profit [interval]"], offers)
    for key, name, title in (
        ("per_intended_offer", "offer", "meant for"),
        ("per_segment", "segment", "segment"),
        ("per_decile", "decile", "tenth by expected value, highest first"),
    ):
        groups = [[one[name], f"{one['n']:,}", show.interval(one["profit"], 2)] for one in found[key]]
        if groups:
            show.table(console, [title, "customers", "profit [interval]"], groups)
    if found["model"] is not None:
        console.print(found["model"]["detail"], markup=False)
    if found["long_term"] is not None:
        together = found["long_term"]
        a_head = together["contribution_per_head"]
        console.print(
            f"All campaigns since {together['since'][:10]}: {show.interval(a_head, 2)} "
            f"of contribution a head, against {together['held_out']:,} customers kept out of all of them."
        )
    if report.trustworthy:
        show.checks(console, report.checks)


def offers_text(console: Console, found: Mapping[str, Any]) -> None:
    """How many customers an offer is expected to be worth making to, and which."""
    console.print(
        f"{found['customers']:,} of {found['eligible']:,} eligible customers have an offer that is expected "
        "to bring more than none."
    )
    rows = [[name, f"{count:,}"] for name, count in found["best_offer"].items()]
    show.table(console, ["best offer", "customers"], rows)
    content = found["content"]
    if content is not None:
        shown = f"{content['customers_with_products']:,} customers have products"
        console.print(f"{shown}, by {content['model']} version {content['model_version']}.", markup=False)
    for note in found["notes"]:
        console.print(f"Note: {note}", markup=False)
    console.print(f"{found['file']}: {found['rows']:,} rows", markup=False)


def replay_text(console: Console, found: Mapping[str, Any]) -> None:
    """What the plan would have brought, by outcome."""
    console.print(f"{found['plan']} replayed on {found['rows']:,} randomised rows", markup=False)
    rows = [[name, show.interval(one, 1)] for name, one in found["total"].items()]
    show.table(console, ["outcome", "in all, beyond no offer [interval]"], rows)
    heads = [[name, show.interval(one, 5)] for name, one in found["per_head"].items()]
    show.table(console, ["estimate", "per head [interval]"], heads)


def next_text(console: Console, report: "NextReport") -> None:
    """What is due, the commands that do it, and what is waited for."""
    if not report.due:
        console.print("Nothing is due.")
    else:
        rows = [[one.campaign, one.action, one.why, one.command] for one in report.due]
        show.table(console, ["campaign", "due", "why", "command"], rows)
    for one in report.waiting:
        console.print(f"{one.experiment}: outcomes come in until {one.until:%Y-%m-%d}.", markup=False)
    for name, why in report.unreadable.items():
        console.print(f"{name} cannot be read: {why}", markup=False)


def _amount(found: Mapping[str, Any], unit: str = "") -> str:
    if found["value"] is None:
        return f"not known ({found['reason']})"
    value, low, high = (show.number(found[key], 0) for key in ("value", "ci_low", "ci_high"))
    amount = f"{value} {unit}".rstrip()
    return amount if low == high else f"{amount} [{low} to {high}]"


def rehearse_text(console: Console, report: "RehearsalReport") -> None:
    """Round by round: what was measured, and how much of the best there was."""
    found = [(each, each.as_json()) for each in report.rounds]
    rows = [
        [
            str(each.number),
            show.interval(shown["profit"], 0),
            show.number(each.oracle, 0),
            _percent(shown["share"]),
            _percent(shown["share_of_achievable"]),
        ]
        for each, shown in found
    ]
    heads = ["round", f"measured profit, {report.currency}", "best possible", "share of it", "of achievable"]
    show.table(console, heads, rows)
    console.print(
        "Shares are of the intended choices' true expected profit: of the best that any choices could bring "
        "under the budget, and of the best that the features allow."
    )
    usual = [
        [WAYS[way], *(_percent(shown["ways"].get(way)) for _, shown in found)]
        for way in WAYS
        if any(way in shown["ways"] for _, shown in found)
    ]
    show.table(console, ["The usual ways", *(f"round {each.number}" for each, _ in found)], usual)
    for each, _ in found:
        for note in each.notes:
            console.print(f"Round {each.number}: {note}", markup=False)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"
