"""What a training may do beyond fitting: look for better settings, and keep refits."""

import json
from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.search import get_run
from tests.workflows.flat_labs import customers, flat_lab, trained


def test_refits_are_kept_with_the_version_when_asked_for(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(2000))
    report = trained(lab, overrides=("spread=2",))
    assert report.winner == "t"
    scorer = load_version(lab.open_store(), "mail").model
    found = scorer.predict(customers(50, seed=4), {"interval": True})
    assert found.column_names == ["id", "effect.coupon", "spread.coupon", "best_arm"]
    assert found["spread.coupon"].to_numpy().min() > 0


def test_a_constant_policy_keeps_refits_of_the_constant(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(2000, effect=0.0))
    assert trained(lab, overrides=("spread=2",)).winner == "constant"
    found = load_version(lab.open_store(), "mail").model.predict(customers(50, seed=4), {"interval": True})
    assert len(set(found["spread.coupon"].to_pylist())) == 1


def test_without_them_a_version_says_how_to_get_them(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(1000))
    trained(lab, overrides=("learners=[constant]",))
    with pytest.raises(LabError, match="spread=8"):
        load_version(lab.open_store(), "mail").model.predict(customers(50), {"interval": True})


@pytest.mark.slow
def test_tuning_takes_the_time_that_it_is_given_and_says_what_it_found(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(2000))
    report = trained(lab, overrides=("tune=3s",))
    assert report.tuning is not None
    assert {rung["tuned"] for rung in report.tuning["rungs"]} == {"outcomes"}  # no stack, no shallow models
    run = get_run(lab.open_store(), report.run_id)
    kept = json.loads(read_artifact(lab.open_store(), run, "result.json"))["tuning"]
    assert kept["params"]["rounds"] == report.tuning["params"]["rounds"]
    assert "rounds" in run.params["tuned"]


def test_no_tuning_is_no_tuning(tmp_path: Path) -> None:
    assert trained(flat_lab(tmp_path, customers(1000)), overrides=("learners=[constant]",)).tuning is None


@pytest.mark.parametrize(("override", "words"), [("tune=60", "60s, 2m"), ("spread=1", "One refit")])
def test_a_time_without_a_unit_and_a_single_refit_are_refused(
    tmp_path: Path, override: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        trained(flat_lab(tmp_path, customers(100)), overrides=(override,))
