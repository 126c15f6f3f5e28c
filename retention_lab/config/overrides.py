"""`--set a.b=c`: one value of a definition, changed for one command."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from retention_lab.config.yaml_text import parse_yaml
from retention_lab.errors import ConfigurationError, UsageError


def with_overrides(data: dict[str, Any], overrides: Sequence[str], file: Path) -> dict[str, Any]:
    """A copy of `data` with every `path=value` set; values are YAML, steps into lists are positions.

    Raises UsageError for a word without `=`, ConfigurationError for a path that leads nowhere.

    >>> with_overrides({"a": {"b": 1}, "c": [1, 2]}, ["a.b=true", "c.1=x"], Path("d.yaml"))
    {'a': {'b': True}, 'c': [1, 'x']}
    """
    result = deepcopy(data)
    for override in overrides:
        path, equals, text = override.partition("=")
        if not equals or not all(path.split(".")):
            raise UsageError(f"'{override}' sets nothing.", "Write --set key=value or --set a.b=value.")
        _set(result, path.strip(), parse_yaml(text, file=file), file)
    return result


def _set(data: dict[str, Any], path: str, value: Any, file: Path) -> None:
    *steps, last = path.split(".")
    place: Any = data
    for step in steps:
        if isinstance(place, dict) and place.get(step) is None:
            place[step] = {}
        place = place[step] if isinstance(place, dict) else _items(place, step, path, file)[int(step)]
    if isinstance(place, dict):
        place[last] = value
    else:
        _items(place, last, path, file)[int(last)] = value


def _items(place: Any, step: str, path: str, file: Path) -> list[Any]:
    if isinstance(place, list) and step.isdecimal() and int(step) < len(place):
        return place
    held = f"a list of {len(place)}" if isinstance(place, list) else "a single value"
    raise ConfigurationError(
        f"--set {path} leads nowhere: before '{step}' there is {held}.",
        "Positions in a list start at 0; to replace the whole value, set the shorter path.",
        file=file,
        key=path,
    )
