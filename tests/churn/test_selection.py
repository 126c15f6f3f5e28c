from typing import get_args

import numpy as np
import pytest

from retention_lab.churn.grids import GRIDS
from retention_lab.churn.learners import LEARNERS, read_calibrated
from retention_lab.churn.profit import Campaign
from retention_lab.churn.resample import Resampling
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.selection import Candidates, champion
from retention_lab.churn.snapshots import rolling_folds
from retention_lab.errors import ConfigurationError
from retention_lab.features import numeric_features
from retention_lab.measures import auc_terms
from retention_lab.split import stratified_folds
from tests.churn.populations import population

KNOWN = population(800)
SAMPLE = KNOWN.sample
FOLD = stratified_folds(SAMPLE.left, 3, 1)
HOW: tuple[Resampling, ...] = ("none", "over")
CAMPAIGN = Campaign(200.0, 1.0, 10.0, 0.3)


def test_a_blend_is_at_least_nearly_as_good_as_its_parts() -> None:
    candidates = Candidates(SAMPLE, FOLD)
    loss = {name: candidates.fit(name).log_loss for name in ("logistic", "lightgbm", "blend")}
    assert loss["blend"] < min(loss["logistic"], loss["lightgbm"]) + 0.003


@pytest.mark.parametrize("name", ["logistic", "blend", "hazard"])
def test_a_calibrated_candidate_comes_back_from_its_files(name: str) -> None:
    found = Candidates(SAMPLE, FOLD, clock=(1, 0.5)).fit(name)
    again = read_calibrated(name, found.model.to_files())
    np.testing.assert_allclose(
        again.probability(SAMPLE.features), found.model.probability(SAMPLE.features), rtol=0, atol=1e-12
    )
    assert auc_terms(SAMPLE.left, found.probability).mean() > 0.68


def test_the_champion_earns_most_or_without_money_fits_best() -> None:
    candidates = Candidates(SAMPLE, FOLD)
    both = [candidates.fit(name) for name in ("tree", "logistic")]
    assert champion(both, SAMPLE.left, None).name == "logistic"
    earned = {one.name: one.profit(SAMPLE.left, CAMPAIGN) for one in both}
    assert champion(both, SAMPLE.left, CAMPAIGN).name == max(earned, key=lambda name: earned[name])


def test_a_hazard_model_without_a_clock_and_an_unknown_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="for how long"):
        Candidates(SAMPLE, FOLD).fit("hazard")
    with pytest.raises(ConfigurationError, match="Did you mean 'forest'"):
        Candidates(SAMPLE, FOLD).fit("forrest")


def test_definitions_know_every_model() -> None:
    from retention_lab.config.churn import Model

    assert set(get_args(Model)) == {*LEARNERS, "hazard", "blend"}


def test_resampling_inside_the_folds_is_calibrated_away() -> None:
    rare = SAMPLE.rows(np.flatnonzero((SAMPLE.left == 0) | (np.arange(len(SAMPLE)) % 4 == 0)))
    fold = stratified_folds(rare.left, 3, 1)
    plain, over = (Candidates(rare, fold, resampling=how).fit("logistic") for how in HOW)
    raw = over.model.model.probability(rare.features)
    assert raw.mean() > rare.left.mean() + 0.2
    assert over.probability.mean() == pytest.approx(rare.left.mean(), abs=0.01)
    assert over.log_loss == pytest.approx(plain.log_loss, abs=0.01)


def test_tuning_finds_settings_and_uses_them() -> None:
    candidates = Candidates(SAMPLE, FOLD, tune=True)
    found = candidates.fit("logistic")
    assert candidates.settings["logistic"]["preparing"]["knots"] > 0  # the effect of a feature is bent
    assert found.log_loss < Candidates(SAMPLE, FOLD).fit("logistic").log_loss + 0.01
    candidates.fit("tree")
    assert "tree" not in candidates.settings


def test_every_default_is_among_what_is_tried() -> None:
    for name in ("logistic", "lightgbm"):
        default = type(GRIDS[name].choices[0])()
        assert default in GRIDS[name].choices


def turning(rows: int = 1500) -> tuple[ChurnSample, np.ndarray, np.ndarray]:
    """Five looks, 10 apart, labels 10 long; at the last one what used to hold turns round."""
    rng = np.random.default_rng(4)
    x, as_of = rng.normal(size=(rows, 1)), np.arange(rows) // (rows // 5) * 10
    sign = np.where(as_of == 40, -1.0, 1.0)
    left = (rng.random(rows) < 1 / (1 + np.exp(-2 * sign * x[:, 0]))).astype(float)
    return ChurnSample(numeric_features(x), left), as_of, as_of + 10


def test_rolling_over_time_sees_a_change_that_folds_hide() -> None:
    sample, as_of, label_end = turning()
    fold = stratified_folds(sample.left, 3, seed=1)
    rolling = rolling_folds(as_of, label_end, 1)
    by_time = Candidates(sample, fold, rolling=rolling).fit("logistic")
    by_fold = Candidates(sample, fold).fit("logistic")
    assert len(by_time.probability) == 300
    assert by_time.log_loss > np.log(2) - 0.01  # calibration, cross-fitted, can make it useless, not worse
    assert by_fold.log_loss < np.log(2) - 0.02


@pytest.mark.parametrize("name", ["logistic", "blend"])
def test_rolling_judges_the_last_looks_and_fits_on_all_rows(name: str) -> None:
    sample, as_of, label_end = turning()
    fold = stratified_folds(sample.left, 3, seed=1)
    candidates = Candidates(sample, fold, rolling=rolling_folds(as_of, label_end, 2))
    np.testing.assert_array_equal(candidates.judged, np.arange(900, 1500))
    found = candidates.fit(name)
    assert len(found.probability) == 600
    assert np.isfinite(found.profit(sample.left[candidates.judged], Campaign(100.0, 1.0, 5.0, 0.5)))
    if name == "logistic":
        raw, plain = (one.fit(name).model.model for one in (candidates, Candidates(sample, fold)))
        np.testing.assert_array_equal(raw.probability(sample.features), plain.probability(sample.features))
