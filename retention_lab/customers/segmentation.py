"""Segments as a value: whoever is near the same centre, or in the same RFM cell; new customers too."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.cleaning import Cleaning
from retention_lab.customers.centres import nearest
from retention_lab.customers.rfm import CELLS, COLUMNS, Purchases, RfmCuts
from retention_lab.customers.space import Space
from retention_lab.features import Features, FeatureSchema

_FILE = "segments.json"
_RFM_SCHEMA = FeatureSchema(COLUMNS, (None,) * len(COLUMNS))


class Segments(Protocol):
    """Fitted segments. names: of the segments, in their order; schema: the features they read."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the segments, in their order."""

    @property
    def schema(self) -> FeatureSchema:
        """The features that are read."""

    def assign(self, features: Features) -> Ints:
        """(n,) positions in `names`; -1 for customers who belong to none."""

    def to_files(self) -> dict[str, bytes]:
        """The segments in open formats."""


@dataclass(frozen=True, slots=True)
class CentreSegments:
    """Segments around centres, by K-means or Ward. centres: (k, p) in `space`; names: k."""

    method: str
    cleaning: Cleaning
    space: Space
    centres: Floats
    names: tuple[str, ...]

    @property
    def schema(self) -> FeatureSchema:
        """The features that are read."""
        return self.space.schema

    def points(self, features: Features) -> tuple[Floats, Bools]:
        """(m, p) coordinates of the rows that have no gap that drops them, and (n,) which those are."""
        cleaned, kept = self.cleaning.apply(features)
        return self.space.points(cleaned), kept

    def assign(self, features: Features) -> Ints:
        """(n,) the segment with the nearest centre; -1 where a gap drops the customer."""
        points, kept = self.points(features)
        found = np.full(len(features), -1, dtype=np.int64)
        found[kept] = nearest(points, self.centres)
        return found

    def to_files(self) -> dict[str, bytes]:
        """One JSON file."""
        about = {
            "method": self.method,
            "schema": self.schema.as_json(),
            "cleaning": self.cleaning.as_json(),
            "space": self.space.as_json(),
            "centres": self.centres.tolist(),
            "names": list(self.names),
        }
        return {_FILE: json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False).encode()}


@dataclass(frozen=True, slots=True)
class RfmSegments:
    """The named cells of the RFM grid, by the quintiles of the customers who gave the cuts."""

    cuts: RfmCuts

    @property
    def names(self) -> tuple[str, ...]:
        """Of the cells."""
        return CELLS

    @property
    def schema(self) -> FeatureSchema:
        """Recency in days, orders and revenue."""
        return _RFM_SCHEMA

    def assign(self, features: Features) -> Ints:
        """(n,) the cell; -1 for customers who have not ordered."""
        return self.cuts.scores(purchases(features)).cell

    def to_files(self) -> dict[str, bytes]:
        """The cuts, and what they are."""
        return {_FILE: json.dumps({"method": "rfm"}).encode(), **self.cuts.to_files()}


def read_segments(files: Mapping[str, bytes]) -> Segments:
    """The segments that `to_files` wrote."""
    about = json.loads(files[_FILE])
    if about["method"] == "rfm":
        return RfmSegments(RfmCuts.from_files(files))
    schema = FeatureSchema.from_json(about["schema"])
    return CentreSegments(
        about["method"],
        Cleaning.from_json(about["cleaning"], schema),
        Space.from_json(about["space"], schema),
        np.array(about["centres"], dtype=np.float64),
        tuple(about["names"]),
    )


def purchases(features: Features) -> Purchases:
    """What RFM reads, of features that have its columns."""
    columns = [features.values[:, features.schema.names.index(name)] for name in COLUMNS]
    return Purchases(*columns)
