from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.abtest import sample_size
from retention_lab.data.past_units import past_units
from retention_lab.errors import LabError, UsageError
from retention_lab.simulate import Retailer
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.design_experiment import DesignQuestion, DesignReport, design_experiment
from retention_lab.workflows.project import Lab
from tests.workflows.abtest_labs import abtest_lab, define, players
from tests.workflows.conftest import copied, silent

DATED = {"exposed_at": "entered", "window_days": 7}
OWN = {
    **dict.fromkeys(("table", "unit", "arm", "control"), None),
    "experiment": "spring-2026-03-01",
    "planned_shares": {"none": 0.5, "coupon_10": 0.5},
    "metrics": [
        {"name": "active", "type": "proportion", "column": "active", "role": "primary"},
        {"name": "revenue", "type": "mean", "column": "revenue"},
        {"name": "profit", "type": "profit", "contribution": "contribution", "contact_cost": "contact_cost"},
    ],
}


def design(lab: Lab, *overrides: str, **asked: Any) -> DesignReport:
    return design_experiment(lab, "gate", DesignQuestion(**asked), overrides=overrides, say=silent)


def test_the_baseline_is_controls_and_the_units_are_the_formulas(tmp_path: Path) -> None:
    table = players(effect=0.2)
    report = design(abtest_lab(tmp_path, table), metric="spend", mde=1.0)
    own = np.asarray(table["spend"].to_numpy())[np.asarray(table["gate"].to_numpy()) == 30]
    assert report.past.units == len(own) == 2_000
    assert report.design.baseline == pytest.approx(own.mean())
    left = 1 - report.past.precision.explained
    assert 0.3 < left < 0.7  # the covariate is half of the variance
    alone = sample_size(own.mean(), own.std(ddof=1) * left**0.5, 1.0, alpha=0.025)
    assert report.design.n_per_arm == pytest.approx(alone.n_per_arm, abs=1)
    assert report.units == {"30": report.design.n_per_arm, "40": report.design.n_per_arm}


def test_days_come_from_the_units_that_enter(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, **DATED)
    report = design(lab, n_per_arm=1_000)
    # 4,000 in 28 days: 2,000 take half of them, and a window of 7 closes after the last
    assert report.chosen.days == pytest.approx(14 + 7, abs=1)
    assert report.past.units == pytest.approx(2_000 * 21 / 28, rel=0.1)  # windows of a week have closed
    assert [one.days for one in report.by_days][:2] == [14, 21]
    assert design(lab, days=report.chosen.days).design.n_per_arm == pytest.approx(1_000, rel=0.1)


def test_without_times_days_are_null_with_a_reason(tmp_path: Path) -> None:
    found = design(abtest_lab(tmp_path), relative_mde=0.1).as_json()
    assert found["days"] is None
    assert "No column says when units came in" in found["reason"]
    assert {"metric", "baseline", "mde_absolute", "mde_relative", "n_per_arm", "power", "alpha"} <= set(found)
    assert len(found["table"]) == 10
    with pytest.raises(LabError, match="exposed_at"):
        design(abtest_lab(tmp_path), days=14)


def test_the_plan_answers_where_nobody_asks(tmp_path: Path) -> None:
    mde = design(abtest_lab(tmp_path, plan={"mde": 0.05, "power": 0.9}))
    assert (mde.design.mde_absolute, mde.design.power) == (0.05, 0.9)
    units = design(abtest_lab(tmp_path, plan={"n_per_arm": 700}))
    assert units.design.units == (700, 700)
    other = design(abtest_lab(tmp_path, plan={"mde": 0.05, "n_per_arm": 700}), metric="spend")
    assert other.design.units == (700, 700)  # the plan's effect is in the primary metric's unit
    asked = design(abtest_lab(tmp_path, plan={"mde": 0.05}), n_per_arm=900, power=0.7)
    assert (asked.design.n_per_arm, asked.design.power) == (900, 0.7)
    usual = design(abtest_lab(tmp_path))
    assert usual.design.mde_relative == pytest.approx(0.05)
    assert any("Nobody said what effect matters" in note for note in usual.notes)


def test_looks_cost_units_and_may_save_them(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, **DATED)
    fixed = design(lab, mde=0.04)
    open_ = design(lab, "analysis.sequential=always_valid", mde=0.04)
    planned = design(lab, "analysis.sequential=group_sequential", "plan.looks=4", mde=0.04)
    assert fixed.expected is None
    assert open_.expected is not None
    assert planned.expected is not None
    assert fixed.design.n_per_arm < planned.design.n_per_arm < open_.design.n_per_arm
    assert planned.expected < sum(fixed.design.units)
    assert (open_.as_json()["looks"], planned.as_json()["looks"]) == (28, 4)
    undated = design(abtest_lab(tmp_path), "analysis.sequential=always_valid", mde=0.04)
    assert (undated.as_json()["looks"], undated.expected) == (1, None)


def test_a_guardrail_is_planned_for_an_arm_as_good_as_control(tmp_path: Path) -> None:
    guard = {
        "name": "kept",
        "type": "proportion",
        "column": "kept",
        "role": "guardrail",
        "worse_by_at_most": 0.02,
    }
    lab = abtest_lab(tmp_path, metrics=[guard])
    report = design(lab)
    assert (report.design.mde_absolute, report.as_json()["null_effect"]) == (0.0, -0.02)
    baseline = report.design.baseline
    expected = (1.6449 + 0.8416) ** 2 * 2 * baseline * (1 - baseline) / 0.02**2
    assert report.design.n_per_arm == pytest.approx(expected, rel=0.002)
    assert len(report.table) == 2


