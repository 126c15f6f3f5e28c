"""MLflow's signature of a model from Arrow schemas: explicit, never inferred from examples."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import Array

from retention_lab.errors import LabError

_KINDS = (
    (pa.types.is_boolean, DataType.boolean),
    (pa.types.is_floating, DataType.double),
    (pa.types.is_decimal, DataType.double),
    (pa.types.is_integer, DataType.long),
    (pa.types.is_string, DataType.string),
    (pa.types.is_large_string, DataType.string),
    (pa.types.is_string_view, DataType.string),
    (pa.types.is_temporal, DataType.datetime),
    (pa.types.is_binary, DataType.binary),
)
_PARAMS = ((bool, DataType.boolean), (int, DataType.long), (float, DataType.double), (str, DataType.string))


def model_signature(inputs: pa.Schema, outputs: pa.Schema, params: Mapping[str, Any]) -> ModelSignature:
    """The signature for MLflow; a nullable input column may be absent.

    Raises LabError for a column's or parameter's type that MLflow has none for.
    """
    return ModelSignature(
        inputs=Schema([_column(field) for field in inputs]),
        outputs=Schema([_column(field) for field in outputs]),
        params=ParamSchema([_param(name, default) for name, default in params.items()]) if params else None,
    )


def _column(column: pa.Field) -> ColSpec:
    return ColSpec(_mlflow_type(column.name, column.type), name=column.name, required=not column.nullable)


def _mlflow_type(name: str, kind: pa.DataType) -> Any:
    if pa.types.is_dictionary(kind):
        return _mlflow_type(name, kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return Array(_mlflow_type(name, kind.value_type))
    for holds, found in _KINDS:
        if holds(kind):
            return found
    raise LabError(
        f"Column {name} is of type {kind}, which a registered model cannot take or give.", "Change its type."
    )


def _param(name: str, default: Any) -> ParamSpec:
    for kind, found in _PARAMS:
        if isinstance(default, kind):
            return ParamSpec(name, found, default)
    raise LabError(
        f"The default of parameter {name} is of type {type(default).__name__}, which a model cannot take.",
        "Give text, a number, true or false.",
    )
