import json
from pathlib import Path

import pytest

from retention_lab.config.loading import read_project
from retention_lab.errors import ConfigurationError
from retention_lab.simulate import Difficulty
from retention_lab.workflows.project import Lab
from retention_lab.workflows.rehearse_campaign import Rehearsal, RehearsalReport, rehearse_campaign
from retention_lab.workflows.scaffold import scaffold
from tests.workflows.conftest import silent

EASY = Difficulty(effect_size=3.0, noise=0.3)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("rehearsal") / "lab"
    scaffold(folder)
    quick = (
        (folder / "experiments" / "winback-uplift.yaml").read_text().replace("[stack, constant, t]", "[t]")
    )
    (folder / "experiments" / "winback-uplift.yaml").write_text(quick)
    return Lab(read_project(folder))


@pytest.fixture(scope="module")
def played(lab: Lab) -> RehearsalReport:
    with pytest.MonkeyPatch.context() as patch:
        # a rehearsal's models must not reach the place where the project's own are
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{lab.folder}/team.db")
        return rehearse_campaign(lab, "winback", Rehearsal(2, 5_000, 1, EASY), say=silent)


@pytest.mark.slow
def test_no_choices_earn_more_than_the_best_and_a_model_earns_more_than_chance(
    played: RehearsalReport,
) -> None:
    for each in played.rounds:
        assert each.oracle >= max(each.intended, each.achievable, each.ways["random"])
    assert played.rounds[-1].version is not None
    assert played.rounds[-1].intended > played.rounds[-1].ways["random"]
    assert played.rounds[-1].achievable > 0.5 * played.rounds[-1].oracle


@pytest.mark.slow
def test_the_document_can_be_written_and_has_a_row_a_round(played: RehearsalReport) -> None:
    result = played.as_json()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert [each["round"] for each in result["rounds"]] == [1, 2]
    assert set(result["rounds"][0]) >= {"profit", "oracle_profit", "share", "share_of_achievable"}


@pytest.mark.slow
def test_the_project_gains_a_run_and_nothing_else(lab: Lab, played: RehearsalReport) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{lab.folder}/team.db")
        client = lab.open_store().client
        assert client.get_run(played.run_id).data.tags["lab.role"] == "rehearse"
        assert list(client.search_registered_models()) == []
    assert not list((lab.folder / "data").iterdir())
    assert not (lab.folder / "campaigns" / "winback").exists()


def test_customers_of_a_flat_file_cannot_be_played(lab: Lab, tmp_path: Path) -> None:
    scaffold(tmp_path / "flat")
    flat = Lab(read_project(tmp_path / "flat"))
    (flat.folder / "campaigns" / "winback.yaml").write_text(
        "kind: campaign\naudience: {table: data/next.csv}\noffers: {yes: {cost_per_contact: 0.1}}\n"
        "policy: {uplift: winback-uplift@champion}\n"
    )
    with pytest.raises(ConfigurationError, match="flat file"):
        rehearse_campaign(flat, "winback", Rehearsal(1, 1_000), say=silent)


def test_no_rounds_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="none to play"):
        Rehearsal(rounds=0)
