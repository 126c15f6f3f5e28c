import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import fit_candidate
from retention_lab.uplift.spread import Refits, fit_spread
from tests.uplift.populations import population


def test_the_spread_of_an_average_effect_is_its_standard_error() -> None:
    task = prepare(population(2000).sample, folds=2)
    found = fit_spread(fit_candidate("constant", task), task, refits=80).spread(task.sample.features)
    scores = task.gamma[:, 1:] - task.gamma[:, :1]
    error = scores.std(axis=0) / np.sqrt(len(scores))
    np.testing.assert_allclose(
        found[0], error, rtol=4 / np.sqrt(2 * 79)
    )  # 4 standard errors of a spread of 80
    np.testing.assert_array_equal(found, np.tile(found[0], (2000, 1)))


# not s: in few rows its trees hardly ever ask for the arm, and so all its refits agree
@pytest.mark.parametrize("name", ["t", "x", "stack"])
def test_more_rows_make_a_model_steadier(name: str) -> None:
    new, means = population(500, seed=8).sample.features, []
    for rows in (800, 8000):
        task = prepare(population(rows).sample, folds=2)
        means.append(fit_spread(fit_candidate(name, task), task, refits=4).spread(new).mean())
    assert 0 < means[1] < 0.7 * means[0]


def test_the_same_seed_gives_the_same_spread_and_another_gives_another() -> None:
    task = prepare(population(800).sample, folds=2)
    candidate, x = fit_candidate("x", task), task.sample.features
    one, again, other = (fit_spread(candidate, task, 3, seed).spread(x) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0


def test_the_rows_of_one_customer_stay_together() -> None:
    """Everybody ten times over: halves of the rows would hold nearly everybody."""
    found = population(400).sample
    tenfold = np.tile(np.arange(400), 10)
    rows = found.rows(tenfold)
    known = UpliftSample(rows.features, rows.arm, rows.outcome, rows.propensity, tenfold)
    spreads = []
    for sample in (rows, known):
        task = prepare(sample, folds=2)
        spreads.append(fit_spread(fit_candidate("constant", task), task, 30).spread(sample.features)[0])
    ratio = spreads[1] / spreads[0]
    assert ratio.min() > 2.0  # of the square root of ten


@pytest.mark.parametrize("name", ["constant", "t", "r", "stack"])
def test_refits_survive_their_files_bit_for_bit(name: str) -> None:
    task = prepare(population(800, binary=True).sample, folds=2)
    found = fit_spread(fit_candidate(name, task), task, refits=2)
    again = Refits.from_files(name, found.to_files())
    x = task.sample.features
    np.testing.assert_array_equal(again.spread(x), found.spread(x))
    assert again.to_files() == found.to_files()


def test_one_refit_shows_no_spread() -> None:
    task = prepare(population(400).sample, folds=2)
    with pytest.raises(LabError, match="at least two"):
        fit_spread(fit_candidate("constant", task), task, refits=1)
