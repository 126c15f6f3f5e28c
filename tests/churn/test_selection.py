from typing import get_args

import numpy as np
import pytest

from retention_lab.churn.folds import stratified_folds
from retention_lab.churn.learners import LEARNERS, read_calibrated
from retention_lab.churn.measures import auc_terms
from retention_lab.churn.profit import Campaign
from retention_lab.churn.selection import Candidates, champion
from retention_lab.errors import ConfigurationError
from tests.churn.populations import population

KNOWN = population(800)
SAMPLE = KNOWN.sample
FOLD = stratified_folds(SAMPLE.left, 3, 1)
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
