"""What scikit-learn's users hand over, read once: matrices, tables and targets, or a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array, check_X_y, column_or_1d, validate_data

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, encode, infer_schema, numeric_features
from retention_lab.labels import label_text

_MATRIX = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}  # NaN is missing; infinity is a mistake


class InputError(LabError, ValueError):
    """A LabError that scikit-learn's own tools also know as what they expect of malformed input."""


@contextmanager
def refusals(next_step: str) -> Iterator[None]:
    """Turn what the functions below and scikit-learn's checks refuse into an InputError.

    next_step: what to do where scikit-learn's words do not say it.
    """
    try:
        yield
    except InputError:
        raise
    except LabError as error:
        raise InputError(error.found, error.next_step, key=error.key) from error
    except ValueError as error:
        shows_cell = "could not convert" in str(error)
        found = "There is text where numbers are needed." if shows_cell else str(error)
        raise InputError(found, next_step) from error


def training_rows(estimator: Any, X: Any, y: Any, *, numeric: bool) -> tuple[Features, np.ndarray]:
    """(n, d) features and (n,) target; sets `n_features_in_`, and `feature_names_in_` for named columns.

    X: a matrix of numbers, or a table (pandas, Polars, Arrow) whose text, categories, booleans and times are
    used as they are. numeric: whether the target is a number, and not a label.
    Raises InputError or TypeError where either cannot be read.
    """
    checks = {**_MATRIX, "y_numeric": numeric, "ensure_min_samples": 2}
    with refusals("Give one row of features and one outcome per customer."):
        table = as_table(X)
        if table is None:
            values, target = validate_data(estimator, X, y, **checks)
            return numeric_features(values), target
        validate_data(estimator, X, y, skip_check_array=True)
        features = encode(table, infer_schema(table, table.column_names))
        _, target = check_X_y(features.values, y, estimator=estimator, **checks)
        return features, target


def new_rows(estimator: Any, X: Any, schema: FeatureSchema) -> Features:
    """(n, d) features of other rows, as the fitted estimator reads them.

    Columns without names are taken by their position. Raises InputError or TypeError where they do not fit.
    """
    with refusals("Give the features that the estimator was fitted on."):
        table = as_table(X)
        if table is not None:
            validate_data(estimator, X, reset=False, skip_check_array=True)
            if not hasattr(estimator, "feature_names_in_"):
                table = table.rename_columns(list(schema.names))
            features = encode(table, schema)
            check_array(features.values, estimator=estimator, input_name="X", **_MATRIX)
            return features
        if schema.categorical:
            raise InputError(
                f"Column {schema.names[schema.categorical[0]]!r} held categories when the model was fitted, "
                "and a matrix of numbers came.",
                "Give a table with the columns that the model was fitted on.",
            )
        return Features(validate_data(estimator, X, reset=False, **_MATRIX), schema)


def two_classes(target: np.ndarray, otherwise: str) -> np.ndarray:
    """(2,) classes in order; the second is the event: 1 after 0, True after False, "yes" after "no".

    otherwise: what to do about a target that is no class of two. Raises InputError for it.
    """
    check_classification_targets(target)
    kind = type_of_target(target, input_name="y", raise_unknown=True)
    if kind != "binary":
        raise InputError(
            f"Only binary classification is supported. The type of the target is {kind}.", otherwise
        )
    classes = np.unique(target)
    if len(classes) < 2:
        raise InputError(
            "All outcomes are of one class, so there is nothing to tell apart.",
            "Provide rows with the event and rows without it.",
        )
    return classes


def is_event(y: Any, classes: np.ndarray) -> Floats:
    """(n,) 1 where a label is the second of the classes, else 0.

    Raises InputError for a label that is neither.
    """
    labels = column_or_1d(y)
    unknown = ~np.isin(labels, classes)
    if unknown.any():
        raise InputError(
            f"{int(unknown.sum())} outcomes are of a class that the estimator does not know, "
            f"row {int(np.argmax(unknown)) + 1} first.",
            "Give the same two classes as when it was fitted.",
        )
    return np.asarray(labels == classes[1], dtype=np.float64)


def as_table(X: Any) -> pa.Table | None:
    """The Arrow table of a pandas, Polars or Arrow table; None for what has no columns.

    A category is a category, whatever its values are: numbers among them become text.
    Raises InputError where a column holds values of several kinds, or two columns share a name.
    """
    if not hasattr(X, "columns"):
        return None
    table = X if isinstance(X, pa.Table) else _from_pandas(X) if hasattr(X, "iloc") else pa.table(X)
    for i, column in enumerate(table.columns):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(i, table.column_names[i], _category_text(column))
    return table


def _category_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # level by level: Arrow cannot decode the categories of every library
    levels = [label_text(pa.chunked_array([chunk.dictionary])).combine_chunks() for chunk in column.chunks]
    texts = [level.take(chunk.indices) for level, chunk in zip(levels, column.chunks, strict=True)]
    return pa.chunked_array(texts, pa.string())


def _from_pandas(frame: Any) -> pa.Table:
    if not frame.columns.is_unique:
        raise InputError("Two columns of the table have the same name.", "Rename one of them.")
    columns = {}
    for name, column in frame.items():
        try:
            columns[str(name)] = pa.Array.from_pandas(column)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            # Arrow's own words show the cell
            raise InputError(
                f"Column {str(name)!r} holds values of several kinds, so it is neither numbers nor text.",
                "Make it one or the other.",
            ) from error
    return pa.table(columns)
