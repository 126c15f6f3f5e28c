import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence.__main__ import check, run
from evidence.record import as_text, differences, numbers_of, record
from evidence.runner import jobs, resume
from evidence.studies import NAMES, UNRECORDED, Columns, Numbers, Study, coverage, study

RUNS: list[tuple[int, int]] = []


def toy_run(cell: Mapping[str, Any], seed: int) -> Numbers:
    RUNS.append((cell["n"], seed))
    mean = float(np.random.default_rng(seed).normal(size=cell["n"]).mean())
    half = 1.96 / math.sqrt(cell["n"])
    return {"mean_low": mean - half, "mean_high": mean + half, "mean_truth": 0.0}


def toy_summary(columns: Columns) -> dict[str, Any]:
    return coverage(columns, "mean")


def toy() -> Study:
    RUNS.clear()
    cells = {"small": {"n": 10}, "large": {"n": 40}}
    return Study(
        "assignment_exact", "a toy", cells, range(50), ("retention_lab.errors",), toy_run, toy_summary
    )


def test_a_run_records_every_number_and_what_it_was_made_from(tmp_path: Path) -> None:
    of = toy()
    assert run(of, tmp_path, workers=1) == 0
    document = json.loads((tmp_path / "assignment_exact.json").read_text())
    assert document["source_sha256"] == of.source_sha256
    assert set(document["versions"]) == {"python", "numpy", "scipy", "lightgbm", "retention-lab"}
    assert document["cells"]["small"]["seed"] == list(range(50))
    assert document["cells"]["small"]["summary"]["seeds"] == 50
    assert len(document["cells"]["large"]["numbers"]["mean_low"]) == 50
    assert list(tmp_path.iterdir()) == [tmp_path / "assignment_exact.json"]


def test_an_interrupted_run_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    of, partial = toy(), tmp_path / "partial.jsonl"
    whole = resume(of, partial, jobs(of), workers=1)
    lines = partial.read_text().splitlines()
    partial.write_text("\n".join(lines[:31]) + "\n" + lines[31][:20])  # 30 results and a line cut off
    RUNS.clear()
    assert resume(of, partial, jobs(of), workers=1) == whole
    assert len(RUNS) == 70


def test_results_of_other_sources_are_not_taken_over(tmp_path: Path) -> None:
    of, partial = toy(), tmp_path / "partial.jsonl"
    resume(of, partial, jobs(of), workers=1)
    RUNS.clear()
    resume(replace(of, about=("retention_lab.arrays",)), partial, jobs(of), workers=1)
    assert len(RUNS) == 100


def test_a_check_runs_a_part_again_and_passes_where_it_comes_out_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = toy()
    run(of, tmp_path, workers=1)
    RUNS.clear()
    assert check(of, tmp_path, 0.05, draw=7, workers=1) == 0
    first = list(RUNS)
    assert len(first) == 5
    assert "5 of 5 came out again" in capsys.readouterr().out
    RUNS.clear()
    check(of, tmp_path, 0.05, draw=7, workers=1)
    assert first == RUNS
    RUNS.clear()
    check(of, tmp_path, 0.05, draw=8, workers=1)
    assert first != RUNS


def test_a_number_that_does_not_come_out_again_fails_unless_the_record_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = toy()
    run(of, tmp_path, workers=1)
    other = replace(of, run=lambda cell, seed: {**toy_run(cell, seed), "mean_low": -9.0})
    assert check(other, tmp_path, 0.05, draw=1, workers=1) == 1
    assert "did not come out again: mean_low" in capsys.readouterr().out
    stale = replace(other, about=("retention_lab.arrays",))
    assert check(stale, tmp_path, 0.05, draw=1, workers=1) == 0
    assert "stale" in capsys.readouterr().out


def test_without_a_record_a_check_fails(tmp_path: Path) -> None:
    assert check(toy(), tmp_path, 0.05, draw=1, workers=1) == 1


