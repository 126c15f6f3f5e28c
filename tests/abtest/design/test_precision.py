import numpy as np
import pytest

from retention_lab.abtest.design.precision import (
    Precision,
    clustered_precision,
    explained_share,
    what_covariates_leave,
)
from retention_lab.errors import LabError


def test_independent_units_without_covariates_change_nothing() -> None:
    assert Precision().factor == 1
    assert Precision(cluster_size=30).factor == 1
    assert Precision(cluster_size_cv=2.0, intraclass_correlation=0.0).factor == 1


def test_whole_clusters_that_are_copies_count_once() -> None:
    assert Precision(cluster_size=20, intraclass_correlation=1.0).factor == pytest.approx(20)


def test_unequal_clusters_cost_what_their_sum_of_squares_says() -> None:
    sizes = np.array([5.0, 10.0, 45.0])
    precision = Precision(0.0, sizes.mean(), float(sizes.std() / sizes.mean()), 0.2)
    assert precision.factor == pytest.approx(1 + (np.sum(sizes**2) / sizes.sum() - 1) * 0.2)


def test_covariates_explain_the_squared_correlation() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=2_000)
    y = 3 + 2 * x + rng.normal(size=2_000)
    assert explained_share(y, x) == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2, rel=1e-12)
    two = np.column_stack([x, rng.normal(size=2_000)])
    assert explained_share(y, two) >= explained_share(y, x)


def test_what_covariates_leave_has_nothing_of_them_in_it() -> None:
    rng = np.random.default_rng(5)
    x = np.column_stack([rng.normal(size=300), np.full(300, 4.0)])
    left = what_covariates_leave(3 + x[:, 0] + rng.normal(size=300), x)
    assert abs(np.corrcoef(left, x[:, 0])[0, 1]) < 1e-12
    assert abs(left.mean()) < 1e-12


def test_covariates_in_any_unit_explain_the_same() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 2))
    y = x @ np.array([1.0, 0.5]) + rng.normal(size=500)
    assert explained_share(y, x * np.array([1e9, 1e-9]) + 1e3) == pytest.approx(
        explained_share(y, x), rel=1e-5
    )


def test_a_covariate_that_does_not_vary_explains_nothing() -> None:
    assert explained_share(np.array([1.0, 2.0, 4.0, 5.0]), np.full(4, 7.0)) == 0


def test_the_correlation_within_clusters_is_recovered() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.poisson(20, 3_000) + 1
    cluster = np.repeat(np.arange(3_000), sizes)
    values = rng.normal(scale=0.5, size=3_000)[cluster] + rng.normal(size=len(cluster))
    found = clustered_precision(values, cluster)
    # True 0.25 / 1.25; the estimate's own standard error is some 0.005.
    assert found.intraclass_correlation == pytest.approx(0.2, abs=0.02)
    assert found.cluster_size == pytest.approx(sizes.mean())
    assert found.cluster_size_cv == pytest.approx(sizes.std() / sizes.mean())


def test_units_that_repel_each_other_count_as_independent() -> None:
    cluster = np.repeat(np.arange(50), 2)
    values = np.tile([0.0, 1.0], 50)
    assert clustered_precision(values, cluster).intraclass_correlation == 0


@pytest.mark.parametrize(
    "numbers",
    [
        {"explained": 1.0},
        {"explained": -0.1},
        {"cluster_size": 0.5},
        {"cluster_size_cv": -1.0},
        {"intraclass_correlation": 1.5},
        {"explained": float("nan")},
    ],
)
def test_numbers_out_of_range_are_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(LabError, match="Give a number"):
        Precision(**numbers)


def test_histories_that_cannot_say_anything_are_refused() -> None:
    with pytest.raises(LabError, match="2 covariates"):
        explained_share(np.array([1.0, 2.0, 3.0]), np.ones((3, 2)))
    with pytest.raises(LabError, match="missing or infinite"):
        explained_share(np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, 2.0]))
    with pytest.raises(LabError, match="does not vary"):
        explained_share(np.ones(4), np.arange(4.0))
    with pytest.raises(LabError, match="4 clusters"):
        clustered_precision(np.arange(4.0), np.arange(4))
    with pytest.raises(LabError, match="1 clusters"):
        clustered_precision(np.arange(4.0), np.zeros(4, dtype=np.int64))
    with pytest.raises(LabError, match="does not vary"):
        clustered_precision(np.ones(4), np.array([0, 0, 1, 1]))
