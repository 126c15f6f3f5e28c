import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.features import FeatureSchema, encode, infer_schema, matrix, numeric_features


def table() -> pa.Table:
    return pa.table(
        {
            "zip": ["urban", "rural", None, "urban"],
            "recency": [1, 2, None, 4],
            "newbie": [True, False, None, True],
            "since": pa.array([dt.date(2026, 1, 1), None, dt.date(2026, 1, 2), dt.date(2026, 1, 3)]),
            "tier": pa.array(["b", "a", "b", None]).dictionary_encode(),
        }
    )


def test_numbers_stay_categories_become_codes_and_missing_is_nan() -> None:
    schema = infer_schema(table(), table().column_names)
    values = encode(table(), schema).values
    np.testing.assert_array_equal(values[:, 0], [1, 0, np.nan, 1])
    np.testing.assert_array_equal(values[:, 1], [1, 2, np.nan, 4])
    np.testing.assert_array_equal(values[:, 2], [1, 0, np.nan, 1])
    assert values[2, 3] - values[0, 3] == 86_400e6
    np.testing.assert_array_equal(values[:, 4], [1, 0, 1, np.nan])
    assert schema.categorical == [0, 4]


def test_codes_do_not_depend_on_the_row_order() -> None:
    shuffled = table().take([2, 3, 0, 1])
    assert infer_schema(shuffled, ["zip", "tier"]) == infer_schema(table(), ["zip", "tier"])


def test_a_level_never_seen_becomes_missing() -> None:
    schema = infer_schema(table(), ["zip"])
    assert np.isnan(encode(pa.table({"zip": ["mars"]}), schema).values[0, 0])


def test_a_schema_survives_its_json() -> None:
    schema = infer_schema(table(), table().column_names)
    assert FeatureSchema.from_json(schema.as_json()) == schema


def test_the_columns_of_the_schema_decide_the_order() -> None:
    schema = infer_schema(table(), ["recency", "newbie"])
    swapped = table().select(["newbie", "tier", "recency"])
    np.testing.assert_array_equal(encode(swapped, schema).values, encode(table(), schema).values)


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(LabError, match="Did you mean 'recencies'"):
        encode(pa.table({"recencies": [1]}), FeatureSchema(("recency",), (None,)))


def test_text_where_numbers_were_is_refused_without_showing_a_cell() -> None:
    with pytest.raises(LabError, match="'recency'") as error:
        encode(pa.table({"recency": ["secret"]}), FeatureSchema(("recency",), (None,)))
    assert "secret" not in str(error.value)


def test_times_to_the_nanosecond_are_read() -> None:
    column = pa.array([1], pa.timestamp("ns", "UTC"))
    assert encode(pa.table({"at": column}), FeatureSchema(("at",), (None,))).values[0, 0] == 0.0


def test_a_plain_matrix_gets_names() -> None:
    features = numeric_features(np.zeros((2, 3)))
    assert features.schema.names == ("x0", "x1", "x2")
    assert matrix(features) is features.values
    assert len(features.rows(np.array([True, False]))) == 1
