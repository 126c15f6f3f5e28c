import dataclasses
import re
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.config.loading import read_project
from retention_lab.reports.experiment import ExperimentReport
from retention_lab.reports.experiment_report import render_experiment
from retention_lab.workflows.experiment_page import Analyzed, experiment_pages, experiment_report
from retention_lab.workflows.experiment_units import BY_POLICY
from retention_lab.workflows.project import Lab
from tests.reports.reading import words_of
from tests.workflows.experiment_tables import SPEC, analyzed, table


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("page")
    (folder / "lab.yaml").write_text("name: test\ncurrency: EUR\nlanguage: zh-CN\n", encoding="utf-8")
    return Lab(read_project(folder))


@pytest.fixture(scope="module")
def found() -> Analyzed:
    return analyzed(table())


@pytest.fixture(scope="module")
def report(lab: Lab, found: Analyzed) -> ExperimentReport:
    return experiment_report(lab, found)


def changed(rows: pa.Table, **columns: Any) -> pa.Table:
    for name, values in columns.items():
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(values))
    return rows


def test_the_report_says_what_the_analysis_found(report: ExperimentReport, found: Analyzed) -> None:
    decision = found.analysis.decision
    assert (report.cause, report.shipped) == (decision.cause, decision.arm) == ("open", None)
    assert [one.measure.name for one in report.results] == [
        *("kept", "spend", "p90 spend", "profit", "complaints"),  # goals first, guardrails after the others
    ]
    for one in report.results:
        of_analysis = next(c for c in found.analysis.metrics if c.metric == one.measure.name)
        if of_analysis.lift is None:
            assert (one.effect, one.state, one.reason) == (None, "unknown", "quantile_looks")
            continue
        assert one.effect is not None
        lift = of_analysis.lift
        assert (one.effect.value, one.effect.low, one.effect.high) == (lift.value, lift.low, lift.high)
        assert (one.mean_arm, one.mean_control) == (of_analysis.mean_arm, of_analysis.mean_control)
    assert [one.measure.kind for one in report.results] == ["share", "number", "number", "money", "share"]
    assert report.corrected == 3  # kept, spend and profit: the quantile has no p-value


def test_a_margin_in_per_cent_is_taken_of_control(report: ExperimentReport) -> None:
    complaints = next(one for one in report.results if one.measure.name == "complaints")
    assert complaints.mean_control is not None
    assert complaints.margin == pytest.approx(0.5 * complaints.mean_control)
    assert complaints.state == "not_within"
    assert not complaints.measure.higher_is_better


def test_days_are_those_of_entry_and_of_the_last_closed_window(report: ExperimentReport) -> None:
    assert (report.first_day, report.last_day) == (date(2026, 3, 2), date(2026, 3, 21))
    assert report.window_days == 7
    assert report.waiting == 7 * 300
    assert report.plan.reached == (6000 - report.waiting) / 2
    (course,) = report.courses
    assert [point.last for point in course.looks] == [date(2026, 3, 9 + k) for k in range(13)]
    assert course.looks[-1].effect == report.results[0].effect
    assert sum(point.units for point in course.periods) == 6000 - report.waiting


def test_levels_of_few_units_have_no_name(report: ExperimentReport, lab: Lab, found: Analyzed) -> None:
    city, agent = report.segments
    assert [level for level, _ in city.results] == ["Bonn", "Köln", "Ulm"]
    assert [level for level, _ in agent.results] == ["shop"]
    assert agent.small == 6
    for page in experiment_pages(lab, found).values():
        assert "agent-" not in page


def test_no_unit_stands_on_a_page(lab: Lab) -> None:
    by_unit = {**SPEC["analysis"], "segments": ["user"]}
    rows = table(600)
    for found in (
        analyzed(rows, analysis=by_unit),
        analyzed(rows, analysis={"segments": []}, cluster="user"),
        analyzed(rows, analysis={"segments": []}, strata="city"),
    ):
        for page in experiment_pages(lab, found).values():
            assert not re.search(r"u0\d{5}", page)


def test_many_levels_metrics_and_days_still_make_a_page(lab: Lab) -> None:
    rows = table(9000, days=60)
    rows = rows.append_column(
        "block", pa.array([f"block {i // 2 % 40} of the city" for i in range(len(rows))])
    )
    metrics = [
        {
            "name": f"metric {k}",
            "type": "mean",
            "column": "spend",
            "role": "primary" if k < 4 else "secondary",
        }
        for k in range(45)
    ]
    found = analyzed(rows, metrics=metrics, analysis={"segments": ["block"], "sequential": "fixed"}, plan={})
    report = experiment_report(lab, found)
    assert (len(report.results), report.further) == (40, 5)
    (segment,) = report.segments
    assert len(segment.results) == 4 * 12
    assert segment.rest == 4 * 28
    assert len(report.courses) == 3
    assert all(len(one.looks) <= 31 and len(one.periods) <= 31 for one in report.courses)
    assert report.courses[0].looks[-1].effect == report.results[0].effect
    assert "in the run's result.json: 5." in words_of(render_experiment(report, "en"))


def test_pages_are_in_every_language_the_projects_first(lab: Lab, found: Analyzed) -> None:
    pages = experiment_pages(lab, found)
    assert list(pages) == ["zh-CN", "en"]
    assert "“coupon”已达到目标，但尚未证明安全" in words_of(pages["zh-CN"])
    assert "coupon reaches the goal, but is not shown to be safe yet" in words_of(pages["en"])


