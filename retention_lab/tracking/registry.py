"""Registered models: versions, aliases, and the words that pick one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlflow.exceptions import MlflowException

from retention_lab.errors import LabError
from retention_lab.tracking.names import check_name
from retention_lab.tracking.store import Store, store_errors

CHAMPION = "champion"
CHALLENGER = "challenger"
FILES_TAG = "lab.files"
SHA256_TAG = "lab.files_sha256"
LOADER_TAG = "lab.loader"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a registered model. created: milliseconds since 1970. source: where its files are."""

    name: str
    version: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    run_id: str
    created: int
    source: str = field(repr=False)

    @property
    def files_sha256(self) -> str:
        """The SHA-256 of its files; empty where this package did not register it."""
        return self.tags.get(SHA256_TAG, "")


def parse_selector(text: str) -> tuple[str, str]:
    """Split `winback`, `winback@champion` or `winback/3` into the name and its selector.

    Raises LabError for anything else.

    >>> parse_selector("winback@champion"), parse_selector("winback/3"), parse_selector("winback")
    (('winback', '@champion'), ('winback', '/3'), ('winback', ''))
    """
    for mark in "@/":
        name, found, rest = text.partition(mark)
        if found:
            if not rest or (mark == "/" and not rest.isdigit()):
                break
            return check_name(name), f"{mark}{check_name(rest)}"
    else:
        return check_name(text), ""
    raise LabError(f"{text!r} names no version of a model.", "Write NAME, NAME@champion or NAME/3.")


def model_names(store: Store) -> list[str]:
    """The names of all registered models, sorted."""
    return sorted(str(model.name) for model in _all(store, "search_registered_models"))


def versions(store: Store, name: str) -> list[Version]:
    """All versions of a model, the newest first; none where the model is not registered."""
    aliases = _aliases(store, name)
    found = _all(store, "search_model_versions", filter_string=f"name = '{check_name(name)}'")
    listed = [_version(entry, aliases) for entry in found]
    return sorted(listed, key=lambda version: int(version.version), reverse=True)


def alias_version(store: Store, name: str, alias: str) -> Version | None:
    """The version that bears an alias, None where none does."""
    number = _aliases(store, name).get(alias)
    return None if number is None else get_version(store, name, number)


def champion(store: Store, name: str) -> Version | None:
    """The version in use."""
    return alias_version(store, name, CHAMPION)


def challenger(store: Store, name: str) -> Version | None:
    """The version that wants to be in use."""
    return alias_version(store, name, CHALLENGER)


def get_version(store: Store, name: str, number: str) -> Version:
    """One version by its number.

    Raises LabError, naming those that exist, where there is none.
    """
    try:
        with store_errors(store):
            found = store.client.get_model_version(check_name(name), number)
    except LabError as error:
        cause = error.__cause__
        if not isinstance(cause, MlflowException) or cause.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        known = ", ".join(version.version for version in versions(store, name)) or "none"
        raise LabError(
            f"The model {name} has no version {number}.", f"Versions: {known}. `lab train {name}` makes one."
        ) from None
    return _version(found, _aliases(store, name))


def find_version(store: Store, name: str, selector: str = "") -> Version:
    """The version that `@alias`, `/number` or nothing (challenger, else champion, else newest) picks.

    Raises LabError where there is none.
    """
    if selector.startswith("/"):
        return get_version(store, name, selector[1:])
    if selector.startswith("@"):
        found = alias_version(store, name, selector[1:])
        if found is None:
            known = ", ".join(sorted(_aliases(store, name))) or "none"
            raise LabError(
                f"No version of {name} bears the alias {selector[1:]}.",
                f"Aliases: {known}. `lab train {name}` makes a challenger, `lab promote {name}` a champion.",
            )
        return found
    if selector:
        raise LabError(f"{selector!r} picks no version.", "Write @alias, /number or nothing.")
    picked = challenger(store, name) or champion(store, name)
    if picked is not None:
        return picked
    listed = versions(store, name)
    if not listed:
        raise LabError(f"No version of {name} has been registered.", f"Run `lab train {name}` first.")
    return listed[0]


def set_alias(store: Store, name: str, alias: str, version: str) -> None:
    """Point an alias at a version. The champion is moved by `journal.move_champion` alone."""
    with store_errors(store):
        store.client.set_registered_model_alias(check_name(name), alias, version)


def delete_alias(store: Store, name: str, alias: str) -> None:
    """Take an alias away; done already where no version bears it."""
    if alias in _aliases(store, name):
        with store_errors(store):
            store.client.delete_registered_model_alias(name, alias)


def _aliases(store: Store, name: str) -> dict[str, str]:
    try:
        with store_errors(store):
            model = store.client.get_registered_model(check_name(name))
    except LabError as error:
        cause = error.__cause__
        if isinstance(cause, MlflowException) and cause.error_code == "RESOURCE_DOES_NOT_EXIST":
            return {}
        raise
    return {str(alias): str(number) for alias, number in model.aliases.items()}


def _version(entry: Any, aliases: Mapping[str, str]) -> Version:
    number = str(entry.version)
    return Version(
        name=str(entry.name),
        version=number,
        aliases=tuple(sorted(alias for alias, holder in aliases.items() if holder == number)),
        tags=dict(entry.tags),
        run_id=str(entry.run_id or ""),
        created=int(entry.creation_timestamp),
        source=str(entry.source),
    )


def _all(store: Store, method: str, **arguments: Any) -> list[Any]:
    """Every page of one of the client's searches."""
    found: list[Any] = []
    token = None
    while True:
        with store_errors(store):
            page = getattr(store.client, method)(page_token=token, **arguments)
        found.extend(page)
        token = page.token
        if not token:
            return found
