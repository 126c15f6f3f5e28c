"""`lab evaluate`: evidence about a registered version, on rows that it was never trained on."""

from datetime import datetime
from pathlib import Path

from retention_lab.workflows.model_kinds import Report, command_of, version_kind
from retention_lab.workflows.project import Lab


def evaluate(
    lab: Lab,
    selector: str,
    *,
    table: Path | None = None,
    as_of: datetime | None = None,
    against: str | None = None,
) -> Report:
    """Evaluate a version, on its definition's rows or another table, beside another one if asked.

    Raises LabError where there is no such version, or its rows do not allow the question.
    """
    run = command_of(version_kind(lab.open_store(), selector), "evaluate", selector)
    found: Report = run(lab, selector, table=table, as_of=as_of, against=against)
    return found
