"""`lab campaign …`: from a budget to a send file to what it really earned."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.exit_codes import ANSWER_IS_NO, DONE
from retention_lab.cli.options import AsJson, AsOf, DryRun, Name, Overrides, ProjectFolder
from retention_lab.cli.show import progress, show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Plan, launch, export and measure campaigns.\n\nExample: lab campaign plan winback",
)

AcceptUngated = Annotated[
    bool, typer.Option("--accept-ungated", help="Use a champion that was moved outside the gate.")
]
Experiment = Annotated[
    str | None, typer.Option("--experiment", help="A launch of the campaign; the latest if not given.")
]


@app.command()
def plan(
    name: Name,
    as_of: AsOf = None,
    overrides: Overrides = None,
    accept_ungated: AcceptUngated = False,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Whom to contact with what under the budget.

    And what that is expected to earn.

    Example: lab campaign plan winback --as-of 2026-03-01 --set budget=8000
    """
    from retention_lab.cli.campaign_texts import plan_text
    from retention_lab.workflows.plan_campaign import plan_campaign
    from retention_lab.workflows.project import open_project

    with progress() as say:
        report = plan_campaign(
            open_project(project),
            name,
            as_of=as_of,
            overrides=overrides or (),
            accept_ungated=accept_ungated,
            say=say,
        )
    show("campaign plan", report.as_json(), lambda console: plan_text(console, report), as_json=as_json)


@app.command()
def launch(
    name: Name,
    seed: Annotated[int | None, typer.Option(help="Seed of the draw; a fresh one if not given.")] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Draw every customer's arm, and write the assignments.

    From the latest plan, once.

    Example: lab campaign launch winback
    """
    from retention_lab.cli.campaign_texts import launch_text
    from retention_lab.workflows.launch_campaign import launch_campaign
    from retention_lab.workflows.project import open_project

    report = launch_campaign(open_project(project), name, seed=seed)
    show("campaign launch", report.as_json(), lambda console: launch_text(console, report), as_json=as_json)


@app.command()
def export(
    name: Name,
    experiment: Experiment = None,
    dry_run: DryRun = False,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the send file of a launch and its manifest.

    Never the holdout, never the suppressed.

    Example: lab campaign export winback --dry-run
    """
    from retention_lab.cli.campaign_texts import export_text
    from retention_lab.workflows.export_campaign import export_campaign
    from retention_lab.workflows.project import open_project

    report = export_campaign(open_project(project), name, experiment=experiment, dry_run=dry_run)
    show("campaign export", report.as_json(), lambda console: export_text(console, report), as_json=as_json)


@app.command()
def measure(
    name: Name,
    experiment: Experiment = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """What a launch caused, from its randomised rows.

    Example: lab campaign measure winback --json
    """
    from retention_lab.cli.campaign_texts import measure_text
    from retention_lab.workflows.measure_campaign import measure_campaign
    from retention_lab.workflows.project import open_project

    report = measure_campaign(open_project(project), name, experiment=experiment)
    show("campaign measure", report.as_json(), lambda console: measure_text(console, report), as_json=as_json)
    raise typer.Exit(DONE if report.trustworthy else ANSWER_IS_NO)


@app.command()
def report(
    name: Name,
    experiment: Experiment = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a launch as HTML pages.

    One a language, the project's first.

    Example: lab campaign report winback
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.report_campaign import report_campaign

    result = report_campaign(open_project(project), name, experiment=experiment)
    show("campaign report", result, lambda console: console.print(result["file"]), as_json=as_json)


@app.command()
def offers(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="Table to write: CSV or Parquet by its ending.")],
    most: Annotated[int, typer.Option(min=1, help="Offers for each customer.")] = 3,
    as_of: AsOf = None,
    overrides: Overrides = None,
    accept_ungated: AcceptUngated = False,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """The next best offers of every eligible customer.

    With the products in them, where the campaign names a recommender.

    Example: lab campaign offers winback --out offers.csv
    """
    from retention_lab.cli.campaign_texts import offers_text
    from retention_lab.workflows.next_best_offers import OffersRequest, next_best_offers
    from retention_lab.workflows.project import open_project

    request = OffersRequest(name, out, most, as_of, overrides or (), accept_ungated)
    with progress() as say:
        result = next_best_offers(open_project(project), request, say=say)
    show("campaign offers", result, lambda console: offers_text(console, result), as_json=as_json)


@app.command()
def replay(
    name: Name,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Value the latest plan on logged random outcomes.

    Those of its own audience, where that was randomised.

    Example: lab campaign replay hillstrom
    """
    from retention_lab.cli.campaign_texts import replay_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.replay_campaign import replay_campaign

    result = replay_campaign(open_project(project), name)
    show("campaign replay", result, lambda console: replay_text(console, result), as_json=as_json)


@app.command()
def rehearse(
    name: Name,
    rounds: Annotated[int, typer.Option(min=1, help="How many campaigns to play, one after the other.")] = 3,
    customers: Annotated[int, typer.Option(min=100, help="How many customers the retailer has.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same retailer.")] = 1,
    difficulty: Annotated[
        list[str] | None,
        typer.Option(help="A knob of the simulation, as in effect_size=0.5. May be given several times."),
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Play rounds of the campaign on a simulated retailer.

    Against what only the simulation knows.

    Example: lab campaign rehearse winback --rounds 3
    """
    from retention_lab.cli.campaign_texts import rehearse_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.rehearse_campaign import Rehearsal, rehearse_campaign
    from retention_lab.workflows.simulated_data import difficulty_of

    asked = Rehearsal(rounds, customers, seed, difficulty_of(difficulty or ()))
    with progress() as say:
        report = rehearse_campaign(open_project(project), name, asked, say=say)
    text = report.as_json()
    show("campaign rehearse", text, lambda console: rehearse_text(console, report), as_json=as_json)


@app.command("next")
def next_(
    names: Annotated[
        list[str] | None, typer.Argument(help="Campaigns to look at; all if none is named.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="Look from the start of this date, in the project's time zone; now if not given.",
        ),
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Which campaigns are due, and for what.

    Sending, measuring, retraining, the next launch: each with the command that does it.

    Example: lab campaign next --json
    """
    from retention_lab.cli.campaign_texts import next_text
    from retention_lab.workflows.next_campaigns import next_campaigns
    from retention_lab.workflows.project import open_project

    report = next_campaigns(open_project(project), names or (), as_of=as_of)
    show("campaign next", report.as_json(), lambda console: next_text(console, report), as_json=as_json)
