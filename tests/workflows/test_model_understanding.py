import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.search import get_run
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.flat_labs import PromotedFlat, customers, flat_lab, trained


def artifact(found: PromotedFlat, path: str) -> bytes:
    store = found.lab.open_store()
    return read_artifact(store, get_run(store, found.training.run_id), path)


def understood(report: Any) -> dict[str, Any]:
    document = report.as_json()["understanding"]
    json.dumps(document, allow_nan=False)
    return document


def test_what_moves_the_effect_is_found_with_its_direction(mailed: PromotedFlat) -> None:
    found = understood(mailed.training)
    assert found["learner"] == "t"
    (coupon,) = found["drivers"]
    strongest = coupon["drivers"][0]
    assert (coupon["arm"], strongest["feature"]) == ("coupon", "age")
    assert strongest["share"] > 0.5
    assert strongest["trend"] > 0.5


def test_the_rule_finds_who_gains_and_is_worth_it_on_customers_it_was_not_made_from(
    mailed: PromotedFlat,
) -> None:
    rule = understood(mailed.training)["rule"]
    given = [one for step in rule["steps"] if step["arm"] == "coupon" for one in step["conditions"]]
    limits = [one["limit"] for one in given if one["feature"] == "age"]
    assert limits, rule["text"]
    assert abs(max(limits) - 50) <= 3  # the truth is 50, and cuts lie two years apart
    assert rule["over"]["none"]["ci_low"] > 0
    assert rule["over"][rule["best_constant"]]["ci_low"] > 0
    assert sum(step["share"] for step in rule["steps"]) == pytest.approx(1)


def test_groups_and_the_four_kinds_of_customers_are_measured_on_held_out_rows(mailed: PromotedFlat) -> None:
    found, held_out = understood(mailed.training), mailed.training.held_out["rows"]
    groups = found["groups"]["coupon"]["groups"]
    assert sum(one["rows"] for one in groups) == held_out
    assert groups[-1]["band_low"] > 0 > groups[0]["value"]
    assert all(one["band_low"] < one["ci_low"] < one["ci_high"] < one["band_high"] for one in groups)
    four = {one["name"]: one for one in found["four_groups"]["coupon"]["groups"]}
    assert sum(one["customers"] for one in four.values()) == held_out
    assert four["persuadable"]["measured"]["ci_low"] > 0 > four["sleeping_dog"]["measured"]["value"]


def test_what_was_not_asked_is_null_with_a_reason(mailed: PromotedFlat) -> None:
    found = understood(mailed.training)
    assert found["refutations"] is None
    assert found["sensitivity"] is None
    assert set(found["reasons"]) == {"refutations", "sensitivity"}


def test_the_run_keeps_the_understanding_and_the_scores(mailed: PromotedFlat) -> None:
    assert json.loads(artifact(mailed, "understanding.json")) == understood(mailed.training)
    scores = pq.read_table(io.BytesIO(artifact(mailed, "gamma.parquet")))
    assert scores.column_names == ["unit", "gamma.none", "gamma.coupon", "effect.coupon"]
    assert scores.num_rows == mailed.training.held_out["rows"]
    gain = scores["gamma.coupon"].to_numpy() - scores["gamma.none"].to_numpy()
    chosen = scores["effect.coupon"].to_numpy() > 0
    expected = mailed.training.metrics["policy_gain.none"]["value"]
    assert np.mean(gain * chosen) == pytest.approx(expected)


def test_the_kept_scores_name_nobody(mailed: PromotedFlat) -> None:
    scores = pq.read_table(io.BytesIO(artifact(mailed, "gamma.parquet")))
    units = scores["unit"].to_pylist()
    assert len(set(units)) == len(units)
    assert not set(units) & set(customers()["customer"].to_pylist())
    assert all(len(unit) == 16 and int(unit, 16) >= 0 for unit in units)


def test_a_placebo_is_explained_by_the_best_that_tells_customers_apart(tmp_path: Path) -> None:
    report = trained(flat_lab(tmp_path, customers(2000, effect=0.0)))
    assert report.targeting == "none_better"
    assert understood(report)["learner"] == "t"
    page = (tmp_path / "reports" / "mail.html").read_text(encoding="utf-8")
    assert "Its choices were not shown to be better" in page


def test_constants_alone_leave_nothing_to_explain(tmp_path: Path) -> None:
    report = trained(flat_lab(tmp_path, customers(2000), learners=["constant"]))
    assert report.understanding is None
    assert report.as_json()["understanding"] is None


def test_levels_of_single_customers_are_not_named(tmp_path: Path) -> None:
    table = customers(3000)
    names = np.where(np.arange(3000) % 20 == 0, [f"person-{i}" for i in range(3000)], "shop")
    report = trained(flat_lab(tmp_path, table.append_column("contact", pa.array(names)), learners=["t"]))
    drivers = json.dumps(understood(report)["drivers"])
    assert "contact" in drivers
    assert "person-" not in drivers


@pytest.mark.slow
def test_refutations_are_made_where_they_are_asked_for(tmp_path: Path) -> None:
    report = trained(flat_lab(tmp_path, customers(3000), refute=True))
    found = understood(report)["refutations"]
    assert {one["name"] for one in found} == {
        "placebo_average", "placebo_ranking", "placebo_spread", "random_cause_average",
        "random_cause_ranking", "subset_average", "subset_ranking",
    }  # fmt: skip
    assert all(one["severity"] == "soft" for one in found)
    assert "No effect found in a placebo" in (tmp_path / "reports" / "mail.html").read_text(encoding="utf-8")


def test_observational_data_say_how_firm_the_effects_are(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(3000), propensity="estimate", learners=["t"])
    report = train_uplift(lab, "mail", say=lambda _: None)
    found = understood(report)["sensitivity"]["coupon"]
    assert found["effect"]["value"] == pytest.approx(report.effects[0].effect.value, abs=0.1)
    assert 1 <= found["undecided_at"] <= found["tips_at"]
    assert "What if something unseen" in (tmp_path / "reports" / "mail.html").read_text(encoding="utf-8")
