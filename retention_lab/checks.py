"""One check, whether of data, of a draw, of the set-up or of a gate: what every command and page shows."""

from collections.abc import Iterable
from typing import Literal, TypedDict

Severity = Literal["hard", "soft"]


class Check(TypedDict):
    """As it stands in the JSON of every command, key by key.

    severity: a failed hard check refuses, a failed soft one is shown with every result.
    passed: None where it could not be asked; `detail` then says why.
    value, threshold: in the check's own unit; None where it has no number.
    """

    name: str
    severity: Severity
    passed: bool | None
    value: float | str | None
    threshold: float | None
    detail: str


def check(
    name: str,
    severity: Severity,
    passed: bool | None,
    value: float | str | None = None,
    threshold: float | None = None,
    detail: str = "",
) -> Check:
    """One check, with its keys in the order in which they are printed.

    >>> check("rows", "hard", True, 20, 1, "20 rows can be read.")["passed"]
    True
    """
    return {
        "name": name,
        "severity": severity,
        "passed": passed,
        "value": value,
        "threshold": threshold,
        "detail": detail,
    }


def hard_failures(checks: Iterable[Check]) -> list[str]:
    """Names of the hard checks that failed, in their order; empty where nothing is refused.

    >>> hard_failures([check("rows", "hard", False), check("gap", "soft", False)])
    ['rows']
    """
    return [one["name"] for one in checks if one["severity"] == "hard" and one["passed"] is False]
