import pytest

from retention_lab.errors import LabError
from retention_lab.tracking import registry
from retention_lab.tracking.store import Store
from tests.tracking.tiny import with_versions


@pytest.mark.parametrize("text", ["winback@", "winback/x", "win back", "../x", "winback/", "a@b@c", ""])
def test_words_that_pick_no_version_are_refused(text: str) -> None:
    with pytest.raises(LabError):
        registry.parse_selector(text)


def test_a_model_that_was_never_registered_says_how_to_make_it(store: Store) -> None:
    assert registry.versions(store, "winback") == []
    assert registry.champion(store, "winback") is None
    with pytest.raises(LabError, match="lab train winback"):
        registry.find_version(store, "winback")


def test_an_unknown_version_or_alias_names_those_that_exist(store: Store) -> None:
    with_versions(store, 2)
    with pytest.raises(LabError, match=r"no version 7.*2, 1"):
        registry.find_version(store, "winback", "/7")
    with pytest.raises(LabError, match=r"alias champion.*challenger"):
        registry.find_version(store, "winback", "@champion")


def test_the_registry_lists_names_versions_and_aliases(store: Store) -> None:
    with_versions(store, 2)
    assert registry.model_names(store) == ["winback"]
    assert [(v.version, v.aliases) for v in registry.versions(store, "winback")] == [
        ("2", ("challenger",)),
        ("1", ()),
    ]
    registry.delete_alias(store, "winback", "challenger")
    registry.delete_alias(store, "winback", "challenger")
    assert registry.challenger(store, "winback") is None
