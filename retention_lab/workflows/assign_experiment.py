"""`lab experiment assign`: an arm for every unit of a file, by hash or within strata, with its chances."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.abtest.assign import HashDesign
from retention_lab.abtest.drawn import Drawn, drawn_by_hash, drawn_within_strata
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.hashes import HashVersion
from retention_lab.abtest.sample_ratio import SampleRatio, sample_ratio
from retention_lab.abtest.stratified import StratifiedDesign
from retention_lab.abtest.unique_units import unique_units
from retention_lab.arrays import Bools
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.loading import definition_sha256
from retention_lab.data.read import read_with_text
from retention_lab.data.write import table_bytes
from retention_lab.errors import ConfigurationError, LabError, UsageError, did_you_mean, found_in
from retention_lab.tracking.git import git_commit
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.whole_files import write_whole
from retention_lab.workflows.analyze_experiment import abtest_definition
from retention_lab.workflows.experiment_entry import entry_at, planned_arms
from retention_lab.workflows.own_assignments import busy_customers, write_assignments
from retention_lab.workflows.project import Lab

_BLOCKS = 10  # of a column of numbers, where nobody says how many
_HASH: HashVersion = 2


@dataclass(frozen=True, slots=True)
class AssignRequest:
    """What is asked.

    table: the units. id_column: None is the definition's. salt: None is the definition's name. version: of
    the hash, None is 2. strata: columns within which arms are balanced; blocks: into which a column of
    numbers is cut. coverage: part of the units that may enter and do. starts: aware, None is now. dry_run:
    write nothing.
    """

    table: Path
    out: Path | None = None
    id_column: str | None = None
    salt: str | None = None
    version: HashVersion | None = None
    strata: tuple[str, ...] = ()
    blocks: int | None = None
    coverage: float | None = None
    starts: datetime | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.strata and (self.version is not None or self.coverage is not None):
            raise UsageError(
                "Within strata arms are dealt out, not hashed, and to everybody who may enter.",
                "Leave --version and --coverage out, or --strata.",
            )
        if self.blocks is not None and not self.strata:
            raise UsageError("--blocks cuts the columns of --strata.", "Name them, or leave --blocks out.")
        if self.out is not None and not self.out.name.endswith((".csv", ".csv.gz", ".parquet")):
            raise UsageError(
                f"{self.out.name} is no kind of file that is written.", "End it in .csv, .csv.gz or .parquet."
            )


@dataclass(frozen=True, slots=True)
class AssignReport:
    """What the command answers. experiment: the name that the assignments go by; method: how arms were drawn;
    files: written, the project's assignments last; run_id: of those."""

    experiment: str
    drawn: Drawn
    ratio: SampleRatio
    method: str
    salt: str
    starts: datetime
    files: tuple[str, ...] = ()
    run_id: str | None = None

    @property
    def strata(self) -> int | None:
        """How many there are; None where arms were hashed."""
        return None if self.drawn.stratum is None else len(set(self.drawn.stratum) - {""})

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        drawn, ratio = self.drawn, self.ratio
        return {
            "experiment": self.experiment,
            "assigned": drawn.counts,
            "left_out": drawn.left_out,
            "file": self.files[0] if self.files else None,
            "files": list(self.files),
            "sample_ratio": {
                "p_value": ratio.p_value,
                "observed": ratio.observed,
                "planned": ratio.planned,
            },
            "method": self.method,
            "salt": self.salt,
            "strata": self.strata,
            "propensity": dict(zip(drawn.arms, drawn.chances.tolist(), strict=True)),
            "admitted": drawn.admitted,
            "assigned_at": self.starts.isoformat(),
            "run_id": self.run_id,
        }


def assign_experiment(
    lab: Lab, name: str, request: AssignRequest, *, overrides: Sequence[str] = ()
) -> AssignReport:
    """Give every unit its arm. A test with `experiment:` is written into the project's assignments, once.

    Raises LabError where the file does not fit, assignments under that name or in that file are there
    already, or nobody may enter.
    """
    definition = abtest_definition(lab, name, overrides)
    starts = (request.starts or datetime.now(UTC)).astimezone(UTC)
    shares = _shares(definition)
    _require_place(definition, request)
    entry = entry_at(lab, definition, starts)
    if definition.experiment is None:
        busy = pa.array([], pa.string())
    else:
        busy = busy_customers(lab, definition, list(shares), starts)
    drawn = _draw(lab, definition, request, shares, entry, busy)
    method = "within strata" if request.strata else f"hash version {request.version or _HASH}"
    report = AssignReport(
        definition.experiment or name,
        drawn,
        sample_ratio(drawn.counts, shares),
        method,
        _salt(definition, request),
        starts,
    )
    return report if request.dry_run else _written(lab, definition, request, report)


