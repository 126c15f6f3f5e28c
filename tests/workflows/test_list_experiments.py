from pathlib import Path

from retention_lab.workflows.analyze_experiment import analyze_experiment
from retention_lab.workflows.list_experiments import list_experiments
from tests.workflows.abtest_labs import abtest_lab, define, players
from tests.workflows.conftest import silent


def test_every_test_is_listed_with_the_verdict_of_its_last_analysis(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, players(effect=0.2))
    define(tmp_path, "later", table="later.csv")
    (tmp_path / "experiments" / "mail.yaml").write_text("kind: uplift\n")
    first = analyze_experiment(lab, "gate", say=silent)
    gate, later = list_experiments(lab)
    assert (gate.name, gate.reads, gate.primary) == ("gate", "players.csv", ("kept",))
    assert gate.last is not None
    assert (gate.last.verdict, gate.last.arm, gate.last.run_id) == ("ship", "40", first.run_id)
    assert not gate.last.stale
    assert later.last is None
    assert "lab experiment analyze later" in str(later.reason)

    define(tmp_path, "gate", planned_shares={"30": 0.3, "40": 0.7})
    changed = list_experiments(lab)[0].last
    assert changed is not None
    assert changed.stale
    again = analyze_experiment(lab, "gate", say=silent)
    last = list_experiments(lab)[0].last
    assert last is not None
    assert (last.verdict, last.trustworthy, last.run_id) == ("do_not_trust", False, again.run_id)


def test_a_definition_that_cannot_be_read_is_listed_with_the_reason(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    define(tmp_path, "broken", metrics=[{"name": "kept", "type": "share", "column": "kept"}])
    broken, gate = list_experiments(lab)
    assert (broken.name, broken.reads, broken.last) == ("broken", None, None)
    assert "metrics.0" in str(broken.reason)
    assert gate.as_json()["verdict"] is None


def test_a_project_without_tests_has_an_empty_list_and_no_store(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    (tmp_path / "experiments" / "gate.yaml").unlink()
    assert list_experiments(lab) == ()
    assert not (tmp_path / "mlruns").exists()
