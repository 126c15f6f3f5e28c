from pathlib import Path

import pytest

from retention_lab.config.loading import read_project
from retention_lab.tracking import registry
from retention_lab.tracking.journal import move_champion
from retention_lab.workflows.champion_use import champion_use
from retention_lab.workflows.project import Lab
from tests.tracking.tiny import with_versions


@pytest.fixture
def shop(tmp_path: Path) -> Lab:
    (tmp_path / "lab.yaml").write_text("name: acme\n")
    return Lab(read_project(tmp_path))


def promoted(lab: Lab, version: str = "1", action: str = "promote", **passed: bool | None) -> Lab:
    gate = [{"name": name.replace("_", "."), "passed": value} for name, value in passed.items()]
    move_champion(
        lab.open_store(), "winback", version, who="ann", why="x", evidence={"gate": gate}, action=action
    )
    return lab


@pytest.mark.parametrize(
    ("gate", "use"),
    [
        ({"G1_none": True, "G1_mail": True, "G2_mail": True}, "both"),
        ({"G1_none": True, "G1_mail": True, "G2_mail": False}, "everyone"),
        ({"G1_none": True, "G1_mail": False, "G2_mail": True}, "budget"),
        ({"G1_none": True, "G1_mail": None, "G2_mail": True}, "budget"),
        ({"G1_none": False, "G2_mail": False, "constant_mail": True}, "both"),
    ],
)
def test_the_use_is_what_the_gate_has_shown(shop: Lab, gate: dict[str, bool | None], use: str) -> None:
    with_versions(shop.open_store(), 1)
    assert champion_use(promoted(shop, **gate), "winback") == use


def test_without_a_champion_there_is_no_use(shop: Lab) -> None:
    assert champion_use(shop, "winback") is None
    with_versions(shop.open_store(), 1)
    assert champion_use(shop, "winback") is None


def test_a_champion_that_came_in_past_the_gate_has_no_use(shop: Lab) -> None:
    with_versions(shop.open_store(), 2)
    promoted(shop, G1_none=True, G2_mail=True)
    registry.set_alias(shop.open_store(), "winback", "champion", "2")
    assert champion_use(shop, "winback") is None


def test_the_promotion_of_the_version_in_use_counts_and_not_the_latest(shop: Lab) -> None:
    with_versions(shop.open_store(), 2)
    promoted(shop, "1", G1_none=True, G2_mail=False)
    promoted(shop, "2", G1_none=False, G2_mail=True)
    assert champion_use(shop, "winback") == "budget"
    registry.set_alias(shop.open_store(), "winback", "champion", "1")
    assert champion_use(shop, "winback") == "everyone"