def _shares(definition: AbTestDefinition) -> dict[str, float]:
    found = planned_arms(definition)
    if not found:
        raise ConfigurationError(
            "No shares are planned, so nobody can say how often each arm is to be drawn.",
            "Add `planned_shares: {…}`, one for every arm, summing to 1.",
            file=definition.file,
            key="planned_shares",
        )
    return found


def _require_place(definition: AbTestDefinition, request: AssignRequest) -> None:
    if request.out is None:
        if definition.experiment is None and not request.dry_run:
            raise UsageError("Nothing says where the arms go.", "Name a file with --out.")
    elif request.out.exists() and request.out.resolve() == request.table.resolve():
        raise UsageError("The arms would replace the units that get them.", "Name another file with --out.")


def _draw(
    lab: Lab,
    definition: AbTestDefinition,
    request: AssignRequest,
    shares: dict[str, float],
    entry: Entry,
    busy: pa.Array,
) -> Drawn:
    file = request.table if request.table.exists() else lab.project.path(request.table)
    column = _id_column(definition, request)
    salt, planned = _salt(definition, request), tuple(shares.values())
    with found_in(file):
        rows = read_with_text(file, [column])
        _require_columns(rows, [column], "--id")
        ids = unique_units(rows[column])
        waits = _among(ids.texts(), busy)
        if request.strata:
            columns = _stratum_columns(rows, request)
            design = StratifiedDesign(salt, planned, entry)
            blocks = request.blocks or _BLOCKS
            drawn = drawn_within_strata(ids, tuple(shares), design, columns, blocks, waits)
        else:
            coverage = 1.0 if request.coverage is None else request.coverage
            hashed = HashDesign(salt, planned, coverage, request.version or _HASH, entry)
            drawn = drawn_by_hash(ids, tuple(shares), hashed, waits)
        if not drawn.inside.any():
            reasons = ", ".join(f"{reason}: {count}" for reason, count in drawn.left_out.items())
            raise LabError(
                f"None of the {len(ids)} units may enter ({reasons}).", "Assign other units, or more."
            )
    return drawn


def _id_column(definition: AbTestDefinition, request: AssignRequest) -> str:
    found = request.id_column or definition.unit or (definition.experiment and "customer_id")
    if not found:
        raise ConfigurationError(
            "The definition names no column of ids, and an arm belongs to a unit for good.",
            "Name the column with --id.",
            file=definition.file,
            key="unit",
        )
    return found


def _salt(definition: AbTestDefinition, request: AssignRequest) -> str:
    return definition.name if request.salt is None else request.salt


def _require_columns(rows: pa.Table, names: Sequence[str], option: str) -> None:
    for name in names:
        if name not in rows.column_names:
            raise LabError(
                f"There is no column '{name}' for {option}.",
                did_you_mean(name, rows.column_names),
                key=name,
            )


def _stratum_columns(rows: pa.Table, request: AssignRequest) -> dict[str, np.ndarray]:
    _require_columns(rows, request.strata, "--strata")
    columns = {name: rows[name].to_numpy(zero_copy_only=False) for name in request.strata}
    if request.blocks is not None and all(one.dtype.kind not in "iufM" for one in columns.values()):
        raise UsageError("No column of --strata holds numbers or times.", "Leave --blocks out.")
    return columns


def _among(ids: Sequence[str], some: pa.Array) -> Bools:
    there = set(some.to_pylist())
    return np.array([one in there for one in ids], dtype=np.bool_)


def _written(
    lab: Lab, definition: AbTestDefinition, request: AssignRequest, report: AssignReport
) -> AssignReport:
    files = []
    if request.out is not None:
        data = table_bytes(request.out, report.drawn.table())
        if request.out.exists() and request.out.read_bytes() != data:
            raise LabError(
                "This file holds other assignments, and a unit's arm is never changed.",
                "Name another file with --out, or remove this one if no unit has met its arm.",
                file=request.out,
                key="--out",
            )
        write_whole(request.out, data)
        files.append(str(request.out))
    if definition.experiment is None:
        return replace(report, files=tuple(files))
    tags = {
        **run_tags(
            "abtest",
            definition.name,
            as_of=report.starts,
            definition_sha256=definition_sha256(definition),
            git_commit=git_commit(lab.folder),
        ),
        "lab.role": "assign",
        "lab.experiment": report.experiment,
    }
    # apart from analyses, of which the latest is what the next one goes on from
    with start_run(lab.open_store(), f"assign/{definition.name}", f"assign {report.experiment}", tags) as run:
        file = write_assignments(lab, report.experiment, report.drawn, report.starts)
        kept = replace(report, files=(*files, str(file.relative_to(lab.folder))), run_id=run.id)
        run.log_json("result.json", kept.as_json())
    return kept
