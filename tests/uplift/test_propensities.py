import numpy as np

from retention_lab.uplift.boosting import Boosted, BoostingParams, binned
from retention_lab.uplift.propensities import SMALLEST_PROPENSITY, PropensityModel, fit_propensity
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.populations import population


def constant(*shares: float) -> Boosted:
    return Boosted("constant " + " ".join(map(repr, shares)))


def chosen_by_x0(rows: int, seed: int = 1) -> tuple[UpliftSample, np.ndarray]:
    """Three arms whose chances depend on x0; nobody logged them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    odds = np.column_stack([np.ones(rows), np.exp(x[:, 0]), np.exp(-x[:, 0] / 2)])
    chance = odds / odds.sum(axis=1, keepdims=True)
    arm = (rng.random(rows)[:, None] > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return UpliftSample(x, arm, x[:, 1]), chance


def test_chances_are_averages_in_the_order_of_the_arms() -> None:
    model = PropensityModel((constant(0.5, 0.2, 0.3), constant(0.5, 0.4, 0.1)), (0, 2, 1))
    np.testing.assert_allclose(model.probability(np.zeros((2, 1))), [[0.5, 0.2, 0.3]] * 2)


def test_no_chance_is_near_nought_and_all_sum_to_one() -> None:
    found = PropensityModel((constant(0.9999, 0.0001, 0.0),), (0, 1, 2)).probability(np.zeros((1, 1)))
    assert found.min() > SMALLEST_PROPENSITY / 1.03
    np.testing.assert_allclose(found.sum(), 1.0)


def test_whom_an_arm_was_given_to_is_found() -> None:
    sample, _ = chosen_by_x0(20_000)
    model = fit_propensity(sample, binned(sample.features, BoostingParams()), np.arange(20_000), (0, 1, 2))
    other, truth = chosen_by_x0(5000, seed=2)
    assert np.sqrt(np.mean((model.probability(other.features) - truth) ** 2)) < 0.03
    # what was found is calibrated: every arm as often as it was given, to 4 standard errors
    np.testing.assert_allclose(
        model.probability(sample.features).mean(axis=0), np.bincount(sample.arm) / 20_000, atol=0.014
    )


def test_numbers_of_the_offers_are_names_only() -> None:
    sample, _ = chosen_by_x0(2000)
    to = np.array([0, 2, 1])
    renumbered = UpliftSample(sample.features, to[sample.arm], sample.outcome)
    bins, rows = binned(sample.features, BoostingParams(rounds=20)), np.arange(2000)
    one = fit_propensity(sample, bins, rows, (0, 1, 2)).probability(sample.features)
    two = fit_propensity(renumbered, bins, rows, (0, 2, 1)).probability(sample.features)
    np.testing.assert_array_equal(two[:, to], one)


def test_a_model_is_its_files_bit_for_bit() -> None:
    model = PropensityModel(tuple(constant(float(i), 1.0) for i in range(12)), (1, 0))  # 10.txt before 2.txt
    assert PropensityModel.from_files(dict(sorted(model.to_files().items()))) == model
    sample = population(600).sample
    fitted = fit_propensity(sample, binned(sample.features, BoostingParams()), np.arange(600), (0, 2, 1))
    again = PropensityModel.from_files(fitted.to_files())
    np.testing.assert_array_equal(again.probability(sample.features), fitted.probability(sample.features))
