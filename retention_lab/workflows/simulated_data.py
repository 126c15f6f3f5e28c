"""The simulated retailer's tables in a project; its truth is never written."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from retention_lab.data.write import table_bytes
from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.simulate import Difficulty, Retailer, retailer
from retention_lab.simulate.difficulty import RANGES
from retention_lab.whole_files import write_all
from retention_lab.workflows.project import Lab

_SIMULATION = "simulation.json"


def simulate_into(
    lab: Lab, *, customers: int, seed: int, difficulty: Difficulty | None = None
) -> tuple[Retailer, list[Path]]:
    """Simulate a retailer and write its tables into the project's data folder, where there are none yet.

    simulation.json says how to make it again: the truth follows from it, and lies in no file.
    Raises LabError where the project has tables already.
    """
    folder = data_folder(lab)
    there = sorted(path.name for path in folder.glob("*.parquet")) + sorted(
        path.name for path in folder.glob("*.csv*")
    )
    if there:
        raise LabError(
            f"The project has tables already ({there[0]} first), and they are not overwritten.",
            "Simulate in a project of its own: `lab init DIR`.",
            file=folder,
        )
    found = retailer(customers, seed, difficulty)
    facts = {
        "customers": customers,
        "seed": seed,
        "difficulty": asdict(difficulty or Difficulty()),
        "as_of": found.as_of.isoformat(),
    }
    return found, write_tables(folder, found.tables, facts)


def difficulty_of(words: Sequence[str]) -> Difficulty:
    """The difficulty that `knob=number` words describe. Raises ConfigurationError for any others."""
    found = {}
    for word in words:
        knob, _, number = word.partition("=")
        if knob not in RANGES:
            raise ConfigurationError(
                f"The simulated retailer has no knob '{knob}'.", did_you_mean(knob, RANGES), key="difficulty"
            )
        try:
            found[knob] = float(number)
        except ValueError as error:
            raise ConfigurationError(
                f"'{word}' gives {knob} no number.", f"Write {knob}=0.5, say.", key="difficulty"
            ) from error
    return Difficulty(**found)


def write_tables(folder: Path, tables: dict[str, pa.Table], facts: dict[str, Any]) -> list[Path]:
    """Every table as Parquet; simulation.json last, so that what is interrupted is seen to be."""
    paths = {folder / f"{name}.parquet": table for name, table in tables.items()}
    files = [(path, table_bytes(path, table)) for path, table in paths.items()]
    marker = folder / _SIMULATION
    write_all([*files, (marker, json.dumps(facts, indent=1).encode())], retract=marker)
    return list(paths)


def data_folder(lab: Lab) -> Path:
    """The project's folder of tables. Raises LabError where its source is something else."""
    source = lab.project.source
    if isinstance(source, str) or source.suffix:
        raise LabError(
            f"The project's data source {source} is no folder.",
            "Set data.source to a folder to simulate into.",
            key="data.source",
        )
    return source
