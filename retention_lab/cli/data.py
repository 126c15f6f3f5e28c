"""`lab data …`: tables in, and what they look like."""

from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.options import AsJson
from retention_lab.cli.show import show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tables in, and their quality.\n\nExample: lab data import transactions orders.csv",
)

File = Annotated[Path, typer.Argument(help="A CSV, .csv.gz, TSV or Parquet file.")]


@app.callback()
def group() -> None:
    """Keep each command under its own name."""


@app.command()
def profile(file: File, as_json: AsJson = False) -> None:
    """Look at the columns of a file: types, gaps, ranges, and what each may be. Nothing is changed.

    Example: lab data profile customers.csv
    """
    from retention_lab.cli.data_texts import profile_text
    from retention_lab.data.profile import profile as profile_table
    from retention_lab.data.read import read_flat

    table = read_flat(file)
    columns = profile_table(table)
    result = {"file": file, "rows": table.num_rows, "columns": [column.as_json() for column in columns]}
    show("data profile", result, lambda console: profile_text(console, file, columns), as_json=as_json)
