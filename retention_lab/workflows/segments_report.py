"""What a training of segments found, as `lab train` shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures


@dataclass(frozen=True, slots=True)
class SegmentsReport:
    """What a training found.

    winner: the method; best: with the number of groups. metrics: stability and silhouette of what is
    registered. segments: one row each, the largest first. left_out: customers in no segment. chosen_by:
    feature -> weight, where LASSO picked them.
    """

    name: str
    kind: str
    winner: str
    best: str
    run_id: str
    model_version: str | None
    checks: list[Check]
    metrics: Mapping[str, Any]
    candidates: Sequence[Mapping[str, Any]]
    features: Sequence[str]
    chosen_by: Mapping[str, float] | None
    segments: Sequence[Mapping[str, Any]]
    customers: int
    left_out: int
    report: str

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "targeting": None}
