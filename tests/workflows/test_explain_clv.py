import json

import numpy as np
import pytest
from rich.console import Console

from retention_lab.cli.clv_texts import explain_text
from retention_lab.errors import LabError
from retention_lab.workflows.clv_report import ClvTrainReport
from retention_lab.workflows.explain import explain
from retention_lab.workflows.explain_clv import ClvExplanation
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_clv import train_clv
from tests.workflows.conftest import silent
from tests.workflows.test_train_clv import lab_with, log_table


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, ClvTrainReport]:
    folder = tmp_path_factory.mktemp("clv") / "lab"
    lab = lab_with(folder, log_table(400), models=["beta_geo"])
    return lab, train_clv(lab, "value", say=silent)


def test_a_forecast_is_explained_in_words_and_in_json(
    trained: tuple[Lab, ClvTrainReport], capsys: pytest.CaptureFixture[str]
) -> None:
    lab, _ = trained
    found = explain(lab, "value@challenger", "c3")
    assert isinstance(found, ClvExplanation)
    document = json.loads(json.dumps(found.as_json()))
    assert document["as_of"] == str(max(log_table(400)["day"].to_pylist()))
    names = ("expected_purchases", "probability_alive", "clv")
    for name in names:
        parts = [part["adds"][name] for part in document["parts"]]
        assert document["base"][name] + np.sum(parts) == pytest.approx(document["now"][name])
    explain_text(Console(width=160), found)
    said = capsys.readouterr().out
    for words in (
        "customer c3",
        "days since the last one",
        "an order on the next day",
        "no order for 90 days",
    ):
        assert words in said


def test_explaining_stores_nothing(trained: tuple[Lab, ClvTrainReport]) -> None:
    lab, _ = trained
    before = sorted(path for path in lab.folder.rglob("*") if path.is_file())
    explain(lab, "value@challenger", "c3")
    assert sorted(path for path in lab.folder.rglob("*") if path.is_file()) == before


def test_an_unknown_customer_is_not_repeated_in_the_refusal(trained: tuple[Lab, ClvTrainReport]) -> None:
    with pytest.raises(LabError, match="under that id") as error:
        explain(trained[0], "value@challenger", "somebody@example.org")
    assert "somebody" not in str(error.value)
