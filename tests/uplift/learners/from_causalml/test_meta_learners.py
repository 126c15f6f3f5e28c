import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.learners import LEARNERS
from retention_lab.uplift.learners.from_causalml import meta_learners
from retention_lab.uplift.learners.from_causalml.quiet import quietly
from retention_lab.uplift.learners.from_causalml.training_part import against_control
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.learners.from_causalml.populations import troubled
from tests.uplift.learners.from_causalml.spies import fitted_by_causalml

pytestmark = pytest.mark.slow  # many fits

with quietly():
    from causalml.inference import meta

CLASSES: dict[str, Any] = {
    "causalml.s": meta.BaseSLearner,
    "causalml.t": meta.BaseTLearner,
    "causalml.x": meta.BaseXLearner,
    "causalml.r": meta.BaseRLearner,
    "causalml.dr": meta.BaseDRLearner,
}
EVERY = pytest.mark.parametrize("name", list(CLASSES))


@EVERY
@pytest.mark.parametrize("binary", [False, True])
def test_predictions_are_causalmls_own(name: str, binary: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fitted_by_causalml(monkeypatch, CLASSES[name])
    sample, new = troubled(binary=binary), troubled(500, seed=2).features
    model = LEARNERS[name].fit(prepare(sample).whole)
    chance = {1: np.full(500, 0.3 / 0.8), 2: np.full(500, 0.2 / 0.7)}
    own = seen[0].predict(X=new.values, p=chance)
    np.testing.assert_allclose(model.effect(new), own, rtol=0, atol=1e-9)


@EVERY
def test_gaps_and_categories_survive_the_files_bit_for_bit(name: str) -> None:
    sample = troubled(1200, known=False)
    model = LEARNERS[name].fit(prepare(sample).whole)
    again = LEARNERS[name].from_files(model.to_files())
    np.testing.assert_array_equal(again.effect(sample.features), model.effect(sample.features))


@EVERY
def test_the_category_that_responds_is_found(name: str) -> None:
    effect = LEARNERS[name].fit(prepare(troubled()).whole).effect((new := troubled(1000, seed=2)).features)
    level = new.features.values[:, 3]
    gap = effect[level == 1, 1].mean() - effect[level != 1, 1].mean()
    assert gap == pytest.approx(2.0, abs=0.5)  # shrinkage takes up to a quarter of it


@EVERY
def test_codes_of_a_category_have_no_order(name: str) -> None:
    task = prepare(troubled(1200)).whole  # rows of other codes would come in another order
    sample = task.sample
    swapped = sample.features.values.copy()
    swapped[:, 3] = np.array([1.0, 2.0, 0.0])[swapped[:, 3].astype(int)]
    features = type(sample.features)(swapped, sample.features.schema)
    renamed = UpliftSample(features, sample.arm, sample.outcome, sample.propensity)
    plain = LEARNERS[name].fit(task).effect(sample.features)
    again = LEARNERS[name].fit(replace(task, sample=renamed)).effect(features)
    np.testing.assert_allclose(again, plain, atol=1e-9)


@EVERY
def test_offers_that_change_names_change_columns(name: str) -> None:
    sample = troubled(1200)
    other = np.array([0, 2, 1])
    assert sample.propensity is not None
    renamed = UpliftSample(sample.features, other[sample.arm], sample.outcome, sample.propensity[:, other])
    plain = LEARNERS[name].fit(prepare(sample).whole).effect(sample.features)
    swapped = LEARNERS[name].fit(prepare(renamed).whole).effect(sample.features)
    np.testing.assert_allclose(swapped, plain[:, ::-1], atol=1e-9)


@pytest.mark.parametrize("name", ["causalml.t", "causalml.causal_forest"])
def test_the_tenth_offer_comes_after_the_second(name: str) -> None:
    x = troubled(2400).features
    arm = np.arange(2400) % 12
    sample = UpliftSample(x, arm, arm.astype(float), np.full((2400, 12), 1 / 12))
    effect = LEARNERS[name].fit(prepare(sample).whole).effect(x)
    np.testing.assert_allclose(effect, np.tile(np.arange(1.0, 12.0), (2400, 1)))


@EVERY
def test_above_the_limit_a_part_is_fitted_and_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meta_learners, "MOST_ROWS", dict.fromkeys(meta_learners.MOST_ROWS, 900))
    model: Any = LEARNERS[name].fit(prepare(troubled(1200)).whole)
    assert model.fitted_on == 900
    again: Any = LEARNERS[name].from_files(model.to_files())
    assert again.fitted_on == 900


