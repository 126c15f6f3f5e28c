"""Small projects that are trained and promoted once: over simulated tables, and over one flat file."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retention_lab.config.loading import read_project
from retention_lab.simulate import Difficulty, Retailer
from retention_lab.tracking.relocate import relocate
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.simulated_data import simulate_into
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.flat_labs import PromotedFlat, customers, flat_lab, trained

CUSTOMERS, SEED = 3_000, 1
# effects that so few customers can show
EASY = Difficulty(effect_size=3.0, noise=0.3)


def silent(_: str) -> None:
    """Nobody watches the progress of a test."""


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The key of customers' pseudonyms is the tests' own, not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("settings")))
        patch.setenv("USER", "tester")
        yield


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Retailer]:
    """A scaffolded project with the simulated tables, and the retailer who knows the truth."""
    folder = tmp_path_factory.mktemp("simulated") / "lab"
    scaffold(folder)
    shop, _ = simulate_into(Lab(read_project(folder)), customers=CUSTOMERS, seed=SEED, difficulty=EASY)
    return folder, shop


@pytest.fixture(scope="session")
def promoted(tmp_path_factory: pytest.TempPathFactory, simulated: tuple[Path, Retailer]) -> Path:
    """The simulated project with a model that chooses as its champion."""
    folder = tmp_path_factory.mktemp("promoted") / "lab"
    lab = copied(simulated[0], folder)
    trained = train_uplift(lab, "winback-uplift", overrides=["learners=[t]"], say=silent)
    assert trained.targeting == "better", trained.gate
    assert promote(lab, PromotionRequest("winback-uplift", why="a test")).promoted
    return folder


@pytest.fixture(scope="session")
def mailed(tmp_path_factory: pytest.TempPathFactory) -> PromotedFlat:
    """The model `mail` over a CSV of 4,000 customers, as champion. Tests read it, and leave it as it is."""
    lab = flat_lab(tmp_path_factory.mktemp("mailed"), customers())
    training = trained(lab)
    return PromotedFlat(lab, training, promote(lab, PromotionRequest("mail", why="the first")))


@pytest.fixture
def lab(promoted: Path, tmp_path: Path) -> Lab:
    """A copy of the promoted project, to be changed at will."""
    return copied(promoted, tmp_path / "lab")


@pytest.fixture
def shop(simulated: tuple[Path, Retailer]) -> Retailer:
    """The retailer whose tables the projects hold."""
    return simulated[1]


@pytest.fixture
def edit() -> Callable[[Lab, str, str, str], Lab]:
    """Replaces text in a file of a project, and reads the project again."""

    def change(lab: Lab, file: str, old: str, new: str) -> Lab:
        path = lab.folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new), "utf-8")
        return Lab(read_project(lab.folder))

    return change


def copied(folder: Path, to: Path) -> Lab:
    """A project's copy, its store following it."""
    shutil.copytree(folder, to)
    lab = Lab(read_project(to))
    if (to / "mlruns" / "mlflow.db").exists():
        relocate(lab.open_store())
    return lab
