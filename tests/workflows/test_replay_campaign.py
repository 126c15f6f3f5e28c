from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.config.loading import read_project
from retention_lab.errors import LabError
from retention_lab.workflows.export_campaign import export_campaign
from retention_lab.workflows.launch_campaign import launch_campaign
from retention_lab.workflows.measure_campaign import measure_campaign
from retention_lab.workflows.plan_campaign import PlanReport, plan_campaign
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.replay_campaign import replay_campaign
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.conftest import copied, silent

ROWS = 6_000
MODEL = """kind: uplift
table: data/test.parquet
id: client
treatment: {column: mail, control: no}
outcomes: {bought: binary}
primary: bought
learners: [t]
"""
CAMPAIGN = """kind: campaign
audience: {table: data/test.parquet, id: client, rows: held_out}
offers: {yes: {cost_per_contact: 0.1}}
policy: {uplift: mail@champion, objective: outcome}
budget: 60
horizon_days: 14
"""


def mailing() -> pa.Table:
    """A mail that brings purchases among half of the clients, and drives a few of the others away."""
    rng = np.random.default_rng(1)
    age, spent = rng.integers(18, 80, ROWS), rng.gamma(2.0, 50.0, ROWS)
    sent = rng.integers(0, 2, ROWS)
    chance = 0.15 + sent * np.where(age > 49, 0.25, -0.1)
    return pa.table(
        {
            "client": [f"C{i}" for i in range(ROWS)],
            "age": age,
            "spent": spent,
            "mail": np.where(sent == 1, "yes", "no"),
            "bought": (rng.random(ROWS) < chance).astype(int),
        }
    )


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlanReport]:
    folder = tmp_path_factory.mktemp("mail") / "lab"
    scaffold(folder)
    pq.write_table(mailing(), folder / "data" / "test.parquet")
    (folder / "experiments" / "mail.yaml").write_text(MODEL)
    (folder / "campaigns" / "send.yaml").write_text(CAMPAIGN)
    lab = Lab(read_project(folder))
    train_uplift(lab, "mail", say=silent)
    assert promote(lab, PromotionRequest("mail")).promoted
    return folder, plan_campaign(lab, "send", say=silent)


@pytest.fixture
def lab(planned: tuple[Path, PlanReport], tmp_path: Path) -> Lab:
    return copied(planned[0], tmp_path / "lab")


def test_held_out_rows_are_those_that_the_champion_never_saw(planned: tuple[Path, PlanReport]) -> None:
    result = planned[1].result
    assert result["considered"] == ROWS
    assert result["eligible"] + result["suppressed"]["trained_on"] == ROWS
    assert result["eligible"] == pytest.approx(0.3 * ROWS, rel=0.1)


def test_outcomes_without_a_value_have_no_profit_and_say_so(planned: tuple[Path, PlanReport]) -> None:
    expected = planned[1].result["expected"]
    assert not planned[1].in_money
    assert expected["profit"]["value"] is None
    assert "no value in money" in expected["profit"]["reason"]
    assert expected["incremental_outcome"]["ci_low"] > 0
    assert expected["cost"]["value"] <= 60 + 1e-6


def test_the_replay_agrees_with_what_the_plan_expects(planned: tuple[Path, PlanReport], lab: Lab) -> None:
    found = replay_campaign(lab, "send")
    assert found["rows"] == planned[1].result["eligible"]
    plan, replay = planned[1].result["expected"]["incremental_outcome"], found["total"]["bought"]
    # the same rows and scores; the plan spreads ties at its price, the replay reads the choices
    assert replay["value"] == pytest.approx(plan["value"], rel=0.02)
    weighted = found["per_head"]["self_normalised.bought"]
    assert weighted["ci_low"] < found["per_head"]["doubly_robust"]["value"] < weighted["ci_high"]


def test_rows_of_a_file_are_launched_once_and_sent(lab: Lab) -> None:
    launch_campaign(lab, "send", seed=1)
    report = export_campaign(lab, "send")
    assert report.files[0]["rows"] > 0
    plan_campaign(lab, "send", say=silent)
    with pytest.raises(LabError, match="still open"):
        launch_campaign(lab, "send", seed=1)


def test_a_file_is_not_measured_and_the_projects_customers_are_not_replayed(lab: Lab) -> None:
    with pytest.raises(LabError, match="lab campaign replay send"):
        measure_campaign(lab, "send")
    with pytest.raises(LabError, match="were not part of a test"):
        replay_campaign(lab, "winback")
