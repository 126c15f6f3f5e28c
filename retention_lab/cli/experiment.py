"""`lab experiment …`: A/B tests, from their design to a decision."""

import typer

from retention_lab.cli.exit_codes import ANSWER_IS_NO, DONE
from retention_lab.cli.options import AsJson, Name, Overrides, ProjectFolder
from retention_lab.cli.show import progress, show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Design, assign, check and analyze A/B tests.\n\nExample: lab experiment analyze gate",
)


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
