import json
import math
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention_lab import __version__
from retention_lab.errors import LabError, StoreError
from retention_lab.estimate import Estimate
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.tracking.search import child_runs, find_runs, get_run
from retention_lab.tracking.signals import Terminated
from retention_lab.tracking.store import Store


def artifact(store: Store, run_id: str, name: str) -> Path:
    return Path(get_run(store, run_id).artifact_uri.removeprefix("file://")) / name


def test_a_run_keeps_what_was_logged_and_is_finished(store: Store) -> None:
    with start_run(store, "train/winback", "today", {"lab.kind": "uplift"}) as run:
        run.log_params({"learner": "t", "depth": 3, "arms": ["a", "b"]})
        run.log_metrics({"rows": 10, "missing": None, "infinite": math.inf, "nan": math.nan})
        run.log_estimates("valid", {"qini.10 % off": Estimate(1.0, 0.5, 0.0, 2.0, 0.05)})
        run.log_json("result.json", {"name": "Größe"})
        run.log_bytes("figures/one.bin", b"\x00\x01")
    kept = get_run(store, run.id)
    assert (kept.status, kept.name, kept.experiment) == ("FINISHED", "today", "train/winback")
    assert kept.params == {"learner": "t", "depth": "3", "arms": '["a", "b"]'}
    assert kept.metrics == {
        "rows": 10.0,
        "valid.qini.10 _ off": 1.0,
        "valid.qini.10 _ off.ci_low": 0.0,
        "valid.qini.10 _ off.ci_high": 2.0,
    }
    assert kept.tags["lab.kind"] == "uplift"
    assert json.loads(artifact(store, run.id, "result.json").read_text("utf-8")) == {"name": "Größe"}
    assert artifact(store, run.id, "figures/one.bin").read_bytes() == b"\x00\x01"


def test_more_metrics_than_one_call_takes_are_all_kept(store: Store) -> None:
    with start_run(store, "train/winback", "many", {}) as run:
        run.log_metrics({f"m{i}": float(i) for i in range(1500)})
        run.log_params({f"p{i}": i for i in range(150)})
    kept = get_run(store, run.id)
    assert (len(kept.metrics), len(kept.params)) == (1500, 150)


def test_children_belong_to_their_parent(store: Store) -> None:
    with start_run(store, "train/winback", "parent", {}) as parent:
        for name in ("a", "b"):
            with start_run(store, "train/winback", name, {}, parent=parent):
                pass
    assert {child.name for child in child_runs(store, get_run(store, parent.id))} == {"a", "b"}


def test_a_lab_error_fails_the_run_and_its_words_are_kept(store: Store) -> None:
    with pytest.raises(LabError), start_run(store, "train/winback", "x", {}):
        raise LabError("Arm 2 is empty.", "Widen the dates.")
    (kept,) = find_runs(store, "train/winback")
    assert (kept.status, kept.tags["lab.error"]) == ("FAILED", "Arm 2 is empty. Widen the dates.")


def test_the_words_of_other_errors_are_not_kept_as_they_may_hold_customer_data(store: Store) -> None:
    with pytest.raises(ValueError, match="Anna"), start_run(store, "train/winback", "x", {}):
        raise ValueError("could not convert 'Anna Smith'")
    (kept,) = find_runs(store, "train/winback")
    assert (kept.status, kept.tags["lab.error"]) == ("FAILED", "ValueError")


def test_an_interrupt_kills_the_run_and_its_children(store: Store) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        start_run(store, "train/winback", "parent", {}) as parent,
        start_run(store, "train/winback", "child", {}, parent=parent),
    ):
        raise KeyboardInterrupt
    assert [run.status for run in find_runs(store, "train/winback")] == ["KILLED", "KILLED"]


def test_sigterm_kills_the_run_and_means_what_it_did_before_afterwards(store: Store) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), start_run(store, "train/winback", "x", {}):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
    assert [run.status for run in find_runs(store, "train/winback")] == ["KILLED"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_run_is_being_begun_leaves_none_open(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    from retention_lab.tracking import runs

    begin = runs.begin_run

    def interrupted(*arguments: object) -> object:
        run = begin(*arguments)  # type: ignore[arg-type]
        signal.raise_signal(number)
        return run

    monkeypatch.setattr(runs, "begin_run", interrupted)
    with pytest.raises(KeyboardInterrupt), start_run(store, "train/winback", "x", {}):
        pytest.fail("the block must not begin")
    assert [run.status for run in find_runs(store, "train/winback")] == ["KILLED"]


@pytest.mark.parametrize("path", ["../x.json", "/etc/x", "a//b", "a\\b", "", "a/../../b", "C:/x"])
def test_files_stay_inside_their_run(store: Store, path: str) -> None:
    with pytest.raises(LabError, match="lead out"), start_run(store, "train/winback", "x", {}) as run:
        run.log_text(path, "text")


def test_json_with_nan_is_refused(store: Store) -> None:
    with pytest.raises(LabError, match="not finite"), start_run(store, "train/winback", "x", {}) as run:
        run.log_json("result.json", {"value": math.nan})


def test_a_deleted_experiment_is_named_instead_of_losing_runs_in_it(store: Store) -> None:
    with start_run(store, "train/winback", "x", {}):
        pass
    store.client.delete_experiment(store.client.get_experiment_by_name("train/winback").experiment_id)
    with pytest.raises(StoreError, match="deleted"), start_run(store, "train/winback", "y", {}):
        pass


def test_tags_say_what_is_known_and_nothing_else() -> None:
    tags = run_tags("uplift", "winback", as_of=datetime(2026, 5, 1, tzinfo=UTC), data_sha256="ab")
    assert tags == {
        "lab.kind": "uplift",
        "lab.name": "winback",
        "lab.as_of": "2026-05-01T00:00:00+00:00",
        "lab.data_sha256": "ab",
        "lab.version": __version__,
    }