def test_visits_of_the_same_unit_count_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    player = rng.integers(0, 3_000, 9_000)
    day = rng.integers(0, 28, 9_000)
    visits = pa.table(
        {
            "player": player,
            "entered": np.datetime64("2025-03-01") + day.astype("timedelta64[D]"),
            "spend_before": np.ones(9_000),
            "kept": (rng.random(9_000) < 0.2).astype(int),
            "spend": rng.gamma(2.0, 5.0, 9_000),
        }
    )
    pa_csv.write_csv(visits, tmp_path / "visits.csv")
    lab = abtest_lab(tmp_path, **DATED)
    report = design(lab, history=tmp_path / "visits.csv", n_per_arm=1_000)
    seen = len(set(player[day < 21]))  # first visits whose week has passed by the last day
    assert report.past.units == pytest.approx(seen, rel=0.02)
    assert "9,000 visits of" in report.notes[0]
    # half of all players come within a few days, although 9,000 visits in 28 days would promise 2,000 in six
    assert report.chosen.days is not None
    first = np.full(3_000, 99)
    np.minimum.at(first, player, day)
    assert report.chosen.days == int(np.flatnonzero(np.cumsum(np.bincount(first)[:28]) >= 2_000)[0]) + 1 + 7


def test_repeated_units_without_times_are_refused(tmp_path: Path) -> None:
    table = pa.concat_tables([players(200), players(200)])
    with pytest.raises(LabError, match="400 rows hold 200 units") as caught:
        design(abtest_lab(tmp_path, table), mde=0.1)
    assert str(caught.value.file).endswith("players.csv")


def test_rows_without_ids_are_units(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    file = tmp_path / "experiments" / "gate.yaml"
    file.write_text(file.read_text().replace("unit: player", "unit: null"))
    assert design(lab, n_per_arm=500).past.units == 2_000


def test_holdout_layer_and_coverage_take_units_away(tmp_path: Path) -> None:
    whole = design(abtest_lab(tmp_path, **DATED), n_per_arm=500).chosen.days
    held = "global_holdout: {share: 0.5, salt: s, from: 2020-01-01}\n"
    half = design(abtest_lab(tmp_path, settings=held, **DATED), n_per_arm=500).chosen.days
    sliced = abtest_lab(tmp_path, layer={"name": "home", "start": 0.5, "end": 1.0}, **DATED)
    assert whole is not None
    assert half == pytest.approx(2 * (whole - 7) + 7, abs=1)
    assert design(sliced, n_per_arm=500).chosen.days == half
    assert design(abtest_lab(tmp_path, **DATED), n_per_arm=500, coverage=0.5).chosen.days == half


def test_a_test_over_the_projects_tables_is_planned_from_its_customers(
    simulated: tuple[Path, Retailer], tmp_path: Path
) -> None:
    lab = copied(simulated[0], tmp_path / "lab")
    define(lab.folder, "gate", **OWN)
    report = design(lab, metric="revenue", relative_mde=0.5)
    with lab.open_tables() as tables:
        own = past_units(tables, default_as_of(lab, tables), 30)
    assert report.past.units == own.num_rows
    assert report.design.baseline == pytest.approx(np.mean(own["revenue"].to_numpy()))
    assert design(lab, metric="profit", n_per_arm=1_000).chosen.days == 31
    many = design(lab, metric="revenue", relative_mde=0.001).as_json()
    assert many["days"] is None
    assert "are there" in many["reason"]
    assert report.by_days == ()
    with pytest.raises(UsageError, match="no file takes their place"):
        design(lab, history=tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("changes", "asked", "words", "key"),
    [
        ({}, {"metric": "kpt"}, "Did you mean 'kept'", "metrics"),
        ({"control": "20", "planned_shares": None}, {}, "No row has the control arm '20'", "control"),
        ({"unit": "playr"}, {}, "no column 'playr'", "playr"),
        ({"exposed_at": "enterd"}, {}, "no column 'enterd'", "enterd"),
        ({"cluster": "countr"}, {}, "no column 'countr'", "countr"),
        ({}, {"mde": 0.9}, "would make it", None),
        ({}, {"power": 1.2, "mde": 0.1}, "power of 1.2", None),
        ({}, {"coverage": 1.5, "mde": 0.1}, "share of units that take part", None),
        ({}, {"history": Path("nothing.csv")}, "no such file", None),
        ({**DATED, "window_days": 90}, {}, "No unit's window of 90 days has closed", "window_days"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(
    tmp_path: Path, changes: dict[str, Any], asked: dict[str, Any], words: str, key: str | None
) -> None:
    lab = abtest_lab(tmp_path, **({"exposed_at": "entered"} | changes))
    with pytest.raises(LabError, match=words) as caught:
        design(lab, **asked)
    assert caught.value.exit_code == 3
    assert caught.value.key == key
    assert caught.value.file


def test_questions_that_answer_each_other_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="--mde and --days answer each other"):
        DesignQuestion(mde=0.1, days=14)
    with pytest.raises(UsageError, match="The effect of --relative-mde is"):
        DesignQuestion(relative_mde=-0.02)


def test_strata_that_the_past_does_not_know_are_not_counted(
    simulated: tuple[Path, Retailer], tmp_path: Path
) -> None:
    lab = copied(simulated[0], tmp_path / "lab")
    define(lab.folder, "gate", **OWN, strata="stratum")
    report = design(lab, n_per_arm=500)
    assert report.past.precision.explained == 0
    assert any("strata" in note for note in report.notes)


def test_strata_of_a_table_are_counted(tmp_path: Path) -> None:
    table = players()
    spend = np.asarray(table["spend"].to_numpy()) + 40 * (np.asarray(table["country"]) == "DE")
    lab = abtest_lab(tmp_path, table.set_column(6, "spend", pa.array(spend)), strata="country")
    assert design(lab, metric="spend", mde=1.0).past.precision.explained > 0.8