@EVERY
def test_below_the_limit_all_rows_are_fitted(name: str) -> None:
    model: Any = LEARNERS[name].fit(prepare(troubled(800)).whole)
    assert model.fitted_on == 800


@pytest.mark.parametrize("name", ["causalml.x", "causalml.r", "causalml.dr"])
@pytest.mark.parametrize("known", [True, False])
def test_who_was_offered_more_often_is_not_mistaken_for_who_responds(name: str, known: bool) -> None:
    sample = troubled(6000, varying=True, known=known)
    arm, y = sample.arm, sample.outcome
    naive = y[arm == 1].mean() - y[arm == 0].mean()
    assert naive > 0.4  # the truth is 0: better customers were offered more often
    effect = LEARNERS[name].fit(prepare(sample).whole).effect(sample.features)
    assert abs(effect[:, 0].mean()) < 0.15


def test_with_estimated_propensities_the_x_learner_weighs_by_the_customer() -> None:
    sample = troubled(varying=True, known=False)
    task = prepare(sample)
    model = meta_learners.fit_causalml_x(task)
    values = sample.features.values
    assert task.propensities is not None
    chance = against_control(task.propensities.probability(values))
    control = np.column_stack([one.predict(values) for one in model.from_control])
    offer = np.column_stack([one.predict(values) for one in model.from_offer])
    np.testing.assert_allclose(model.effect(values), chance * control + (1 - chance) * offer)
    assert np.ptp(chance[:, 0]) > 0.2


@EVERY
def test_an_offer_that_some_cannot_get_is_no_obstacle(name: str) -> None:
    sample = troubled(2000)
    chances = np.where(sample.features.values[:, 3:] == 0, [0.6, 0.4, 0.0], [0.5, 0.3, 0.2])
    arm = np.where((sample.arm == 2) & (chances[:, 2] == 0), 0, sample.arm)
    model = LEARNERS[name].fit(prepare(UpliftSample(sample.features, arm, sample.outcome, chances)).whole)
    effect = model.effect(sample.features)
    responds = sample.features.values[:, 3] == 1
    assert np.isfinite(effect).all()
    assert effect[responds, 1].mean() > 1.0


@EVERY
def test_an_outcome_that_never_happens_has_no_effect(name: str) -> None:
    sample = troubled(1000)
    never = UpliftSample(sample.features, sample.arm, np.zeros(1000), sample.propensity)
    np.testing.assert_allclose(
        LEARNERS[name].fit(prepare(never).whole).effect(sample.features), 0.0, atol=1e-12
    )


def test_a_fold_without_an_arm_is_refused() -> None:
    sample = troubled(300)
    arm = np.minimum(sample.arm, 1)
    arm[:8] = 2
    rare = UpliftSample(sample.features, arm, sample.outcome, np.tile([0.7, 0.27, 0.03], (300, 1)))
    task = prepare(rare, folds=2).whole
    # of which one is left: it cannot be in all three of causalml's folds
    rows = np.setdiff1d(np.arange(300), np.flatnonzero(task.sample.arm == 2)[1:])
    left = replace(task, sample=task.sample.rows(rows), nuisances=task.nuisances.rows(rows))
    with pytest.raises(LabError, match="too small for causalml's folds"):
        LEARNERS["causalml.dr"].fit(left)


@EVERY
def test_fitting_is_silent(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LEARNERS[name].fit(prepare(troubled(600)).whole)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
