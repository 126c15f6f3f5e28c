"""A campaign on the rows of the model's own table that it was not trained on, where rows have no id."""

from pathlib import Path

import pyarrow.parquet as pq

from retention_lab.config.loading import read_project
from retention_lab.workflows.plan_campaign import plan_campaign
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.replay_campaign import replay_campaign
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.conftest import silent
from tests.workflows.flat_labs import customers

MODEL = """kind: uplift
table: data/test.parquet
treatment: {column: arm, control: none}
outcomes: {bought: binary}
exclude: [spend]
learners: [t]
"""
CAMPAIGN = """kind: campaign
audience: {table: data/test.parquet, rows: held_out}
offers: {coupon: {cost_per_contact: 0.1}}
policy: {uplift: mail@champion, objective: outcome}
budget: 60
horizon_days: 14
"""


def test_rows_are_planned_and_replayed_by_their_place_and_known_by_what_they_say(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    scaffold(folder)
    table = customers(4000).drop_columns("customer")
    pq.write_table(table, folder / "data" / "test.parquet")
    (folder / "experiments" / "mail.yaml").write_text(MODEL)
    (folder / "campaigns" / "send.yaml").write_text(CAMPAIGN)
    lab = Lab(read_project(folder))
    train_uplift(lab, "mail", say=silent)
    assert promote(lab, PromotionRequest("mail")).promoted
    plan = plan_campaign(lab, "send", say=silent)
    assert plan.result["eligible"] == 1200
    replay = replay_campaign(lab, "send")
    assert replay["rows"] == 1200
    expected = plan.result["expected"]["incremental_outcome"]["value"]
    # the same rows in the same places: the plan spreads ties at its price, the replay reads the choices
    assert abs(replay["total"]["bought"]["value"] / expected - 1) < 0.02
