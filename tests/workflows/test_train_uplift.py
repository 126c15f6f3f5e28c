import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import versions
from retention_lab.tracking.search import child_runs, find_runs, get_run
from retention_lab.workflows.evaluate_uplift import evaluate_uplift
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.flat_labs import PromotedFlat, customers, flat_lab, trained


def test_a_training_is_a_parent_run_with_a_child_per_candidate(mailed: PromotedFlat) -> None:
    store = mailed.lab.open_store()
    parent = get_run(store, mailed.training.run_id)
    assert parent.experiment == "train/mail"
    assert parent.status == "FINISHED"
    known = {"lab.kind", "lab.name", "lab.definition_sha256", "lab.data_sha256", "lab.version"}
    assert known <= set(parent.tags)
    children = child_runs(store, parent)
    assert sorted(run.name for run in children) == ["constant", "t"]
    for run in children:
        assert {"valid.qini", "valid.qini.ci_low", "valid.policy_value.ci_high"} <= set(run.metrics)
    assert {one["run_id"] for one in mailed.training.candidates} == {run.id for run in children}
    assert json.loads(read_artifact(store, parent, "result.json")) == mailed.training.as_json()
    assert b"<html" in read_artifact(store, parent, "report.html")


def test_the_json_has_the_arms_effects_and_candidates_of_the_contract(mailed: PromotedFlat) -> None:
    found, table = mailed.training.as_json(), customers()
    assert (found["winner"], found["targeting"], found["model_version"]) == ("t", "better", "1")
    arm, bought = np.array(table["arm"].to_pylist()), table["bought"].to_numpy()
    for row in found["arms"]:
        rows = arm == row["arm"]
        assert (row["rows"], row["planned"]) == (rows.sum(), None)
        assert row["outcome_mean"]["bought"] == pytest.approx(bought[rows].mean())
    effect = next(row for row in found["effects"] if row["outcome"] == "bought")
    assert effect["value"] == pytest.approx(bought[arm == "coupon"].mean() - bought[arm == "none"].mean())
    assert {row["outcome"] for row in found["effects"]} == {"bought", "spend"}
    assert {"model", "run_id", "metrics", "seconds"} <= set(found["candidates"][0])


def test_what_was_registered_is_what_evaluate_finds(mailed: PromotedFlat) -> None:
    report = evaluate_uplift(mailed.lab, "mail/1")
    assert report.rows == mailed.training.held_out["rows"]
    assert report.evidence.as_json() == mailed.training.metrics


def test_the_order_of_rows_with_ids_does_not_matter(mailed: PromotedFlat, tmp_path: Path) -> None:
    shuffled = customers().take(np.random.default_rng(3).permutation(4000))
    other = trained(flat_lab(tmp_path, shuffled))
    for one, again in zip(mailed.training.candidates, other.candidates, strict=True):
        assert one["metrics"] == again["metrics"]
    files = [
        load_version(lab.open_store(), "mail", "/1").files
        for lab in (mailed.lab, flat_lab(tmp_path, shuffled))
    ]
    assert files[0] == files[1]


def test_a_failed_sample_ratio_fits_and_registers_nothing(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(), planned_shares={"none": 0.4, "coupon": 0.6})
    report = trained(lab)
    assert not report.trusted
    assert (report.model_version, report.winner, report.candidates) == (None, None, [])
    assert versions(lab.open_store(), "mail") == []
    assert not (tmp_path / "reports").exists()
    json.dumps(report.as_json(), allow_nan=False)


def test_planned_shares_that_hold_pass_the_sample_ratio_check(tmp_path: Path) -> None:
    report = trained(flat_lab(tmp_path, customers(), planned_shares={"none": 0.5, "coupon": 0.5}))
    assert report.checks[0]["name"] == "sample_ratio"
    assert report.checks[0]["passed"] is True
    assert [row["planned"] for row in report.arms] == [0.5, 0.5]


def test_no_register_registers_nothing_and_tracks_all_the_same(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers())
    report = trained(lab, register=False)
    assert report.model_version is None
    assert versions(lab.open_store(), "mail") == []
    assert len(find_runs(lab.open_store(), "train/mail")) == 3


