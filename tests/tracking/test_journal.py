import pytest

from retention_lab.errors import LabError
from retention_lab.tracking import journal, registry
from retention_lab.tracking.search import find_runs
from retention_lab.tracking.store import Store
from tests.tracking.tiny import with_versions


def promote(store: Store, version: str) -> journal.Promotion:
    return journal.move_champion(store, "winback", version, who="ann", why="better", evidence={"gain": 1.5})


def test_promotions_are_journalled_newest_first_and_can_be_rolled_back(store: Store) -> None:
    with_versions(store, 2)
    assert journal.champion_is_gated(store, "winback")
    first, second = promote(store, "1"), promote(store, "2")
    assert (first.before, first.after, second.before, second.after) == (None, "1", "1", "2")
    assert [entry.after for entry in journal.promotions(store, "winback")] == ["2", "1"]
    assert (second.who, second.why, second.action) == ("ann", "better", "promote")
    assert registry.challenger(store, "winback") is None
    assert journal.champion_is_gated(store, "winback")
    assert journal.previous_champion(store, "winback").version == "1"
    journal.move_champion(store, "winback", "1", who="ann", why="worse", evidence={}, action="rollback")
    assert journal.promotions(store, "winback")[0].action == "rollback"
    assert journal.champion_is_gated(store, "winback")


def test_the_first_champion_has_no_predecessor(store: Store) -> None:
    with_versions(store, 1)
    promote(store, "1")
    with pytest.raises(LabError, match="no champion of winback before"):
        journal.previous_champion(store, "winback")


def test_a_champion_moved_past_the_journal_is_found(store: Store) -> None:
    with_versions(store, 2)
    registry.set_alias(store, "winback", "champion", "1")
    assert not journal.champion_is_gated(store, "winback")
    promote(store, "1")
    assert journal.champion_is_gated(store, "winback")
    registry.set_alias(store, "winback", "champion", "2")
    assert not journal.champion_is_gated(store, "winback")
    registry.delete_alias(store, "winback", "champion")
    assert not journal.champion_is_gated(store, "winback")


def test_a_champion_with_other_files_than_the_journal_names_is_found(store: Store) -> None:
    with_versions(store, 2)
    promote(store, "2")
    store.client.set_model_version_tag("winback", "2", registry.SHA256_TAG, "0" * 64)
    assert not journal.champion_is_gated(store, "winback")


@pytest.mark.parametrize("killed_at", ["set_alias", "delete_alias"])
def test_a_promotion_killed_midway_is_settled_by_where_the_alias_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    with_versions(store, 2)
    promote(store, "1")

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(journal, killed_at, killed)
        with pytest.raises(SystemExit):
            promote(store, "2")
    (open_entry,) = [run for run in find_runs(store, "promote/winback") if run.status == "RUNNING"]
    # the process that began it lives, so it is left alone: it may still be at work
    assert journal.settle(store, "winback") == 0
    store.client.set_tag(open_entry.id, "lab.process_started", "1")
    assert journal.settle(store, "winback") == 1
    moved = killed_at == "delete_alias"
    assert [entry.after for entry in journal.promotions(store, "winback")] == (["2", "1"] if moved else ["1"])
    assert journal.champion_is_gated(store, "winback")
