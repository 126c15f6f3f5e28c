import duckdb
import numpy as np
import pytest

from retention_lab.abtest.histogram import (
    MOST_EXACT,
    Histogram,
    counted,
    fitting_centre,
    from_arrays,
    histogram,
    merge,
    side_by_side,
)
from retention_lab.errors import LabError


def same(one: Histogram, two: Histogram) -> bool:
    return (
        np.array_equal(one.keys, two.keys)
        and np.array_equal(one.counts, two.counts)
        and (one.exact, one.centre) == (two.exact, two.centre)
    )


def signed(n: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < 0.3, 0.0, rng.choice([-1, 1], n) * rng.lognormal(1, 3, n))


def test_few_values_are_counted_exactly() -> None:
    found = histogram(np.array([3.0, 0.0, -0.0, 3.0, 1.5]))
    np.testing.assert_array_equal(found.keys, [0.0, 1.5, 3.0])
    np.testing.assert_array_equal(found.counts, [2, 1, 2])
    assert found.exact
    assert found.total == 5


def test_quantiles_of_exact_counts_are_those_of_numpy() -> None:
    values = np.random.default_rng(2).poisson(4, 1001).astype(float)
    for q in (0.001, 0.25, 0.5, 0.9, 0.999):
        assert histogram(values).quantile(q) == pytest.approx(np.quantile(values, q), abs=1e-12)


@pytest.mark.parametrize("q", [0.01, 0.1, 0.31, 0.5, 0.9, 0.999])
def test_quantiles_of_many_values_are_right_to_a_thousandth(q: float) -> None:
    values = signed(50_000)
    found = histogram(values)
    assert not found.exact
    ordered = np.sort(values)
    truth = ordered[round((len(values) - 1) * q)]
    assert found.order_statistics([round((len(values) - 1) * q) + 1])[0] == pytest.approx(truth, rel=1e-3)


def test_zeros_stay_exact_among_bins() -> None:
    values = signed(50_000)
    found = histogram(values)
    assert found.counts[found.keys == 0].sum() == np.sum(values == 0)
    assert histogram(np.abs(values)).quantile(0.2) == 0.0


@pytest.mark.parametrize("offset", [1e9, -1e12])
def test_a_column_far_from_zero_keeps_its_quantiles(offset: float) -> None:
    values = offset + np.random.default_rng(3).normal(0, 5, 40_000)
    found = histogram(values, fitting_centre(values))
    for q in (0.05, 0.5, 0.9):
        assert (
            abs(found.quantile(q) - np.quantile(values, q)) < 0.02
        )  # a thousandth of the distance to the centre


def test_money_is_counted_about_zero() -> None:
    assert fitting_centre(np.random.default_rng(4).lognormal(3, 1, 1000)) == 0.0
    assert fitting_centre(np.array([-5.0, 1.0, 2.0])) == 0.0


@pytest.mark.parametrize("distinct", [50, 3 * MOST_EXACT])
def test_parts_add_up_to_the_whole_in_any_order(distinct: int) -> None:
    values = np.random.default_rng(5).integers(0, distinct, 60_000) / 7
    whole = histogram(values, 1.0)
    one, two, three = (histogram(part, 1.0) for part in np.split(values, [100, 30_000]))
    assert same(merge([one, two, three]), whole)
    assert same(merge([three, merge([two, one])]), whole)


def test_a_database_counts_the_same_bins() -> None:
    values = np.concatenate([signed(20_000), 2.0 ** np.arange(-40, 40), [0.0, 1 - 2**-53, 1 + 2**-52]])
    table = duckdb.sql(
        """
        with d as (select value, abs(value) as size, floor(log2(abs(value))) as e from numbers)
        select if(value = 0, 0, sign(value) * ((e + 1023) * 1024 + floor((size / 2 ** e - 1) * 1024))) as key,
               count(*) as units
        from d group by key
        """.replace("from numbers", "from (select unnest(?) as value)"),
        params=[values.tolist()],
    ).fetchnumpy()
    assert same(counted(table["key"], table["units"], exact=False), histogram(values))


def test_arrays_bring_a_histogram_back() -> None:
    for values in (signed(100), signed(50_000)):
        found = histogram(values, 2.5)
        assert same(from_arrays(found.to_arrays()), found)


def test_the_share_below_a_value_agrees_with_the_quantile() -> None:
    exact = histogram(np.array([1.0, 2.0, 2.0, 9.0]))
    assert [exact.cdf(x) for x in (0.5, 1.0, 2.0, 8.9, 9.0)] == [0.0, 0.25, 0.75, 0.75, 1.0]
    values = signed(50_000)
    many = histogram(values)
    for q in (0.1, 0.5, 0.95):
        x = float(np.quantile(values, q))
        assert many.cdf(x) == pytest.approx(np.mean(values <= x), abs=2e-3)


def test_arms_side_by_side_share_their_keys() -> None:
    keys, control, treated = side_by_side(histogram(np.array([1.0, 2.0])), histogram(np.array([2.0, 3.0])))
    np.testing.assert_array_equal(keys, [1, 2, 3])
    np.testing.assert_array_equal(control, [1, 1, 0])
    np.testing.assert_array_equal(treated, [0, 1, 1])
    _, few, many = side_by_side(histogram(np.array([1.0])), histogram(signed(50_000)))
    assert few.sum() == 1
    assert many.sum() == 50_000


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(LabError, match="no values"):
        histogram(np.array([]))
    with pytest.raises(LabError, match="row 2 first"):
        histogram(np.array([1.0, np.nan, np.inf]))
    with pytest.raises(LabError, match="row 1 first"):
        fitting_centre(np.array([np.nan, 1.0]))
    with pytest.raises(LabError, match="different centres"):
        merge([histogram(np.ones(2)), histogram(np.ones(2), 1.0)])
    with pytest.raises(LabError, match="no histograms"):
        merge([])
    with pytest.raises(LabError, match="not between 0 and 1"):
        histogram(np.ones(2)).quantile(1.0)
    with pytest.raises(LabError, match="Ranks 0"):
        histogram(np.ones(2)).order_statistics([0])


@pytest.mark.parametrize(
    ("keys", "counts", "exact", "word"),
    [
        ([1.0, 2.0], [1], True, "one count per key"),
        ([np.nan], [1], True, "missing or infinite"),
        ([1.0], [-1], True, "whole number"),
        ([1.0], [0.5], True, "whole number"),
        ([1.5], [1], False, "not whole"),
        ([1.0], [0], True, "no units"),
    ],
)
def test_counts_that_make_no_histogram_are_refused(
    keys: list[float], counts: list[float], exact: bool, word: str
) -> None:
    with pytest.raises(LabError, match=word):
        counted(np.array(keys), np.array(counts), exact=exact)
