"""Features of customers as one matrix: numbers as they are, categories as codes, missing as NaN."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text


@dataclass(frozen=True, slots=True)
class FeatureSchema:
    """Names of the columns, and for categorical ones their levels in code order (None for numbers)."""

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...] | None, ...]

    @property
    def categorical(self) -> list[int]:
        """Positions of the categorical columns."""
        return [i for i, levels in enumerate(self.levels) if levels is not None]

    def as_json(self) -> dict[str, Any]:
        """Plain lists, for a model's files."""
        return {"names": list(self.names), "levels": [None if x is None else list(x) for x in self.levels]}

    @staticmethod
    def from_json(value: dict[str, Any]) -> "FeatureSchema":
        """The schema that `as_json` wrote."""
        levels = tuple(None if x is None else tuple(map(str, x)) for x in value["levels"])
        return FeatureSchema(tuple(map(str, value["names"])), levels)


@dataclass(frozen=True, slots=True)
class Features:
    """(n, d) values with their schema; a code is a level's position, NaN is missing or never seen."""

    values: Floats
    schema: FeatureSchema

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, where: np.ndarray) -> "Features":
        """The rows that a mask or an index array picks."""
        return Features(self.values[where], self.schema)


def numeric_features(values: Floats, names: Sequence[str] | None = None) -> Features:
    """Wrap a plain (n, d) matrix; columns are called x0, x1, … where no names are given."""
    found = tuple(names) if names is not None else tuple(f"x{i}" for i in range(values.shape[1]))
    return Features(np.asarray(values, dtype=np.float64), FeatureSchema(found, (None,) * len(found)))


def matrix(features: Features | Floats) -> Floats:
    """The (n, d) values, of features or of a plain matrix."""
    return features.values if isinstance(features, Features) else np.asarray(features, dtype=np.float64)


def infer_schema(table: pa.Table, columns: Sequence[str]) -> FeatureSchema:
    """Numbers, booleans and times become numbers; text becomes levels, sorted: row order is irrelevant."""
    return FeatureSchema(tuple(columns), tuple(_levels(table.column(name)) for name in columns))


def encode(table: pa.Table, schema: FeatureSchema) -> Features:
    """Arrow table to matrix. A level that the schema does not know becomes missing.

    Raises LabError when a column is missing, or holds text where the schema has numbers.
    """
    missing = [name for name in schema.names if name not in table.column_names]
    if missing:
        raise LabError(
            f"The table lacks {len(missing)} of the model's columns, {missing[0]!r} first.",
            f"Add it, or rename one. {did_you_mean(missing[0], table.column_names)}",
        )
    values = np.empty((table.num_rows, len(schema.names)), dtype=np.float64)
    for i, (name, levels) in enumerate(zip(schema.names, schema.levels, strict=True)):
        values[:, i] = (
            _numbers(name, table.column(name)) if levels is None else _codes(table.column(name), levels)
        )
    return Features(values, schema)


def _levels(column: pa.ChunkedArray) -> tuple[str, ...] | None:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if not any(is_text(column.type) for is_text in kinds):
        return None
    column = column.cast(pa.string())
    return tuple(sorted(value for value in pc.unique(column).to_pylist() if value is not None))


def _numbers(name: str, column: pa.ChunkedArray) -> Floats:
    try:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            column = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LabError(
            f"Column {name!r} held numbers when the model was fitted and holds {column.type} now.",
            "Provide the same type, or train again on this table.",
        ) from error


def _codes(column: pa.ChunkedArray, levels: tuple[str, ...]) -> Floats:
    known = pa.array(levels, pa.string())
    codes = pc.index_in(label_text(column), value_set=known)
    return np.asarray(codes.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
