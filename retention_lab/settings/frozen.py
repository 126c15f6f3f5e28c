"""A group of settings: frozen, unknown keys refused, one way to say no."""

from typing import Any, ClassVar, NoReturn

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from retention_lab.errors import did_you_mean


class Frozen(BaseModel):
    """Settings that belong together. A key that it does not know is refused with the nearest one it does."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=False)
    set_by_loader: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        keys = {field.alias or name: name for name, field in cls.model_fields.items()}
        for key in data:
            if key not in keys:
                shown = [alias for alias, name in keys.items() if name not in cls.set_by_loader]
                refuse("The key is not known.", did_you_mean(str(key), shown), key=str(key))
        return data


def refuse(found: str, next_step: str, *, key: str | None = None) -> NoReturn:
    """Refuse a setting from inside a validator; `key` is where, below the part that is validated."""
    raise PydanticCustomError(
        "refused", "{found} {next_step}", {"found": found, "next_step": next_step, "at": key}
    )
