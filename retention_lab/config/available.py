"""What of the contract this version carries out; the rest is refused by name, never ignored."""

from collections.abc import Mapping, Sequence

from retention_lab.errors import did_you_mean
from retention_lab.settings.frozen import refuse


def only_available(
    what: str, asked: Sequence[str], here: Mapping[str, str], known: Sequence[str], *, key: str
) -> None:
    """Refuse, inside a validator, a name that does not exist or that this version does not have yet."""
    for position, name in enumerate(asked):
        at = key if len(asked) == 1 else f"{key}.{position}"
        if name not in known:
            refuse(f"No {what} is named '{name}'.", did_you_mean(name, known), key=at)
        if name not in here:
            refuse(
                f"The {what} '{name}' is not in this version yet.",
                f"What works in it: {', '.join(here)}.",
                key=at,
            )
