import numpy as np

from retention_lab.uplift.blocks import in_blocks
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.selection import fit_candidate
from tests.uplift.populations import population


def test_blocks_come_together_in_the_order_of_the_rows() -> None:
    for rows in (0, 1, 16_384, 16_385, 40_000):
        values = np.arange(2.0 * rows).reshape(rows, 2)
        np.testing.assert_array_equal(in_blocks(lambda some: some[:, :1] + 1, values), values[:, :1] + 1)


def test_predict_is_asked_for_no_more_than_a_block() -> None:
    asked: list[int] = []
    in_blocks(lambda some: (asked.append(len(some)), some)[1], np.zeros((50_000, 1)))
    assert (max(asked), sum(asked)) == (16_384, 50_000)


def test_models_say_the_same_of_many_customers_and_of_few() -> None:
    task = prepare(population(1500, binary=True).sample, folds=2)
    model, x = fit_candidate("stack", task).model, population(40_000, seed=3).sample.features.values
    parts = np.vstack([model.effect(x[i : i + 5000]) for i in range(0, 40_000, 5000)])
    np.testing.assert_allclose(model.effect(x), parts, rtol=0, atol=1e-14)
