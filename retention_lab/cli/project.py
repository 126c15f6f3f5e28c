"""Commands about the project as a whole: init, demo, doctor, validate, new, ui."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.exit_codes import ANSWER_IS_NO, DONE
from retention_lab.cli.options import AsJson, Name, ProjectFolder
from retention_lab.cli.show import progress, show

Folder = Annotated[Path, typer.Argument(help="The folder; made where it does not exist.")]


def add_commands(app: typer.Typer) -> None:
    """Put these commands at the top level of `lab`."""
    for command in (init, demo, doctor, validate, new, ui):
        app.command()(command)


def init(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Make a lab with definitions that are ready to run.

    Example: lab init acme
    """
    from retention_lab.cli.texts import scaffold_text
    from retention_lab.workflows.scaffold import scaffold

    files = scaffold(folder)
    result = {"folder": str(folder), "files": [str(file) for file in files]}
    show("init", result, lambda console: scaffold_text(console, folder, files), as_json=as_json)


def demo(
    folder: Folder = Path("demo"),
    customers: Annotated[int, typer.Option(min=1_000, help="How many customers the retailer has.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same retailer, same story.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run the whole loop once on a simulated retailer.

    What was measured is set beside the truth, which only a simulation can tell.

    Example: lab demo my-first-lab --customers 20000
    """
    from retention_lab.cli.texts import demo_text
    from retention_lab.workflows.demo import demo as run_demo

    with progress() as say:
        report = run_demo(folder, customers=customers, seed=seed, say=say)
    show("demo", report.as_json(), lambda console: demo_text(console, report), as_json=as_json)


def doctor(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Check the set-up.

    Python, the packages, the project, its tables and its tracking store.

    Example: lab doctor
    """
    from retention_lab.cli.texts import checks_text
    from retention_lab.workflows.doctor import doctor as examine

    report = examine(project)
    show("doctor", report.as_json(), lambda console: checks_text(console, report.checks), as_json=as_json)
    raise typer.Exit(DONE if report.passed else ANSWER_IS_NO)


def validate(
    names: Annotated[
        list[str] | None, typer.Argument(help="Definitions to check; all if none is named.")
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check definitions and the data they name; train nothing.

    Example: lab validate winback-uplift
    """
    from retention_lab.cli.texts import validation_text
    from retention_lab.config.loading import find_project, read_project
    from retention_lab.workflows.validate import validate as check

    report = check(read_project(find_project(project)), names or [])
    show("validate", report.as_json(), lambda console: validation_text(console, report), as_json=as_json)
    raise typer.Exit(report.exit_code)


def new(
    kind: Annotated[
        str, typer.Argument(help="Kind of the definition: uplift, churn, clv, abtest or campaign.")
    ],
    name: Name,
    table: Annotated[Path, typer.Option("--table", help="The file to read: CSV, CSV.gz or Parquet.")],
    treatment: Annotated[str | None, typer.Option(help="Column that says which arm a row was in.")] = None,
    control: Annotated[str | None, typer.Option(help="Value of that column for the control arm.")] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome column; may be given several times.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", help="Column that identifies the customer.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="For a campaign: the uplift model that chooses.")] = None,
    budget: Annotated[float | None, typer.Option(help="For a campaign: the most it may cost.")] = None,
    cost: Annotated[float | None, typer.Option(help="For a campaign: cost of one contact.")] = None,
    customer: Annotated[str | None, typer.Option(help="For clv: column that says whose line it is.")] = None,
    time: Annotated[str | None, typer.Option(help="For clv: column that says when it was bought.")] = None,
    amount: Annotated[str | None, typer.Option(help="For clv: column that says what was paid.")] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write a commented definition for a file.

    Profiles the file, guesses what was not said, and prints every guess.

    Example: lab new uplift mail --table people.csv --treatment group --control none
    """
    from retention_lab.cli.texts import new_definition_text
    from retention_lab.config.loading import find_project, read_project
    from retention_lab.workflows.new_definition import Answers, new_definition

    answers = Answers(
        treatment=treatment,
        control=control,
        outcomes=tuple(outcome or ()),
        id=id_column,
        model=model,
        budget=budget,
        cost=cost,
        customer=customer,
        time=time,
        amount=amount,
    )
    report = new_definition(read_project(find_project(project)), kind, name, table, answers)
    show("new", report.as_json(), lambda console: new_definition_text(console, report), as_json=as_json)


def ui(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port on 127.0.0.1.")] = 5000,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Open MLflow's own UI on the project's store.

    On this machine only. Ctrl-C stops it.

    Example: lab ui --port 5001
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.ui import serve_ui

    def announce(address: str) -> None:
        sentence = f"MLflow's UI on this project's store: {address} (Ctrl-C stops it)"
        show("ui", {"address": address}, lambda console: console.print(sentence), as_json=as_json)
        sys.stdout.flush()  # whoever waits for the address reads it now

    serve_ui(open_project(project), port, announce)
