"""Commands about models: train, evaluate, leaderboard, explain, promote, rollback, score."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.exit_codes import ANSWER_IS_NO, DONE
from retention_lab.cli.options import AsJson, AsOf, DryRun, Name, Names, Overrides, ProjectFolder, Selector
from retention_lab.cli.show import output, progress, show


def add_commands(app: typer.Typer) -> None:
    """Put these commands at the top level of `lab`."""
    for command in (train, evaluate, leaderboard, explain, promote, rollback, score):
        app.command()(command)


def train(
    names: Names,
    as_of: AsOf = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d"],
            help="Learn from customers assigned on this date or later; short for --set since=DATE.",
        ),
    ] = None,
    overrides: Overrides = None,
    register: Annotated[
        bool, typer.Option("--register/--no-register", help="Register the winner as challenger.")
    ] = True,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Fit the candidates, and register the best as challenger.

    Each is tracked as a run; the best is picked by cross-fitted evidence.

    Example: lab train winback-uplift --set validation.share=0.4
    """
    from retention_lab.cli.model_texts import texts_of
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.train import train as run_training

    lab = open_project(project)
    settings = [*(overrides or ()), *([] if since is None else [f"since={since:%Y-%m-%d}"])]
    reports = []
    for name in names:
        with progress() as say:
            found = run_training(lab, name, as_of=as_of, overrides=settings, register=register, say=say)
        reports.append(found)
        if not as_json:
            texts_of(found.kind).train_text(output(), found)
    if as_json:
        results = [report.as_json() for report in reports]
        show("train", results[0] if len(results) == 1 else {"models": results}, as_json=True)
    raise typer.Exit(DONE if all(report.trusted for report in reports) else ANSWER_IS_NO)


def evaluate(
    selector: Selector,
    table: Annotated[
        Path | None,
        typer.Option("--table", help="Rows to evaluate on; the model's own held-out rows if absent."),
    ] = None,
    as_of: AsOf = None,
    against: Annotated[
        str | None, typer.Option(help="Another version, for a paired difference: NAME@champion.")
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Held-out evidence with intervals.

    On rows that the version was not trained on.

    Example: lab evaluate winback-uplift@challenger --against winback-uplift@champion
    """
    from retention_lab.cli.model_texts import texts_of
    from retention_lab.workflows.evaluate import evaluate as run_evaluation
    from retention_lab.workflows.project import open_project

    with progress() as say:
        say("reading the data")
        report = run_evaluation(open_project(project), selector, table=table, as_of=as_of, against=against)
    show(
        "evaluate",
        report.as_json(),
        lambda console: texts_of(report.kind).evaluate_text(console, report),
        as_json=as_json,
    )


def leaderboard(name: Name, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """The candidates of the latest training, side by side.

    And the versions of the model.

    Example: lab leaderboard winback-uplift
    """
    from retention_lab.cli.model_texts import leaderboard_text
    from retention_lab.workflows.leaderboard import leaderboard as read_leaderboard
    from retention_lab.workflows.project import open_project

    report = read_leaderboard(open_project(project), name)
    show("leaderboard", report, lambda console: leaderboard_text(console, report), as_json=as_json)


def explain(
    selector: Selector,
    customer: Annotated[str, typer.Option("--customer", help="Id of the customer, as the table has it.")],
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Why a version predicts what it does for one customer.

    An uplift model: each offer's effect, and what it is made of. Churn and value models: also what would
    change it.

    Example: lab explain winback-uplift --customer c000123
    """
    from retention_lab.cli.model_texts import texts_of
    from retention_lab.workflows.explain import explain as run_explanation
    from retention_lab.workflows.project import open_project

    report = run_explanation(open_project(project), selector, customer)
    show(
        "explain",
        report.as_json(),
        lambda console: texts_of(report.kind).explain_text(console, report),
        as_json=as_json,
    )


def promote(
    name: Name,
    version: Annotated[str | None, typer.Option(help="The version; the challenger if not given.")] = None,
    dry_run: DryRun = False,
    accept_observational: Annotated[
        bool,
        typer.Option("--accept-observational", help="Accept a model whose propensities were estimated."),
    ] = False,
    why: Annotated[str, typer.Option(help="A line for the journal.")] = "",
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a version champion, only where the gate passes.

    The journal keeps who, why and the evidence.

    Example: lab promote winback-uplift --why "best of three" --dry-run
    """
    from retention_lab.cli.model_texts import promote_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.promote import PromotionRequest
    from retention_lab.workflows.promote import promote as run_promotion

    request = PromotionRequest(name, version, dry_run, accept_observational, why)
    report = run_promotion(open_project(project), request)
    show("promote", report.as_json(), lambda console: promote_text(console, report), as_json=as_json)
    raise typer.Exit(DONE if report.passed else ANSWER_IS_NO)


def rollback(
    name: Name,
    why: Annotated[str, typer.Option(help="A line for the journal.")] = "",
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make the previous champion champion again.

    Example: lab rollback winback-uplift --why "complaints since Monday"
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.promote import rollback as run_rollback

    result = run_rollback(open_project(project), name, why)
    sentence = f"{name}: version {result['version']} is champion again, in place of {result['previous']}."
    show("rollback", result, lambda console: console.print(sentence), as_json=as_json)


def score(
    selector: Selector,
    table: Annotated[Path, typer.Option("--table", help="The rows to score: CSV, CSV.gz or Parquet.")],
    out: Annotated[Path, typer.Option("--out", help="Where the scores go: .csv or .parquet.")],
    id_column: Annotated[
        str | None, typer.Option("--id", help="Column with the ids; the definition's, or row numbers.")
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Score the rows of a file with a registered version.

    One row per input row, in input order.

    Example: lab score hillstrom@champion --table data/next.csv --out scores.parquet
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.score import score as run_scoring

    result = run_scoring(open_project(project), selector, table=table, out=out, id_column=id_column)
    sentence = f"{result['rows']:,} rows scored with {result['name']} version {result['version']}: {out}"
    show("score", result, lambda console: console.print(sentence, markup=False), as_json=as_json)
