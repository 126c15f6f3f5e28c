"""What a training of rules found, as `lab train` shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures


@dataclass(frozen=True, slots=True)
class RulesReport:
    """What a training found.

    winner, best: how suggestions are ranked. targeting: better where rules find more of what was hidden than
    popularity does. metrics: of the rules and of the winner's suggestions, in held-out baskets. rules: how
    many, single: those that lead to one item, significant: at a false discovery rate of .05. strongest: the
    first of them, one mapping each.
    """

    name: str
    kind: str
    winner: str
    best: str
    targeting: str
    run_id: str
    model_version: str | None
    checks: list[Check]
    metrics: Mapping[str, Any]
    candidates: Sequence[Mapping[str, Any]]
    baskets: int
    baskets_held_out: int
    items: int
    itemsets: int
    rules: int
    single: int
    significant: int
    looked_up: int
    confirmed: int
    strongest: Sequence[Mapping[str, Any]]
    report: str

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {name: getattr(self, name) for name in self.__slots__}
