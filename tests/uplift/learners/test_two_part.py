import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.boosting import constant_model
from retention_lab.uplift.learners.r_learner import fit_boosted_r
from retention_lab.uplift.learners.scaled_r import ScaledEffects
from retention_lab.uplift.learners.two_part import BuyingEffects, fit_two_part
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.outcomes import FEWEST_EVENTS, OutcomeModels
from tests.uplift.populations import buyers, population


def test_the_effect_is_more_buyers_times_what_a_buyer_spends() -> None:
    outcomes = OutcomeModels((constant_model(0.1),), (0, 1))
    buying = ScaledEffects(outcomes, (constant_model(0.05),), (0.5, 0.5), 0.0, True)
    model = BuyingEffects(buying, constant_model(40.0))
    np.testing.assert_allclose(model.effect(np.zeros((2, 1))), [[2.0], [2.0]])


def test_more_buyers_are_found_better_than_in_the_money_itself() -> None:
    train, test = buyers(20_000), buyers(10_000, seed=2)
    task = prepare(train.sample).whole
    two_part, plain = (fit(task).effect(test.sample.features) for fit in (fit_two_part, fit_boosted_r))
    errors = [float(np.mean((effect - test.effect) ** 2)) for effect in (two_part, plain)]
    assert errors[0] < 0.7 * errors[1]
    assert np.corrcoef(two_part[:, 0], test.effect[:, 0])[0, 1] > 0.9


def test_few_buyers_spend_their_average() -> None:
    sample = population(2000, binary=True).sample
    outcome = np.zeros(2000)
    some = np.random.default_rng(1).choice(2000, FEWEST_EVENTS - 1, replace=False)
    outcome[some] = np.arange(1.0, FEWEST_EVENTS)
    model = fit_two_part(prepare(sample.with_outcome(outcome), folds=2).whole)
    amount = model.amount.predict(sample.features.values)
    np.testing.assert_allclose(amount, FEWEST_EVENTS / 2)


def test_amounts_are_of_buyers_in_any_arm() -> None:
    found = buyers(8000, more_spent=1.0)
    model = fit_two_part(prepare(found.sample).whole)
    amount = model.amount.predict(found.sample.features.values)
    bought = found.sample.outcome > 0
    # 4 standard errors; the far tail is drawn in, by little
    assert amount.mean() == pytest.approx(found.sample.outcome[bought].mean(), rel=0.1)


@pytest.mark.parametrize("outcome", [np.linspace(-1, 5, 400), np.zeros(400), np.full(400, 3.0)])
def test_what_has_no_two_parts_is_refused(outcome: np.ndarray) -> None:
    task = prepare(population(400).sample.with_outcome(outcome)).whole
    with pytest.raises(LabError, match="no negative ones") as error:
        fit_two_part(task)
    assert error.value.key == "learners"


def test_a_model_is_its_files_bit_for_bit() -> None:
    sample = buyers(3000).sample
    model = fit_two_part(prepare(sample).whole)
    again = BuyingEffects.from_files(model.to_files())
    np.testing.assert_array_equal(again.effect(sample.features), model.effect(sample.features))
