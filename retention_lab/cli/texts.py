"""What the commands about the project print for people."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from retention_lab.checks import Check, hard_failures
from retention_lab.cli import show
from retention_lab.cli.campaign_texts import WAYS

if TYPE_CHECKING:
    from retention_lab.workflows.demo import DemoReport
    from retention_lab.workflows.new_definition import NewDefinition
    from retention_lab.workflows.validate import ValidationReport


def scaffold_text(console: Console, folder: Path, files: Sequence[Path]) -> None:
    """What `lab init` made, and what comes next."""
    console.print(f"A lab in {folder.resolve()}:", markup=False)
    for file in files:
        console.print(f"  {_inside(file, folder)}", markup=False)
    console.print()
    console.print("Next, from that folder, one of:")
    console.print("  lab data import transactions FILE      bring in your own tables")
    console.print("  lab new uplift NAME --table FILE       start from one file with a treatment column")
    console.print("  lab data simulate                      try everything on a simulated retailer")


def checks_text(console: Console, checks: Sequence[Check]) -> None:
    """One line a check, and a verdict."""
    show.checks(console, checks)
    failed = hard_failures(checks)
    console.print("All is well." if not failed else f"To be mended: {', '.join(failed)}.")


def validation_text(console: Console, report: "ValidationReport") -> None:
    """Definitions with their status, then the checks that did not pass."""
    found = report.as_json()
    rows = [[one["name"], one["kind"] or "?", one["status"]] for one in found["definitions"]]
    show.table(console, ["definition", "kind", "status"], rows, right=False)
    for one in report.definitions:
        if one.status == "refused":
            key = f" [{one.key}]" if one.key else ""
            console.print(f"{one.found_in}{key}: {one.message} {one.next_step}", markup=False)
    show.checks(console, [one for one in found["checks"] if one["passed"] is not True])
    if report.exit_code == 0:
        console.print("Nothing stands in the way.")


def new_definition_text(console: Console, report: "NewDefinition") -> None:
    """Every guess with its reason, every column left out, and the next command."""
    console.print(f"Wrote {report.path}", markup=False)
    show.table(
        console,
        ["key", "value", "why"],
        [[guess.key, str(guess.value), guess.why] for guess in report.guesses],
        right=False,
    )
    if report.excluded:
        console.print("Left out:")
        for column in report.excluded:
            console.print(f"  {column.column}: {column.why}", markup=False)
    console.print(f"Next: {report.next_command}", markup=False)


def columns_text(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """The snapshot's columns with their meaning."""
    shown = [[row["column"], row["type"], row["group"], row["meaning"]] for row in rows]
    show.table(console, ["column", "type", "group", "meaning"], shown, right=False)


def reap_text(console: Console, report: Any) -> None:
    """What `lab store reap` closed."""
    found = report.as_json()
    for key, value in found.items():
        console.print(f"{key.replace('_', ' ')}: {len(value) if isinstance(value, list) else value}")


def demo_text(console: Console, report: "DemoReport") -> None:
    """The story of one loop, in plain words with the numbers."""
    money = _money(report.currency)
    plan, launch, measured = report.plan.result, report.launch, report.measured
    console.print(
        f"A simulated retailer with {report.customers:,} customers, in {report.folder}", markup=False
    )
    console.print()
    console.print(
        f"1. Learned from past random campaigns: {report.training.best!r} predicts best who buys because "
        f"of an offer{_against_one_for_all(report)}."
    )
    verdict = "promoted" if report.promotion.promoted else "refused by the gate"
    console.print(f"2. Asked the gate on {report.promotion.rows:,} rows it had never seen: {verdict}.")
    chosen = sum(plan["assigned"].values())
    console.print(
        f"3. Planned under a budget of {money(plan['budget'])}: {chosen:,} of {plan['eligible']:,} eligible "
        f"customers are worth an offer. Expected profit: {_interval(plan['expected']['profit'], money)}."
    )
    console.print(
        f"4. Launched: {launch.holdout:,} customers were left alone and {launch.exploration:,} got a random "
        "offer, so that the result can be measured."
    )
    profit = measured.measured.profit.as_json()
    trust = "" if measured.trustworthy else " (do not trust it: a check failed)"
    console.print(f"5. Thirty simulated days later, measured profit: {_interval(profit, money)}{trust}.")
    console.print()
    _beside(console, report)
    console.print()
    console.print(f"The report: {report.report}", markup=False)
    console.print(f"Every run:  cd {report.folder} && lab ui", markup=False)


def _against_one_for_all(report: "DemoReport") -> str:
    if report.training.targeting != "none_better":
        return ""
    return ", but not better than one choice for all, which was registered instead"


def _beside(console: Console, report: "DemoReport") -> None:
    names = {
        "campaign": "this campaign",
        **WAYS,
        "oracle": "the best that perfect knowledge could do",
    }
    expected = {"campaign": report.plan.result["expected"]["profit"], **report.plan.result["baselines"]}
    rows = [
        [label, _interval(expected.get(name), _whole), _whole(report.truth[name])]
        for name, label in names.items()
        if name in report.truth
    ]
    heads = [f"What it earns, in {report.currency}", "foretold before the launch", "the truth"]
    show.table(console, heads, rows)
    console.print("Only a simulation can tell the truth; the foretold figures come from past outcomes alone.")


def _interval(found: Mapping[str, Any] | None, amount: Callable[[float | None], str]) -> str:
    if found is None or found["value"] is None:
        return "–"
    return f"{amount(found['value'])} [{amount(found['ci_low'])} to {amount(found['ci_high'])}]"


def _whole(value: float | None) -> str:
    return show.number(value, 0)


def _money(currency: str) -> Callable[[float | None], str]:
    def text(value: float | None) -> str:
        return "no limit" if value is None else f"{_whole(value)} {currency}"

    return text


def _inside(file: Path, folder: Path) -> str:
    try:
        return file.relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(file)
