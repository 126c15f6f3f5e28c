"""`lab customers …`: the customer view."""

import typer

from retention_lab.cli.options import AsJson, ProjectFolder
from retention_lab.cli.show import show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The customer view.\n\nExample: lab customers columns",
)


@app.callback()
def group() -> None:
    """Keep `columns` a command of its own."""


@app.command()
def columns(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """List the columns that a campaign's `where` may use.

    With their types and what they mean.

    Example: lab customers columns
    """
    from retention_lab.cli.texts import columns_text
    from retention_lab.workflows.customer_columns import customer_columns
    from retention_lab.workflows.project import open_project

    rows = customer_columns(open_project(project))
    show("customers columns", {"rows": rows}, lambda console: columns_text(console, rows), as_json=as_json)
