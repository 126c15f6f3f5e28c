import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.ease import fit_ease
from tests.recommend.reference import expected, synthetic_rows
from tests.recommend.tastes import tastes


def test_it_is_the_ridge_regression_of_each_item_on_all_others() -> None:
    data = tastes(60)
    x = data.seen().toarray()
    weight = fit_ease(data, l2=5.0).weight
    for item in (0, 17, 39):
        others = np.delete(np.arange(data.item_count), item)
        gram = x[:, others].T @ x[:, others] + 5.0 * np.eye(len(others))
        wanted = np.linalg.solve(gram, x[:, others].T @ x[:, item])
        np.testing.assert_allclose(weight[others, item], wanted, rtol=1e-4, atol=1e-6)
        assert weight[item, item] == 0


def test_the_reference_weights_are_reproduced() -> None:
    wanted = expected("synthetic")["synthetic_a"]
    weight = fit_ease(synthetic_rows("train"), l2=50).weight.astype(np.float64)
    assert weight.sum() == pytest.approx(wanted["ease_B_sum"], rel=1e-6)
    assert np.linalg.norm(weight) == pytest.approx(wanted["ease_B_fro"], rel=1e-6)


def test_items_beyond_the_most_bought_score_nothing() -> None:
    data = tastes()
    model = fit_ease(data, l2=10, most_items=15)
    buyers = np.asarray(data.seen().sum(axis=0)).ravel()
    assert buyers[model.covered].min() >= np.delete(buyers, model.covered).max()
    scores = model.scores(data)
    assert not scores[:, np.delete(np.arange(data.item_count), model.covered)].any()


def test_an_old_purchase_says_less_than_a_new_one() -> None:
    data = tastes()
    same, faded = fit_ease(data), fit_ease(data, half_life=5.0)
    np.testing.assert_array_equal(same.weight, faded.weight)
    assert np.abs(faded.scores(data)).sum() < np.abs(same.scores(data)).sum()


@pytest.mark.parametrize("l2", [0.0, -1.0])
def test_a_penalty_that_is_none_is_refused(l2: float) -> None:
    with pytest.raises(LabError) as caught:
        fit_ease(tastes(), l2=l2)
    assert caught.value.key == "l2"
