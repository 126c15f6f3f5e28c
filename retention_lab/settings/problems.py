"""What a reader is told when a definition does not fit: the file, the key, what was expected and found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from retention_lab.errors import ConfigurationError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "mapping_type": "a mapping (`key: value`)",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_too_short": "text that is not empty",
    "too_short": "a list that is not empty",
}
_LIMITS = {"greater_than": ("above", "gt"), "greater_than_equal": ("of at least", "ge"),
           "less_than": ("below", "lt"), "less_than_equal": ("of at most", "le")}  # fmt: skip


def validated(model: type[Model], data: Mapping[str, Any], file: Path | None = None) -> Model:
    """The typed object, or a ConfigurationError that names the first key which does not fit."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise _first_problem(error, data, file) from error


def _first_problem(error: ValidationError, data: Mapping[str, Any], file: Path | None) -> ConfigurationError:
    problems = error.errors(include_url=False)
    first = problems[0]
    context = first.get("ctx", {})
    key = _key(first["loc"], data, first["type"])
    if first["type"] == "refused":
        found, next_step = str(context["found"]), str(context["next_step"])
        key = ".".join(part for part in (key, context.get("at")) if part)
    elif first["type"] == "missing":
        found, next_step = "The key is missing.", f"Add `{key.rpartition('.')[2]}: …`."
    else:
        found = f"Expected {_expected(first['type'], context, first['msg'])}, found {shown(first['input'])}."
        next_step = _next_step(first["type"], context, first["input"])
    if len(problems) > 1:
        next_step += f" ({len(problems) - 1} more to see after that.)"
    return ConfigurationError(found, next_step, file=file, key=key or None)


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind == "literal_error":
        return f"one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return "a name of letters, digits, `_` and `-` that starts with a letter or a digit"
    if kind in _LIMITS:
        word, key = _LIMITS[kind]
        return f"a number {word} {context[key]:g}"
    return _EXPECTED.get(kind, message)


def _next_step(kind: str, context: Mapping[str, Any], value: Any) -> str:
    if kind == "literal_error":
        known = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return did_you_mean(str(value), known)
    if kind == "bool_type":
        return "Only true and false are booleans; yes, no, on and off are text."
    if kind == "string_type":
        return "Put it in quotes, or write one value only."
    return "Change the value."


def shown(value: Any) -> str:
    """A setting's value with its kind, cut short: `text 'high'`, `number 3`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"number {value}"
    if isinstance(value, str):
        return f"text {value[:60]!r}" + ("…" if len(value) > 60 else "")
    if isinstance(value, Mapping):
        return "a mapping"
    return f"a list of {len(value)}" if isinstance(value, Sequence) else f"a {type(value).__name__}"


def _key(location: tuple[int | str, ...], data: Any, kind: str) -> str:
    """The dotted path in the reader's file; steps that only the validator knows are left out."""
    parts: list[str] = []
    for position, step in enumerate(location):
        if _leads_on(data, step):
            data = data[step]
        elif kind != "missing" or position + 1 < len(location):
            continue
        parts.append(str(step))
    return ".".join(parts)


def _leads_on(data: Any, step: int | str) -> bool:
    if isinstance(data, Mapping):
        return step in data
    return isinstance(data, list | tuple) and isinstance(step, int) and step < len(data)
