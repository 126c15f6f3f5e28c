import numpy as np
import pytest

from retention_lab.churn.evaluate import MEASURES, difference, evaluate
from retention_lab.churn.profit import Campaign
from retention_lab.errors import LabError
from tests.churn.populations import population

CAMPAIGN = Campaign(200.0, 1.0, 10.0, 0.3)
KNOWN = population(1000)
LEFT = KNOWN.sample.left


def test_every_measure_has_an_interval_around_its_value() -> None:
    found = evaluate(LEFT, KNOWN.risk, CAMPAIGN)
    assert set(found.estimates) == {*MEASURES, "profit", "mpc", "empc", "calibration_error"}
    assert not found.refused
    for one in found.estimates.values():
        assert one.low < one.value < one.high


def test_without_a_campaign_nothing_is_said_in_money() -> None:
    assert "profit" not in evaluate(LEFT, KNOWN.risk).estimates


def test_what_cannot_be_computed_is_refused_by_name() -> None:
    found = evaluate(LEFT, np.full(len(LEFT), 0.1))
    assert "precision" not in found.estimates
    assert "No probability" in found.refused["precision"]


def test_a_model_does_not_differ_from_itself_and_beats_noise() -> None:
    same = difference(LEFT, KNOWN.risk, KNOWN.risk, CAMPAIGN)
    assert all(one.value == 0 and one.low == 0 == one.high for one in same.estimates.values())
    other = np.random.default_rng(1).permutation(KNOWN.risk)
    better = difference(LEFT, KNOWN.risk, other, CAMPAIGN).estimates
    assert better["auc"].low > 0
    assert better["profit"].low > 0
    assert better["log_loss"].high < 0


def test_copies_of_a_customer_do_not_make_an_interval_shorter() -> None:
    twice = np.tile(np.arange(len(LEFT)), 2)
    left, risk = np.tile(LEFT, 2), np.tile(KNOWN.risk, 2)
    once = evaluate(LEFT, KNOWN.risk).estimates["auc"]
    grouped = evaluate(left, risk, group=twice).estimates["auc"]
    assert grouped.se == pytest.approx(once.se, rel=1e-3)


def test_what_is_no_probability_is_refused() -> None:
    for wrong in (1.5, np.nan):
        with pytest.raises(LabError, match="row 1 first"):
            evaluate(LEFT, np.where(np.arange(len(LEFT)) == 0, wrong, 0.5))