def test_a_broken_promise_is_a_failure(tmp_path: Path) -> None:
    def too_narrow(cell: Mapping[str, Any], seed: int) -> Numbers:
        found = toy_run(cell, seed)
        return {**found, "mean_high": found["mean_low"] + 0.01}

    assert run(replace(toy(), run=too_narrow), tmp_path, workers=1) == 1


def test_numbers_survive_the_record_within_its_tolerance() -> None:
    of = toy()
    numbers = {job: of.run(of.cells[job[0]], job[1]) for job in jobs(of)}
    numbers["small", 3]["mean_low"] = float("nan")
    back = numbers_of(json.loads(as_text(record(of, numbers))))
    assert all(not differences(back[job], numbers[job]) for job in numbers)
    moved = {**numbers["small", 4], "mean_high": numbers["small", 4]["mean_high"] * (1 + 1e-8)}
    assert differences(back["small", 4], moved) == ["mean_high"]
    assert differences(back["small", 4], {}) == ["mean_high", "mean_low", "mean_truth"]


def test_coverage_counts_refusals_apart_and_judges_by_the_band() -> None:
    low, high = np.full(1_000, -1.0), np.full(1_000, 1.0)
    truth = np.zeros(1_000)
    truth[:50] = 2.0
    low[-100:] = np.nan
    found = coverage({"x_low": low, "x_high": high, "x_truth": truth}, "x")
    assert (found["seeds"], found["intervals"]) == (1_000, 900)
    assert found["coverage"] == pytest.approx(850 / 900)
    assert found["truth_above"] == pytest.approx(50 / 900)
    assert found["pass"]
    assert not coverage({"x_low": low, "x_high": high, "x_truth": np.zeros(1_000)}, "x")["pass"]  # covers all


@pytest.mark.slow
def test_workers_give_the_numbers_that_one_process_gives(tmp_path: Path) -> None:
    of = replace(study("assignment_exact"), seeds=range(3))
    one = resume(of, tmp_path / "one", jobs(of), workers=1)
    assert resume(of, tmp_path / "two", jobs(of), workers=2) == one


@pytest.mark.parametrize("name", [*NAMES, *UNRECORDED])
def test_every_study_says_what_it_asks_and_fixes_its_seeds(name: str) -> None:
    of = study(name)
    assert "Fixed before any" in of.question
    fewer = {
        "kills": 10,
        "churn_reasons": 20,
        "segments_stability": 10,
        "uplift_sleeping_dogs": 100,
        "abtest_level": 100,
        "abtest_sequential": 100,
        "abtest_power": 200,
    }
    assert list(of.seeds) == list(range(fewer.get(name, 1_000)))  # a seed of an A/B study is 100 tests
    assert len(of.cells) >= 2
    assert len(of.source_sha256) == 64


def test_where_moments_differ_only_the_verdicts_are_compared_and_bind_changed_sources_too(
    tmp_path: Path,
) -> None:
    def by_chance(cell: Mapping[str, Any], seed: int) -> Numbers:
        return {**toy_run(cell, seed), "moment": float(len(RUNS)), "broken": 0.0}

    of = replace(toy(), run=by_chance, verdicts=("broken",))
    run(of, tmp_path, workers=1)
    assert check(of, tmp_path, 0.05, draw=1, workers=1) == 0
    stale = replace(of, about=("retention_lab.arrays",))
    assert check(stale, tmp_path, 0.05, draw=1, workers=1) == 0
    broken = replace(stale, run=lambda cell, seed: {**by_chance(cell, seed), "broken": 1.0})
    assert check(broken, tmp_path, 0.05, draw=1, workers=1) == 1


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_check_without_time_runs_little_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: int
) -> None:
    of = replace(study("assignment_exact"), seeds=range(20))
    run(of, tmp_path, workers=1)
    capsys.readouterr()
    assert check(of, tmp_path, 1.0, draw=1, workers=workers, seconds=0.0) == 0
    said = capsys.readouterr().out
    assert "of 80 drawn, in the time there was" in said
    assert int(said.split()[1]) in ([1] if workers == 1 else [16])  # what the workers had been given
