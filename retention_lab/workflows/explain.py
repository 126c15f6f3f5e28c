"""`lab explain`: why a version predicts what it does for one customer."""

from retention_lab.workflows.model_kinds import Report, command_of, version_kind
from retention_lab.workflows.project import Lab


def explain(lab: Lab, selector: str, customer: str) -> Report:
    """Why a registered version predicts what it does for that customer.

    Raises LabError where nobody has that id, or the version cannot give reasons.
    """
    run = command_of(version_kind(lab.open_store(), selector), "explain", selector)
    found: Report = run(lab, selector, customer)
    return found