def test_a_version_is_evaluated_as_it_was_set_to_be_trained(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers())
    report = trained(lab, overrides=("primary=spend", "validation.share=0.4"))
    assert report.held_out["rows"] == 1600
    found = evaluate_uplift(lab, "mail")
    assert found.rows == 1600
    assert found.evidence.as_json() == report.metrics
    kept = read_artifact(lab.open_store(), get_run(lab.open_store(), report.run_id), "definition.yaml")
    assert b"# --set primary=spend" in kept


def test_a_placebo_is_none_better_and_registers_one_offer_for_everybody(tmp_path: Path) -> None:
    table = customers(effect=0.0)
    report = trained(flat_lab(tmp_path, table))
    assert report.targeting == "none_better"
    assert report.winner == "constant"
    assert report.registered == {"learner": "constant", "constant_arm": "coupon"}
    assert report.best in {"constant", "t"}
    assert report.metrics["qini"]["value"] == pytest.approx(0.0, abs=1e-12)  # it ranks nobody


def test_several_offers_name_their_metrics(tmp_path: Path) -> None:
    report = trained(flat_lab(tmp_path, customers(6000, offers=("letter A/B", "coupon"))))
    assert [row["arm"] for row in report.arms] == ["none", "coupon", "letter A/B"]
    assert {"qini.coupon", "qini.letter A/B", "policy_gain.none", "autoc.coupon"} <= set(report.metrics)


def test_money_takes_off_what_arms_cost(tmp_path: Path) -> None:
    value = {"outcome": "bought", "per_unit": 20.0, "cost": {"coupon": 1.0, "none": 0.25}}
    plain = trained(flat_lab(tmp_path / "plain", customers()))
    money = trained(flat_lab(tmp_path / "money", customers(), value=value))
    before, after = (one.metrics["uplift_at_20"]["value"] for one in (plain, money))
    assert after == pytest.approx(20 * before - 0.75)


def test_the_latest_rows_judge_where_rows_have_a_time(tmp_path: Path) -> None:
    table = customers()
    days = np.datetime64("2026-01-01") + np.arange(4000) // 100
    lab = flat_lab(tmp_path, table.append_column("sent", pa.array(days)), time="sent")
    report = trained(lab)
    assert report.held_out["rows"] == 1200
    found = evaluate_uplift(lab, "mail")
    assert (found.rows, found.dropped) == (1200, 2800)


def test_held_out_rows_are_counted_each_time_they_are_looked_at(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers())
    assert trained(lab).held_out["uses"] == 1
    assert evaluate_uplift(lab, "mail").uses == 2
    assert trained(lab, overrides=("learners=[constant]",)).held_out["uses"] == 3
    assert trained(lab, overrides=("validation.seed=8",)).held_out["uses"] == 1  # other rows


def test_estimated_propensities_are_assumed_to_be_causal_and_effects_are_adjusted(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    age = rng.integers(18, 82, 6000)
    sent = rng.random(6000) < np.where(age > 50, 0.75, 0.25)  # the old were mailed more
    bought = (rng.random(6000) < 0.1 + 0.4 * (age > 50) + 0.1 * sent).astype(int)  # and buy more anyway
    table = pa.table({"age": age, "arm": np.where(sent, "coupon", "none"), "bought": bought})
    keys = {"id": None, "outcomes": {"bought": "binary"}, "propensity": "estimate"}
    report = trained(flat_lab(tmp_path, table, **keys))
    assert report.causal_basis == "assumed"
    naive = bought[sent].mean() - bought[~sent].mean()
    assert naive > 0.25
    estimate = report.effects[0].effect
    assert abs(estimate.value - 0.1) < 3.5 * estimate.se
    assert {one["name"]: one["passed"] for one in report.checks}["overlap"] is True


def test_as_of_means_nothing_for_a_flat_table(mailed: PromotedFlat) -> None:
    with pytest.raises(ConfigurationError, match="--as-of"):
        train_uplift(mailed.lab, "mail", as_of=datetime(2026, 1, 1, tzinfo=UTC), say=lambda _: None)


def test_an_unknown_name_is_refused(mailed: PromotedFlat) -> None:
    with pytest.raises(LabError, match="mail"):
        train_uplift(mailed.lab, "mial", say=lambda _: None)
