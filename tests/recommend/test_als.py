import numpy as np

from retention_lab.recommend.als import AlsParams, fit_als
from tests.recommend.tastes import tastes


def test_a_customers_vector_is_the_ridge_regression_on_the_items_vectors() -> None:
    data, params = tastes(30), AlsParams(factors=6, confidence=4.0, l2=0.2, rounds=3)
    model = fit_als(data, params=params)
    y, counts = model.factors.astype(np.float64), data.matrix().toarray()
    for user in (0, 13):
        weight = 1 + params.confidence * counts[user]
        had = counts[user] > 0
        left = (y.T * weight) @ y + params.l2 * had.sum() * np.eye(6)
        vector = np.linalg.solve(left, y.T @ (weight * had))
        found = model.scores(data.among(np.array([user])))[0]
        np.testing.assert_allclose(found, y @ vector, rtol=1e-4, atol=1e-6)


def test_each_round_explains_the_purchases_better() -> None:
    data = tastes(60)
    bought = data.seen().toarray() > 0

    def miss(rounds: int) -> float:
        scores = fit_als(data, params=AlsParams(factors=6, rounds=rounds)).scores(data)
        return float(((1 - scores[bought]) ** 2).mean())

    assert miss(6) < miss(1)
