import pytest

from retention_lab.errors import StoreError
from retention_lab.tracking import search
from retention_lab.tracking.runs import start_run
from retention_lab.tracking.search import child_runs, find_all_runs, find_runs, get_run
from retention_lab.tracking.store import Store


def with_runs(store: Store, experiment: str, *names: str) -> None:
    for name in names:
        with start_run(store, experiment, name, {"lab.kind": name}) as run:
            run.log_metrics({"rows": float(len(name))})


def test_an_experiment_that_does_not_exist_has_no_runs(store: Store) -> None:
    assert find_runs(store, "train/winback") == []
    assert find_all_runs(store) == []


def test_runs_are_found_by_experiment_and_filter(store: Store) -> None:
    with_runs(store, "train/winback", "a", "bb", "ccc")
    with_runs(store, "train/other", "a")
    assert {run.name for run in find_runs(store, "train/winback")} == {"a", "bb", "ccc"}
    assert [run.name for run in find_runs(store, "train/winback", "metrics.rows > 2")] == ["ccc"]
    assert [run.name for run in find_runs(store, "train/winback", "tags.`lab.kind` = 'bb'")] == ["bb"]
    found = find_all_runs(store, "tags.`lab.kind` = 'a'")
    assert {run.experiment for run in found} == {"train/winback", "train/other"}


def test_runs_beyond_the_first_page_are_found_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_A_PAGE", 2)
    for experiment in ("train/a", "train/b", "train/c"):
        with_runs(store, experiment, "one", "two", "three")
    assert len(find_runs(store, "train/b")) == 3
    assert len({run.id for run in find_all_runs(store)}) == 9


def test_a_run_is_read_whole_by_its_id(store: Store) -> None:
    with start_run(store, "train/winback", "parent", {"lab.kind": "uplift"}) as run:
        run.log_params({"learner": "t"})
        assert get_run(store, run.id).ended is None
    found = get_run(store, run.id)
    assert (found.id, found.experiment, found.name, found.status) == (
        run.id,
        "train/winback",
        "parent",
        "FINISHED",
    )
    assert found.ended is not None
    assert found.ended >= found.started > 1_700_000_000_000  # milliseconds
    assert (found.parent, found.params, found.tags["lab.kind"]) == ("", {"learner": "t"}, "uplift")
    assert found == find_runs(store, "train/winback")[0]


def test_a_run_that_does_not_exist_is_a_store_error(store: Store) -> None:
    with pytest.raises(StoreError, match="refused"):
        get_run(store, "0" * 32)


def test_only_its_own_children_belong_to_a_run(store: Store) -> None:
    for name in ("a", "b"):
        with (
            start_run(store, "train/winback", name, {}) as parent,
            start_run(store, "train/winback", f"child of {name}", {}, parent=parent),
        ):
            pass
    parents = [run for run in find_runs(store, "train/winback") if not run.parent]
    assert {run.name: [child.name for child in child_runs(store, run)] for run in parents} == {
        "a": ["child of a"],
        "b": ["child of b"],
    }
