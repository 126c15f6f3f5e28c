"""What pages of every kind show: where the figures come from."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Origin:
    """The footer: what a reader needs to find the figures again. None leaves a part out."""

    model: str | None = None
    experiment: str | None = None
    run_id: str | None = None
    data_as_of: date | None = None
    extra: tuple[str, ...] = field(default=())
