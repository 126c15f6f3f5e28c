"""`lab experiment …`: A/B tests, from their design to a decision."""

from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli import assign_options as options
from retention_lab.cli.exit_codes import ANSWER_IS_NO, DONE
from retention_lab.cli.options import AsJson, DryRun, Name, Overrides, ProjectFolder
from retention_lab.cli.show import progress, show
from retention_lab.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Design, assign, check and analyze A/B tests.\n\nExample: lab experiment analyze gate",
)


@app.command()
def design(
    name: Name,
    metric: Annotated[
        str | None, typer.Option(help="Metric to plan for; the first primary one if not given.")
    ] = None,
    mde: Annotated[
        float | None, typer.Option("--mde", help="Smallest effect that matters, in the metric's unit.")
    ] = None,
    relative_mde: Annotated[
        str | None, typer.Option("--relative-mde", help="The same as a share of the baseline, such as 2%.")
    ] = None,
    n_per_arm: Annotated[
        int | None, typer.Option("--n", min=1, help="Units of the smallest arm: what effect do they find?")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Length of the test: what effect does it find?")
    ] = None,
    power: Annotated[
        float | None, typer.Option(help="Chance to find the effect; the plan's if not given.")
    ] = None,
    coverage: Annotated[float, typer.Option(help="Share of the entering units that take part.")] = 1.0,
    history: Annotated[
        Path | None, typer.Option(help="A file of past units in place of the definition's table.")
    ] = None,
    overrides: Overrides = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Plan effect, units and days from the project's own past.

    As the definition will judge the test: its looks, arms, shares, correction and covariates.

    Example: lab experiment design gate --relative-mde 2% --power 0.9
    """
    from retention_lab.cli.design_texts import design_text
    from retention_lab.workflows.design_experiment import DesignQuestion, design_experiment
    from retention_lab.workflows.project import open_project

    question = DesignQuestion(metric, mde, _share(relative_mde), n_per_arm, days, power, coverage, history)
    with progress() as say:
        report = design_experiment(open_project(project), name, question, overrides=overrides or (), say=say)
    show("experiment design", report.as_json(), lambda console: design_text(console, report), as_json=as_json)


@app.command()
def assign(
    name: Name,
    table: options.Units,
    out: options.Out = None,
    id_column: options.IdColumn = None,
    salt: options.Salt = None,
    version: options.HashVersion = None,
    strata: options.Strata = None,
    blocks: options.Blocks = None,
    coverage: options.Coverage = None,
    as_of: options.Starts = None,
    dry_run: DryRun = False,
    overrides: Overrides = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give every unit of a file its arm, with its chances.

    The same id always gets the same arm, unless arms are dealt out within strata. The global holdout stays
    out. A test with `experiment:` is also written into the project's assignments, once. An arm is no
    permission to contact anybody: consent and suppressions are for whoever sends.

    Example: lab experiment assign gate --table players.csv --out arms.parquet
    """
    from retention_lab.cli.assign_texts import assign_text
    from retention_lab.workflows.assign_experiment import AssignRequest, assign_experiment
    from retention_lab.workflows.project import open_project

    lab = open_project(project)
    request = AssignRequest(
        table=table,
        out=out,
        id_column=id_column,
        salt=salt,
        version=version,  # type: ignore[arg-type]  # 2 or 3: Typer has seen to it
        strata=tuple(one.strip() for one in strata.split(",")) if strata else (),
        blocks=blocks,
        coverage=coverage,
        starts=None if as_of is None else lab.start_of(as_of),
        dry_run=dry_run,
    )
    report = assign_experiment(lab, name, request, overrides=overrides or ())
    show("experiment assign", report.as_json(), lambda console: assign_text(console, report), as_json=as_json)


@app.command()
def check(
    name: Name,
    overrides: Overrides = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Ask whether a test may be believed, before any result.

    Exit code 1 where it may not. Nothing is kept.

    Example: lab experiment check gate
    """
    from retention_lab.cli.experiment_texts import check_text
    from retention_lab.workflows.check_experiment import check_experiment
    from retention_lab.workflows.project import open_project

    with progress() as say:
        report = check_experiment(open_project(project), name, overrides=overrides or (), say=say)
    show("experiment check", report.as_json(), lambda console: check_text(console, report), as_json=as_json)
    raise typer.Exit(DONE if report.trust.trustworthy else ANSWER_IS_NO)


@app.command()
def analyze(
    name: Name,
    overrides: Overrides = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Compare the arms and say what the data allow us to conclude.

    Exit code 1 where they are not to be trusted.

    Example: lab experiment analyze gate --json
    """
    from retention_lab.cli.experiment_texts import analysis_text
    from retention_lab.workflows.analyze_experiment import analyze_experiment
    from retention_lab.workflows.project import open_project

    with progress() as say:
        report = analyze_experiment(open_project(project), name, overrides=overrides or (), say=say)
    show(
        "experiment analyze",
        report.as_json(),
        lambda console: analysis_text(console, report),
        as_json=as_json,
    )
    raise typer.Exit(DONE if report.trustworthy else ANSWER_IS_NO)


@app.command()
def report(
    name: Name,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the latest analysis as HTML pages again.

    One a language, the project's first.

    Example: lab experiment report gate
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.report_experiment import report_experiment

    result = report_experiment(open_project(project), name)
    show("experiment report", result, lambda console: console.print(result["file"]), as_json=as_json)


@app.command()
def simulate(
    name: Name,
    replications: Annotated[int, typer.Option(min=100, help="How many tests are simulated.")] = 10_000,
    units: Annotated[
        int | None, typer.Option(min=1, help="Units of one test; as planned, or as there are, if not given.")
    ] = None,
    effect: Annotated[
        str | None,
        typer.Option(help="Effect to plant: 0.01 in a metric's own unit, or 5%; the plan's if not given."),
    ] = None,
    looks: Annotated[
        int | None, typer.Option(min=1, help="Looks on the way to the end; as planned, or 14.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is drawn.")] = 1,
    overrides: Overrides = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Try the analysis on your own units, randomised anew.

    How often it finds an effect where there is none, how often its intervals hold the truth, and how often
    it finds one that was planted. Exit code 1 where a promise is broken.

    Example: lab experiment simulate gate --effect 5% --looks 14
    """
    from retention_lab.cli.simulation_texts import simulation_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.simulate_experiment import SimulationQuestion, simulate_experiment

    question = SimulationQuestion(replications, units, effect, looks, seed)
    with progress() as say:
        lab = open_project(project)
        report = simulate_experiment(lab, name, question, overrides=overrides or (), say=say)
    show(
        "experiment simulate",
        report.as_json(),
        lambda console: simulation_text(console, report),
        as_json=as_json,
    )
    raise typer.Exit(DONE if report.simulation.holds else ANSWER_IS_NO)


@app.command("list")
def list_(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """All A/B tests, and what their last analysis said.

    Example: lab experiment list
    """
    from retention_lab.cli.experiment_texts import list_text
    from retention_lab.workflows.list_experiments import list_experiments
    from retention_lab.workflows.project import open_project

    found = list_experiments(open_project(project))
    result = {"experiments": [one.as_json() for one in found]}
    show("experiment list", result, lambda console: list_text(console, found), as_json=as_json)


def _share(text: str | None) -> float | None:
    """`2%` or `0.02` as a number."""
    if text is None:
        return None
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / 100 if percent else float(number)
    except ValueError:
        rest = text
    if rest or (not percent and share >= 1):
        raise UsageError(f"'{text}' is no share of the baseline.", "Write 2% or 0.02.")
    return share
