"""Which function carries out a command about a model: it depends on the model's kind."""

from collections.abc import Callable
from typing import Any, Literal, Protocol

from retention_lab import catalog
from retention_lab.errors import ConfigurationError
from retention_lab.tracking.registry import find_version, parse_selector
from retention_lab.tracking.store import Store

Command = Literal["train", "evaluate", "judge", "explain"]


class Report(Protocol):
    """What every command about a model finds, whatever the kind."""

    @property
    def kind(self) -> str:
        """The kind of the model, which says how to print this."""

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""


class Training(Report, Protocol):
    """What every training finds."""

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed; nothing is registered where one did."""


def command_of(kind: str, command: Command, name: str) -> Callable[..., Any]:
    """What carries out `command` for models of that kind. name: the definition, for the message.

    Raises ConfigurationError where models of that kind do not know the command.
    """
    known = catalog.MODELS.get(kind, {})
    if command not in known:
        able = ", ".join(one for one, commands in catalog.MODELS.items() if command in commands)
        raise ConfigurationError(
            f"'{name}' is of kind {kind}, for which there is no `{command}`.",
            f"Kinds that have it: {able}. {_instead(kind, name)}".strip(),
            key="kind",
        )
    found: Callable[..., Any] = catalog.resolve(known[command])
    return found


def version_kind(store: Store, selector: str) -> str:
    """The kind of a registered version; nothing of it is loaded. Raises LabError where there is none."""
    return find_version(store, *parse_selector(selector)).tags.get("lab.kind", "uplift")


def _instead(kind: str, name: str) -> str:
    """What is done with definitions that are no models."""
    return {
        "campaign": f"Campaigns are planned: `lab campaign plan {name}`.",
        "abtest": f"A/B tests are analysed: `lab experiment analyze {name}`.",
    }.get(kind, "")
