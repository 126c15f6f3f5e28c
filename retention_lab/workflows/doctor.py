"""`lab doctor`: is everything in place for the next command?"""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retention_lab.checks import Check, check, hard_failures
from retention_lab.errors import LabError

if TYPE_CHECKING:
    from retention_lab.workflows.project import Lab

PACKAGES = {  # as it is installed -> as it is imported
    "mlflow": "mlflow",
    "lightgbm": "lightgbm",
    "scikit-learn": "sklearn",
    "duckdb": "duckdb",
    "pyarrow": "pyarrow",
    "sqlglot": "sqlglot",
    "pydantic": "pydantic",
    "statsmodels": "statsmodels",
    "causalml": None,  # its import takes seconds; that it is there is enough
}
SUPPORTED = ((3, 11), (3, 13))


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was examined, one check a line."""

    checks: list[Check]

    @property
    def passed(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {"passed": self.passed, "checks": self.checks}


def doctor(folder: Path | None) -> DoctorReport:
    """Examine Python, the packages, the project, its tables and its store; later checks need earlier ones."""
    checks = [_python(), *[_package(name, module) for name, module in PACKAGES.items()]]
    if hard_failures(checks):
        return DoctorReport(checks)
    from retention_lab.workflows.project import open_project  # fails where a package does

    try:
        lab = open_project(folder)
    except LabError as error:
        return DoctorReport([*checks, check("project", "hard", False, detail=str(error))])
    place = check("project", "hard", True, detail=str(lab.folder))
    return DoctorReport([*checks, place, _attempt("tables", lambda: _found_tables(lab)), *_store(lab)])


def _python() -> Check:
    found = sys.version_info[:2]
    low, high = SUPPORTED
    detail = f"Python {found[0]}.{found[1]}; {low[0]}.{low[1]} to {high[0]}.{high[1]} are supported"
    return check("python", "hard", low <= found <= high, detail=detail)


def _package(name: str, module: str | None) -> Check:
    try:
        version = metadata.version(name)
        if module is not None:
            importlib.import_module(module)
    except metadata.PackageNotFoundError:
        return check(
            name, "hard", False, detail="not installed: run `make install`, or pip install retention-lab"
        )
    except (ImportError, OSError) as error:  # a system library is missing, or a file of the package
        return check(name, "hard", False, detail=f"installed, but cannot be loaded: {error}")
    return check(name, "hard", True, detail=f"version {version}")


def _found_tables(lab: "Lab") -> str:
    with lab.open_tables() as tables:
        names = sorted(tables.places)
    if not names:
        return f"none in {lab.settings.data.source} yet: `lab data import` brings them in"
    return ", ".join(names)


def _store(lab: "Lab") -> list[Check]:
    from retention_lab.workflows.store import doctor as examine_store  # fails where a package does

    try:
        report = examine_store(lab.folder, lab.settings.tracking.uri)
    except LabError as error:
        return [check("store", "hard", False, detail=str(error))]
    return [check("store", "hard", True, detail=f"reached: {report.address}"), *report.checks]


def _attempt(name: str, action: Callable[[], str]) -> Check:
    try:
        return check(name, "hard", True, detail=action())
    except LabError as error:
        return check(name, "hard", False, detail=str(error))
