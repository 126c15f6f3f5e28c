import warnings
from typing import Any

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.learners import LEARNERS
from retention_lab.uplift.learners.from_causalml import forests
from retention_lab.uplift.learners.from_causalml.quiet import quietly
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.learners.from_causalml.populations import troubled
from tests.uplift.learners.from_causalml.spies import fitted_by_causalml

pytestmark = pytest.mark.slow  # many fits

with quietly():
    from causalml.inference.tree import CausalRandomForestRegressor, UpliftRandomForestClassifier

CLASSES: dict[str, Any] = {
    "causalml.uplift_forest": UpliftRandomForestClassifier,
    "causalml.causal_forest": CausalRandomForestRegressor,
}
EVERY = pytest.mark.parametrize("name", list(CLASSES))


@EVERY
@pytest.mark.parametrize("varying", [False, True])
def test_predictions_are_causalmls_own(name: str, varying: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fitted_by_causalml(monkeypatch, CLASSES[name])
    new = troubled(500, seed=2).features.values
    model: Any = LEARNERS[name].fit(prepare(troubled(binary=True, varying=varying)).whole)
    assert len(model.trees.left) > 3 * len(model.trees.root)  # trees, not stumps
    own = seen[0].predict(X=new)[:, model.columns]  # causalml saw the offers by place
    np.testing.assert_allclose(model.effect(new), own, rtol=0, atol=1e-9)


def test_money_is_read_by_the_causal_forest(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fitted_by_causalml(monkeypatch, CausalRandomForestRegressor)
    new = troubled(500, seed=2)
    model: Any = LEARNERS["causalml.causal_forest"].fit(prepare(troubled()).whole)
    effect, own = model.effect(new.features), seen[0].predict(X=new.features.values)
    np.testing.assert_allclose(effect, own[:, model.columns], rtol=0, atol=1e-9)
    level = new.features.values[:, 3]
    assert effect[level == 1, 1].mean() - effect[level != 1, 1].mean() > 0.5  # of 2: shallow trees shrink


def test_money_is_refused_by_the_uplift_forest() -> None:
    with pytest.raises(LabError, match="0 and 1 only"):
        LEARNERS["causalml.uplift_forest"].fit(prepare(troubled(400)).whole)


@EVERY
def test_an_infinite_feature_is_refused(name: str) -> None:
    sample = troubled(400, binary=True)
    sample.features.values[3, 0] = np.inf
    with pytest.raises(LabError, match="infinite"):
        LEARNERS[name].fit(prepare(sample).whole)


@EVERY
def test_who_was_offered_more_often_is_not_mistaken_for_who_responds(name: str) -> None:
    sample = troubled(8000, binary=True, varying=True)
    arm, y = sample.arm, sample.outcome
    naive = y[arm == 1].mean() - y[arm == 0].mean()
    assert naive > 0.1  # the truth is 0: better customers were offered more often
    effect = LEARNERS[name].fit(prepare(sample).whole).effect(sample.features)
    assert abs(effect[:, 0].mean()) < 0.05


def some_cannot_get_the_second_offer() -> UpliftSample:
    sample = troubled(6000, binary=True)
    barred = sample.features.values[:, 3:] == 0
    arm = np.where((sample.arm == 2) & barred[:, 0], 0, sample.arm)
    chances = np.where(barred, [0.7, 0.3, 0.0], [0.5, 0.3, 0.2])
    return UpliftSample(sample.features, arm, sample.outcome, chances)


@EVERY
def test_who_cannot_get_an_offer_is_answered_all_the_same(name: str) -> None:
    sample = some_cannot_get_the_second_offer()
    assert np.isfinite(LEARNERS[name].fit(prepare(sample).whole).effect(sample.features)).all()


def test_where_causalml_has_no_mean_the_node_above_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fitted_by_causalml(monkeypatch, CausalRandomForestRegressor)
    sample = some_cannot_get_the_second_offer()
    model: Any = LEARNERS["causalml.causal_forest"].fit(prepare(sample).whole)
    effect = model.effect(sample.features)
    own = seen[0].predict(X=sample.features.values)[:, model.columns]
    assert 0 < np.isnan(own).mean() < 0.9
    answered = ~np.isnan(own)
    np.testing.assert_allclose(effect[answered], own[answered], rtol=0, atol=1e-9)


@EVERY
def test_a_gap_where_training_had_none_is_answered(name: str) -> None:
    sample = troubled(2000, binary=True)
    full = np.nan_to_num(sample.features.values)
    model = LEARNERS[name].fit(
        prepare(UpliftSample(full, sample.arm, sample.outcome, sample.propensity)).whole
    )
    full[:, 0] = np.nan
    assert np.isfinite(model.effect(full)).all()


@EVERY
def test_above_the_limit_a_part_is_fitted_and_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forests, "MOST_ROWS", 900)
    model: Any = LEARNERS[name].fit(prepare(troubled(1200, binary=True)).whole)
    again: Any = LEARNERS[name].from_files(model.to_files())
    assert model.fitted_on == again.fitted_on == 900


@EVERY
def test_fitting_is_silent(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LEARNERS[name].fit(prepare(troubled(600, binary=True)).whole)
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
