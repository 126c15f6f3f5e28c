"""`lab feedback …`: what becomes of customers' messages."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.options import AsJson, ProjectFolder, Selector
from retention_lab.cli.show import show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What becomes of customers' messages.\n\nExample: lab feedback triage feedback --out drafts.csv",
)


@app.command()
def triage(
    selector: Selector,
    out: Annotated[Path, typer.Option("--out", help="Where the drafts go: .csv, .csv.gz or .parquet.")],
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="Only messages from this date on, in the project's time zone; all if not given.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--table", help="Messages of another table of the definition's shape."),
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Route each message to a theme, and draft its answer.

    From the definition's own `answers:`, for a person to check and send; nothing is ever sent.

    Example: lab feedback triage feedback --since 2026-02-01 --out drafts.csv
    """
    from retention_lab.cli.feedback_texts import triage_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.triage_feedback import triage_feedback

    report = triage_feedback(open_project(project), selector, out=out, since=since, table=table)
    show("feedback triage", report.as_json(), lambda console: triage_text(console, report), as_json=as_json)


@app.command()
def tone(selector: Selector, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Read the tone of all messages, for models to learn from.

    Every snapshot then has it as columns, of the messages written before its date.

    Example: lab feedback tone feedback@champion
    """
    from retention_lab.cli.feedback_texts import tone_text
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.score_tone import score_tone

    report = score_tone(open_project(project), selector)
    show("feedback tone", report.as_json(), lambda console: tone_text(console, report), as_json=as_json)
