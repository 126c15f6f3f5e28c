"""YAML as the lab reads it: few surprises, nothing executed, nothing read twice.

Only `true` and `false` are booleans, `1e-3` is a number, `007` and dates stay text. A key given twice is
refused, and so is a file that unfolds into more than it shows.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from retention_lab.errors import ConfigurationError
from retention_lab.settings.values import label_of

LARGEST_FILE = 1_000_000  # bytes
_LARGEST_TREE = 100_000  # values, after aliases are followed


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping that a file holds.

    Raises ConfigurationError when the file is too large, not UTF-8, not YAML or not a mapping.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigurationError(
            f"The file cannot be read ({error.strerror}).", "Check its path and permissions.", file=file
        ) from error
    if len(data) > LARGEST_FILE:
        raise ConfigurationError(
            "The file is larger than 1 MB, which no definition is.", "Data belong into a table.", file=file
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"The file is not UTF-8 (byte {error.start}).", "Save it as UTF-8.", file=file
        ) from error
    found = parse_yaml(text, file=file)
    if not isinstance(found, dict):
        shown = "empty" if found is None else "not a mapping"
        raise ConfigurationError(
            f"The file is {shown}; a definition is `key: value` lines.", "Start with `kind: …`.", file=file
        )
    return found


def parse_yaml(text: str, *, file: Path | None = None) -> Any:
    """The value that YAML text means. Raises ConfigurationError with the line where it does not parse."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _tree_size(node, {})
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the text"
        raise ConfigurationError(
            f"This is not YAML that can be read: {error.problem or 'it does not parse'} ({where}).",
            "Check indentation and quotes there.",
            file=file,
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(
            "This is not YAML that can be read.", "Check for unusual characters.", file=file
        ) from error
    except RecursionError as error:
        raise ConfigurationError(
            "The YAML is nested too deeply.", "Write it flatter, without references to itself.", file=file
        ) from error


class _Loader(yaml.SafeLoader):
    """The safe loader with the few words of YAML 1.2 that a definition needs."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own shape)


_WORDS = (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    # digits before or after the point; with neither point nor exponent it is a whole number, matched above
    (
        "float",
        r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        list("-+0123456789."),
    ),
)
for _tag, _pattern, _first in _WORDS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    """A mapping with text for keys: `1:` and `"1":` are the same arm."""
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = label_of(loader.construct_object(key_node, deep=True))
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "a key must be one word", key_node.start_mark)
        if key in found:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is given twice", key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def _tree_size(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Values under a node with every alias followed; each node is visited once, so a bomb costs nothing."""
    known = sizes.get(id(node))
    if known is not None:
        if known == 0:
            raise yaml.constructor.ConstructorError(None, None, "a value refers to itself", node.start_mark)
        return known
    sizes[id(node)] = 0
    size = 1
    if isinstance(node, yaml.MappingNode):
        size += sum(_tree_size(key, sizes) + _tree_size(value, sizes) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        size += sum(_tree_size(item, sizes) for item in node.value)
    if size > _LARGEST_TREE:
        raise yaml.constructor.ConstructorError(None, None, "its aliases unfold without end", node.start_mark)
    sizes[id(node)] = size
    return size