def test_lost_units_are_counted_in_both_languages(lab: Lab) -> None:
    rows = table()
    lost = (np.arange(len(rows)) % 2 == 1) & (np.arange(len(rows)) % 8 == 1)
    found = analyzed(rows.filter(pa.array(~lost)))
    chinese, english = (words_of(page) for page in experiment_pages(lab, found).values())
    assert "today: 3,000 counted, 2,625 planned; coupon: 2,250 counted, 2,625 planned." in english
    assert "today：实际3,000，计划2,625；coupon：实际2,250，计划2,625。" in chinese
    assert "Since 21 March 2026 the groups do not fill up as planned." in english
    assert "自2026年3月21日起，各组没有按计划增长。" in chinese
    assert "Do not use this result." in english


def test_failed_soft_checks_say_what_they_saw(lab: Lab) -> None:
    rows = table()
    arm = np.arange(len(rows)) % 2
    day = np.arange(len(rows)) // 2 % 20
    spend = rows["spend"].to_numpy().copy()
    spend[1] = 1e5
    kept = ((np.arange(len(rows)) * 7919 % 100) < 20 + 3 * arm * day).astype(np.int64)
    metrics = [dict(SPEC["metrics"][0], covariates=["before"]), {**SPEC["metrics"][1], "winsorise": None}]
    odd = changed(rows, spend=spend, kept=kept, before=rows["before"].to_numpy() + 9 * arm)
    odd = odd.append_column("asked", pa.array([None if a and i % 4 == 1 else 1 for i, a in enumerate(arm)]))
    metrics.append({"name": "asked", "type": "proportion", "column": "asked", "role": "diagnostic"})
    english = words_of(experiment_pages(lab, analyzed(odd, metrics=metrics))["en"])
    assert "One participant in coupon makes about 100% of the spread" in english
    assert "It grows from day to day" in english
    assert "They differed before anything was done" in english
    assert "Missing: today 0%, coupon 54%." in english  # every other of 13 closed days
    assert "Trust it, with care" in english


def test_what_could_not_be_computed_has_a_reason_of_its_own(lab: Lab) -> None:
    def reason(rows: pa.Table, **more: Any) -> str:
        return experiment_report(lab, analyzed(rows, **more)).results[0].reason

    few = table(240, days=1).set_column(2, "day", pa.array(["2026-03-02"] * 240))
    plain = {"exposed_at": None, "window_days": None, "analysis": {}}
    fixed = {**plain, "analysis": {"sequential": "fixed"}}
    kept = {"name": "kept", "type": "proportion", "column": "kept", "role": "primary"}
    assert reason(few.slice(0, 150), metrics=[kept], **plain) == "not_begun"
    assert reason(few.slice(0, 2), metrics=[kept], **fixed) == "too_few"
    same = changed(few, kept=np.ones(240, dtype=np.int64))
    assert reason(same, metrics=[kept], **fixed) == "other"
    assert reason(few, metrics=[kept], **fixed) == ""


def test_money_is_known_of_a_projects_own_experiment_alone(lab: Lab, found: Analyzed) -> None:
    rows = table().rename_columns(
        [
            "revenue" if name == "spend" else "orders" if name == "kept" else name
            for name in table().column_names
        ]
    )
    metrics = [
        {"name": "revenue", "type": "mean", "column": "revenue", "role": "primary"},
        {"name": "basket", "type": "ratio", "numerator": "revenue", "denominator": "orders"},
        {"name": "share", "type": "ratio", "numerator": "revenue", "denominator": "revenue"},
    ]
    flat = analyzed(rows, metrics=metrics, analysis={})
    own = dataclasses.replace(flat, own=True)
    kinds = [[r.measure.kind for r in experiment_report(lab, one).results] for one in (flat, own)]
    assert kinds == [["number"] * 3, ["money", "money", "number"]]


def test_a_policys_holdout_is_told(lab: Lab, found: Analyzed) -> None:
    chinese, english = experiment_pages(lab, dataclasses.replace(found, notes=(BY_POLICY,))).values()
    assert "everybody else is compared with the holdout" in words_of(english)
    assert "比较的是留出组与其他所有人" in words_of(chinese)
    assert BY_POLICY not in chinese


def test_days_that_were_read_again_are_told_in_both_languages(lab: Lab, found: Analyzed) -> None:
    again = dataclasses.replace(found, notes=("The definition has changed since the last analysis.",))
    chinese, english = experiment_pages(lab, again).values()
    assert "all days were read again" in words_of(english)
    assert "已重新读取所有日期" in words_of(chinese)
    assert "The definition has changed" not in chinese
    assert "read again" not in words_of(experiment_pages(lab, found)["en"])


def test_groups_of_a_score_have_intervals_that_hold_together(lab: Lab) -> None:
    rows = table().append_column("risk", pa.array(np.random.default_rng(3).random(6000)))
    found = analyzed(rows, analysis={"segments": ["city"], "score": "risk", "score_groups": 4})
    assert [one.together for one in experiment_report(lab, found).segments] == [False, True]
    assert words_of(experiment_pages(lab, found)["en"]).count("hold for all groups at once") == 1
