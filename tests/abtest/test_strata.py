import numpy as np
import pandas as pd
import pytest

from retention_lab.abtest.strata import quantile_blocks, strata
from retention_lab.errors import LabError

RNG = np.random.default_rng(3)
N = 1_000
COLUMNS = {
    "country": RNG.choice(["DE", "FR", "PL"], N),
    "score": RNG.normal(size=N),
    "member": RNG.random(N) < 0.3,
}


def test_a_score_is_cut_into_blocks_of_equal_size_in_its_order() -> None:
    found = strata({"score": COLUMNS["score"]}, 8)
    assert found.label[0] == "score 1 of 8"
    assert np.ptp(np.bincount(found.code)) <= 1
    order = np.argsort(COLUMNS["score"])
    assert (np.diff(found.code[order]) >= 0).all()


def test_strata_are_the_cells_that_occur() -> None:
    found = strata(COLUMNS, 4)
    cells = pd.DataFrame(COLUMNS | {"score": quantile_blocks(COLUMNS["score"], 4)})
    sizes = cells.groupby(list(COLUMNS)).size()
    np.testing.assert_array_equal(np.bincount(found.code), sizes.to_numpy())
    assert found.label[0] == "country=DE, score 1 of 4, member=False"
    assert len(found.label) == len(sizes)


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = np.random.default_rng(4).permutation(N)
    found, mixed = strata(COLUMNS, 5), strata({k: v[order] for k, v in COLUMNS.items()}, 5)
    np.testing.assert_array_equal(mixed.code, found.code[order])
    assert mixed.label == found.label


def test_equal_numbers_stay_together() -> None:
    values = np.repeat([0.0, 1.0, 2.0, 3.0], [70, 10, 10, 10])
    blocks = quantile_blocks(values, 3)
    np.testing.assert_array_equal(blocks, np.repeat([0, 1, 1, 1], [70, 10, 10, 10]))


def test_few_values_are_kept_as_they_are() -> None:
    found = strata({"orders": np.repeat([0, 1, 2], [980, 10, 10])}, 3)
    assert found.label == ("orders=0", "orders=1", "orders=2")


def test_blocks_by_name_leave_other_columns_whole() -> None:
    found = strata({"age": np.arange(30), "score": np.arange(30.0)}, {"score": 2})
    assert len(found.label) == 30
    assert found.label[0] == "age=0, score 1 of 2"


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (np.array([1.5, np.nan, 2.5]), ("x=1.5", "x=2.5", "x missing")),
        (np.array(["a", None, "b"], dtype=object), ("x=a", "x=b", "x missing")),
        (np.array([True, None, False], dtype=object), ("x=False", "x=True", "x missing")),
        (pd.Series([1, pd.NA, 2], dtype="Int64"), ("x=1.0", "x=2.0", "x missing")),
        (np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"), ("x=2026-01-01", "x missing")),
        (np.array([None, None], dtype=object), ("x missing",)),
    ],
)
def test_what_is_missing_is_a_level_of_its_own(values: np.ndarray, labels: tuple[str, ...]) -> None:
    assert strata({"x": values}).label == labels


@pytest.mark.parametrize(
    ("columns", "blocks", "why"),
    [
        ({}, 5, "no column"),
        ({"a": np.arange(3), "b": np.arange(4)}, 5, "different lengths: a 3, b 4"),
        ({"a": np.ones((2, 2))}, 5, "2 dimensions"),
        ({"a": np.array(["x", 1], dtype=object)}, 5, "mixes types.*int, str"),
        ({"a": np.array([True, 1], dtype=object)}, 5, "mixes types.*bool, int"),
        ({"a": np.arange(3)}, 1, "into 1 blocks"),
        ({"a": np.array(["x", "y"])}, {"a": 3}, "not a column of numbers"),
        ({"a": np.arange(3)}, {"b": 3}, "Blocks are asked for of 'b'"),
    ],
)
def test_columns_that_make_no_strata_are_refused(columns, blocks, why) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LabError, match=why):
        strata(columns, blocks)


def test_quantile_blocks_need_numbers_and_two_blocks() -> None:
    with pytest.raises(LabError, match="missing"):
        quantile_blocks(np.array([1.0, np.nan]), 2)
    with pytest.raises(LabError, match="into 0 blocks"):
        quantile_blocks(np.array([1.0, 2.0]), 0)
