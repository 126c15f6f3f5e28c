import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema
from retention_lab.targeting.shift import shifts, side_by_side


def population(rows: int, seed: int, age: float = 40.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"age": rng.normal(age, 10, rows), "spend": rng.exponential(20, rows)}


def test_a_planted_shift_is_found_and_measured_in_standard_deviations() -> None:
    found = shifts(population(2_000, 1, age=46.0), population(1_500, 2))
    assert [one.name for one in found] == ["age"]
    assert found[0].value == pytest.approx(0.6, abs=4 * np.sqrt(1 / 2_000 + 1 / 1_500))


def test_two_draws_of_one_population_do_not_differ() -> None:
    """A quarter of a standard deviation and four standard errors: chance alone never gets there here."""
    assert not any(shifts(population(300, seed), population(300, seed + 1_000)) for seed in range(50))


def test_a_large_difference_among_few_rows_may_be_chance() -> None:
    here, there = {"age": np.array([30.0, 41, 52, 60])}, {"age": np.array([20.0, 35, 40, 50])}
    assert shifts(here, there) == ()


def test_what_grows_with_time_has_to_differ_by_more() -> None:
    here, there = population(2_000, 1, age=46.0), population(2_000, 2)
    assert shifts(here, there, growing={"age"}) == ()
    assert shifts(population(2_000, 1, age=55.0), there, growing={"age"})


def test_how_often_a_column_is_missing_counts_as_a_column() -> None:
    here, there = population(1_000, 1), population(1_000, 2)
    here["age"][:500] = np.nan
    assert [one.name for one in shifts(here, there)] == ["age is missing"]


def test_a_column_that_is_constant_on_both_sides_and_differs_is_infinitely_far() -> None:
    found = shifts({"a": np.ones(50)}, {"a": np.zeros(50)})
    assert found[0].value == np.inf
    assert shifts({"a": np.ones(50)}, {"a": np.ones(50)}) == ()


def test_categories_are_compared_level_by_level() -> None:
    schema = FeatureSchema(("region",), (("north", "south"),))
    here = Features(np.array([[0.0]] * 90 + [[1.0]] * 10), schema)
    there = Features(np.array([[0.0]] * 40 + [[1.0]] * 60), schema)
    found = shifts(*side_by_side(here, there))
    assert {one.name for one in found} == {"region = north", "region = south"}
    assert sum(one.value for one in found) == pytest.approx(0)


def test_the_order_of_rows_changes_nothing() -> None:
    here, there = population(500, 1, age=50.0), population(500, 2)
    order = np.random.default_rng(3).permutation(500)
    again = shifts({name: one[order] for name, one in here.items()}, there)
    assert [one.value for one in again] == pytest.approx([one.value for one in shifts(here, there)])


def test_other_columns_are_refused() -> None:
    with pytest.raises(LabError, match="same columns"):
        shifts({"a": np.ones(3)}, {"b": np.ones(3)})
