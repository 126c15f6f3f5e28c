"""Segments in figures: how many customers are in each, and what they are like in the features' own units."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.customers.rates import share
from retention_lab.customers.traits import Trait
from retention_lab.features import Features


def segment_rows(
    names: Sequence[str], labels: Ints, features: Features, traits: Sequence[Sequence[Trait]] = ()
) -> list[dict[str, Any]]:
    """One row per segment: customers, their share of all who are in one, means (of categories the commonest
    level) and what sets it apart. labels: (n,) positions in names, -1 for none.
    """
    inside = int((labels >= 0).sum())
    return [
        {
            "segment": name,
            "customers": int((labels == k).sum()),
            "share": share(int((labels == k).sum()), inside).as_json() if inside else None,
            "features": _typical(features.rows(labels == k)),
            "traits": [trait.as_json() for trait in traits[k]] if traits else [],
        }
        for k, name in enumerate(names)
    ]


def _typical(features: Features) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i, (name, levels) in enumerate(zip(features.schema.names, features.schema.levels, strict=True)):
        known = features.values[:, i][np.isfinite(features.values[:, i])]
        if len(known) == 0:
            found[name] = None
        elif levels is None:
            found[name] = float(known.mean())
        else:
            found[name] = levels[int(np.bincount(known.astype(int)).argmax())]
    return found
