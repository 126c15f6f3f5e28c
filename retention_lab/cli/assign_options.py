"""Options of `lab experiment assign`: what is drawn, how, and when the test starts."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

Units = Annotated[Path, typer.Option("--table", help="The units, one row each: CSV, .csv.gz or Parquet.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where the arms go: .csv or .parquet.")]
IdColumn = Annotated[
    str | None, typer.Option("--id", help="Column with the ids; the definition's unit if not given.")
]
Salt = Annotated[str | None, typer.Option(help="Seed of the draw; the definition's name if not given.")]
HashVersion = Annotated[
    int | None, typer.Option(min=2, max=3, help="Hash: 2 is GrowthBook's with 10,000 buckets, 3 has 2^53.")
]
Strata = Annotated[str | None, typer.Option(help="Columns within which arms are balanced, joined by commas.")]
Blocks = Annotated[
    int | None, typer.Option(min=2, help="Blocks that a stratum column of numbers is cut into; 10.")
]
Coverage = Annotated[
    float | None, typer.Option(help="Part of the units that may enter and do; all if not given.")
]
Starts = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="When the test starts, in the project's time zone; now if not given.",
    ),
]
