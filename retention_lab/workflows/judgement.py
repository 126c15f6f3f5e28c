"""What the gate says of a version that wants to be champion."""

from dataclasses import dataclass

from retention_lab.checks import Check


@dataclass(frozen=True, slots=True)
class Judgement:
    """passed: the version may become champion. checks: the gate's, each with what was found.

    rows: held-out rows that it was judged on; uses: how often these have judged a model so far; dropped: rows
    left out because a version was trained on them.
    """

    passed: bool
    checks: list[Check]
    rows: int
    uses: int
    dropped: int
