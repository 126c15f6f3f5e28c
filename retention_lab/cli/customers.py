"""`lab customers …`: the customer view."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from retention_lab.cli.options import AsJson, AsOf, ProjectFolder
from retention_lab.cli.show import progress, show

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The customer view.\n\nExample: lab customers columns",
)

Before = Annotated[
    datetime | None,
    typer.Option(
        "--before",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="The earlier date to compare with; 90 days before the other if not given.",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Also write one row per customer: .csv, .csv.gz or .parquet.")
]
By = Annotated[
    str,
    typer.Option(
        "--by", help="How customers are grouped: rfm, a column of words, or the name of trained segments."
    ),
]
Window = Annotated[
    int,
    typer.Option("--window", min=1, help="Days of the funnel, and of the two windows of the retention rate."),
]
SegmentsName = Annotated[
    str, typer.Argument(help="Trained segments: NAME, NAME@champion, NAME@challenger or NAME/VERSION.")
]


@app.command()
def rfm(as_of: AsOf = None, out: Out = None, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Score recency, frequency and money in fifths.

    Equal values share a score. Whoever has not ordered has none.

    Example: lab customers rfm --out rfm.csv
    """
    from retention_lab.cli.customer_texts import rfm_text
    from retention_lab.workflows.customer_rfm import customer_rfm
    from retention_lab.workflows.project import open_project

    view = customer_rfm(open_project(project), as_of, out)
    show("customers rfm", view.as_json(), lambda console: rfm_text(console, view), as_json=as_json)


@app.command()
def lifecycle(
    as_of: AsOf = None,
    before: Before = None,
    out: Out = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Count customers by stage of life, and who moved.

    Stages follow from each customer's own rhythm: prospect, new, active, at risk, churned, returned.

    Example: lab customers lifecycle --as-of 2026-03-01 --before 2025-12-01
    """
    from retention_lab.cli.customer_texts import lifecycle_text
    from retention_lab.workflows.customer_lifecycle import customer_lifecycle
    from retention_lab.workflows.project import open_project

    view = customer_lifecycle(open_project(project), as_of, before, out)
    show(
        "customers lifecycle", view.as_json(), lambda console: lifecycle_text(console, view), as_json=as_json
    )


@app.command()
def cohorts(as_of: AsOf = None, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Follow customers by the month of their first order.

    Retention and revenue month by month, in the project's time zone.

    Example: lab customers cohorts --json
    """
    from retention_lab.cli.customer_texts import cohorts_text
    from retention_lab.workflows.customer_cohorts import customer_cohorts
    from retention_lab.workflows.project import open_project

    view = customer_cohorts(open_project(project), as_of)
    show("customers cohorts", view.as_json(), lambda console: cohorts_text(console, view), as_json=as_json)


@app.command()
def loyalty(
    as_of: AsOf = None,
    by: By = "lifecycle",
    window_days: Window = 90,
    out: Out = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Measure loyalty, and the way from a view to an order.

    Frequency, value, duration, satisfaction, referral, repeat purchase and retention, with intervals.

    Example: lab customers loyalty --by region --window 60
    """
    from retention_lab.cli.customer_texts import loyalty_text
    from retention_lab.workflows.customer_loyalty import customer_loyalty
    from retention_lab.workflows.project import open_project

    view = customer_loyalty(open_project(project), as_of, by=by, window_days=window_days, out=out)
    show("customers loyalty", view.as_json(), lambda console: loyalty_text(console, view), as_json=as_json)


@app.command()
def segments(
    name: SegmentsName = "segments",
    as_of: AsOf = None,
    before: Before = None,
    out: Out = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show trained segments at a date, and who moved.

    Train them first: `lab train segments`.

    Example: lab customers segments --before 2025-12-01
    """
    from retention_lab.cli.customer_texts import segments_text
    from retention_lab.workflows.customer_segments import customer_segments
    from retention_lab.workflows.project import open_project

    view = customer_segments(open_project(project), name, as_of, before, out)
    show("customers segments", view.as_json(), lambda console: segments_text(console, view), as_json=as_json)


@app.command()
def profile(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer, as the tables write it.")],
    as_of: AsOf = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show one customer from all sides.

    Every fact beside what it is among all customers.

    Example: lab customers profile C000017
    """
    from retention_lab.cli.customer_texts import profile_text
    from retention_lab.workflows.customer_profile import customer_profile
    from retention_lab.workflows.project import open_project

    view = customer_profile(open_project(project), customer_id, as_of)
    show("customers profile", view.as_json(), lambda console: profile_text(console, view), as_json=as_json)


@app.command()
def report(
    as_of: AsOf = None,
    before: Before = None,
    by: By = "lifecycle",
    window_days: Window = 90,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the customer view as a page.

    Stages and moves, RFM grid, cohorts, loyalty, funnels. Cells of few customers are hidden.

    Example: lab customers report --as-of 2026-03-01
    """
    from retention_lab.workflows.customers_page import report_customers
    from retention_lab.workflows.project import open_project

    with progress() as say:
        found = report_customers(
            open_project(project), as_of, before, by=by, window_days=window_days, say=say
        )
    show("customers report", found, lambda console: console.print(f"Page: {found['file']}"), as_json=as_json)


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
