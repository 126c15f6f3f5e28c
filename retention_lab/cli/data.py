"""`lab data …`: tables in, and what they look like."""

from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.exit_codes import ANSWER_IS_NO
from retention_lab.cli.options import AsJson, ProjectFolder
from retention_lab.cli.show import progress, show
from retention_lab.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tables in, and their quality.\n\nExample: lab data import transactions orders.csv",
)

File = Annotated[Path, typer.Argument(help="A CSV, .csv.gz, TSV or Parquet file.")]


Table = Annotated[str, typer.Argument(help="Name of the table: customers, transactions, events, …")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="Where names differ: COLUMN_OF_THE_LAB=COLUMN_OF_THE_FILE. May be repeated."),
]
PresetName = Annotated[
    str | None,
    typer.Option(
        "--preset",
        help="A common shape: ga4, online_retail, shopify, woocommerce; what became of messages: braze, "
        "customerio, klaviyo, campaign_results.",
    ),
]
TimeFormat = Annotated[
    str | None,
    typer.Option("--time-format", help="How times are written where not as ISO 8601, such as %d.%m.%Y."),
]


@app.command("import")
def import_(
    table: Table,
    file: File,
    mapping: Map = None,
    preset: PresetName = None,
    time_format: TimeFormat = None,
    append: Annotated[bool, typer.Option("--append", help="Add to the rows that are there.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the rows that are there.")] = False,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Clean a file and make it one of the project's tables.

    The file itself is never changed. Rows that cannot be used go to data/rejected/, each with its reason.

    Example: lab data import transactions orders.csv --map amount=total_eur --append
    """
    from retention_lab.cli.data_texts import import_text
    from retention_lab.workflows.import_data import ImportSource, import_data
    from retention_lab.workflows.project import open_project

    if append and replace:
        raise UsageError("--append and --replace exclude each other.", "Choose one.")
    source = ImportSource(file, _pairs(mapping or []), preset, time_format)
    lab = open_project(project)
    with progress() as say:
        say(f"Reading {file.name}")
        report = import_data(
            lab.project, table, source, "append" if append else "replace" if replace else "new"
        )
    show("data import", report.as_json(), lambda console: import_text(console, report), as_json=as_json)


@app.command()
def check(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Check the project's tables.

    Gaps, duplicates, orphans, contradictions. Nothing is changed.

    Example: lab data check --json
    """
    from retention_lab.cli.data_texts import check_text
    from retention_lab.workflows.check_data import check_data
    from retention_lab.workflows.project import open_project

    lab = open_project(project)
    with progress() as say:
        say("Checking the tables")
        quality = check_data(lab)
    show("data check", quality.as_json(), lambda console: check_text(console, quality), as_json=as_json)
    if not quality.passed:
        raise typer.Exit(ANSWER_IS_NO)


@app.command()
def profile(file: File, as_json: AsJson = False) -> None:
    """Look at the columns of a file.

    Types, gaps, ranges, and what each may be. Nothing is changed.

    Example: lab data profile customers.csv
    """
    from retention_lab.cli.data_texts import profile_text
    from retention_lab.data.profile import profile as profile_table
    from retention_lab.data.read import read_flat

    table = read_flat(file)
    columns = profile_table(table)
    result = {"file": file, "rows": table.num_rows, "columns": [column.as_json() for column in columns]}
    show("data profile", result, lambda console: profile_text(console, file, columns), as_json=as_json)


@app.command()
def simulate(
    customers: Annotated[int, typer.Option(min=100, help="How many customers the retailer has.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same retailer.")] = 1,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty project with a simulated retailer.

    Example: lab data simulate --customers 5000 --seed 7
    """
    from retention_lab.workflows.project import open_project
    from retention_lab.workflows.simulated_data import simulate_into

    with progress() as say:
        say("Simulating")
        shop, files = simulate_into(open_project(project), customers=customers, seed=seed)
    rows = {file.stem: shop.tables[file.stem].num_rows for file in files}
    sentence = f"{len(rows)} tables of {customers:,} simulated customers, up to {shop.as_of:%Y-%m-%d}"
    result = {"customers": customers, "seed": seed, "as_of": shop.as_of.isoformat(), "tables": rows}
    show("data simulate", result, lambda console: console.print(sentence), as_json=as_json)


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, mark, column = word.partition("=")
        if not (name and mark and column):
            raise UsageError(f"--map {word} is no pair.", "Write --map amount=total_eur.")
        pairs[name] = column
    return pairs
