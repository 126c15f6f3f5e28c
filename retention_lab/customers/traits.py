"""What sets a segment apart, and the name that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.cleaning import indicator_owner
from retention_lab.features import FeatureSchema

SMALLEST = 0.3  # standard deviations; below, a difference does not make a name
IN_A_NAME = 2
KEPT = 5


@dataclass(frozen=True, slots=True)
class Trait:
    """One feature in which a segment differs from everybody.

    level: of a category, the one that is commoner in the segment; None for numbers. difference: of the means
    (of the level's share), in standard deviations over all customers.
    """

    feature: str
    level: str | None
    direction: Literal["high", "low"]
    difference: float

    @property
    def text(self) -> str:
        """As it stands in a name.

        >>> Trait("orders_365", None, "high", 1.2).text, Trait("region", "north", "high", 0.8).text
        ('high orders_365', 'region north')
        """
        return f"{self.direction} {self.feature}" if self.level is None else f"{self.feature} {self.level}"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def traits(
    columns: Floats, labels: Ints, groups: int, schema: FeatureSchema
) -> tuple[tuple[Trait, ...], ...]:
    """The five largest differences of each segment, largest first. columns: (n, D) as in `indicators`."""
    spread, everybody = columns.std(axis=0), columns.mean(axis=0)
    found: list[tuple[Trait, ...]] = []
    for k in range(groups):
        inside = columns[labels == k]
        if len(inside) == 0:
            found.append(())
            continue
        apart = (inside.mean(axis=0) - everybody) / np.where(spread > 0, spread, 1.0)
        found.append(_largest(apart, spread > 0, schema))
    return tuple(found)


def segment_names(found: Sequence[Sequence[Trait]]) -> tuple[str, ...]:
    """A name per segment: its two largest traits, or `average` where nothing sets it apart; never the same
    twice, a further trait or a number sees to that.

    >>> rich, poor = Trait("revenue", None, "high", 2.0), Trait("revenue", None, "low", -0.5)
    >>> segment_names([[rich], [poor], []])
    ('high revenue', 'low revenue', 'average')
    """
    names: list[str] = []
    for own in found:
        telling = [trait.text for trait in own if abs(trait.difference) >= SMALLEST]
        lengths = range(min(IN_A_NAME, len(telling)), len(telling) + 1)
        tried = [", ".join(telling[:count]) or "average" for count in lengths]
        fresh = next((name for name in tried if name not in names), None)
        number = 2
        while fresh is None:
            numbered = f"{tried[0]} ({number})"
            fresh, number = (numbered if numbered not in names else None), number + 1
        names.append(fresh)
    return tuple(names)


def _largest(apart: Floats, varies: np.ndarray, schema: FeatureSchema) -> tuple[Trait, ...]:
    """One trait per feature at most: of a category, the level that is commonest beyond everybody's share."""
    found: dict[str, Trait] = {}
    levels = [level for levels in schema.levels for level in ((None,) if levels is None else levels)]
    owner = indicator_owner(schema)
    for i in np.argsort(-np.abs(apart), kind="stable"):
        name, level = schema.names[owner[i]], levels[i]
        if name in found or not varies[i] or (level is not None and apart[i] <= 0):
            continue
        found[name] = Trait(name, level, "high" if apart[i] > 0 else "low", float(apart[i]))
    return tuple(found.values())[:KEPT]
