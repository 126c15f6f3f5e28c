"""`lab doctor`: is everything in place for the next command?"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from retention_lab.errors import LabError
from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.store import doctor as examine_store

T = TypeVar("T")
Check = dict[str, Any]
PACKAGES = ("mlflow", "lightgbm", "scikit-learn", "causalml", "duckdb", "pyarrow", "sqlglot", "statsmodels")
SUPPORTED = ((3, 11), (3, 13))


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was examined, one check a line."""

    checks: list[Check]

    @property
    def passed(self) -> bool:
        """Whether no hard check failed."""
        return not any(check["severity"] == "hard" and check["passed"] is False for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {"passed": self.passed, "checks": self.checks}


def doctor(folder: Path | None) -> DoctorReport:
    """Examine Python, the packages, the project, its tables and its store; later checks need earlier ones."""
    checks = [_python(), *[_package(name) for name in PACKAGES]]
    place, opened = _attempt("project", lambda: open_project(folder), _place)
    checks.append(place)
    if opened is not None:
        checks += [_tables(opened), *_store(opened)]
    return DoctorReport(checks)


def _place(lab: Lab) -> str:
    return str(lab.folder)


def _python() -> Check:
    found = sys.version_info[:2]
    low, high = SUPPORTED
    detail = f"Python {found[0]}.{found[1]}; {low[0]}.{low[1]} to {high[0]}.{high[1]} are supported"
    return _check("python", low <= found <= high, detail)


def _package(name: str) -> Check:
    try:
        return _check(name, True, f"version {metadata.version(name)}")
    except metadata.PackageNotFoundError:
        return _check(name, False, "not installed: run `make install`, or pip install retention-lab")


def _tables(lab: Lab) -> Check:
    return _attempt("tables", lambda: _found_tables(lab), lambda found: found)[0]


def _found_tables(lab: Lab) -> str:
    with lab.open_tables() as tables:
        names = sorted(tables.places)
    if not names:
        return f"none in {lab.settings.data.source} yet: `lab data import` brings them in"
    return ", ".join(names)


def _store(lab: Lab) -> list[Check]:
    checks = []

    def examine() -> str:
        report = examine_store(lab.folder, lab.settings.tracking.uri)
        checks.extend(report.checks)
        return "reached"

    return [_attempt("store", examine, lambda detail: detail)[0], *checks]


def _attempt(name: str, action: Callable[[], T], describe: Callable[[T], str]) -> tuple[Check, T | None]:
    try:
        found = action()
    except LabError as error:
        return _check(name, False, str(error)), None
    return _check(name, True, describe(found)), found


def _check(name: str, passed: bool, detail: str) -> Check:
    return {
        "name": name,
        "severity": "hard",
        "passed": passed,
        "value": None,
        "threshold": None,
        "detail": detail,
    }
