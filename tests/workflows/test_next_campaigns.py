from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import UsageError
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.workflows.export_campaign import export_campaign
from retention_lab.workflows.next_campaigns import NextReport, next_campaigns
from retention_lab.workflows.project import Lab
from tests.workflows.hand_launched import AS_OF, LAUNCH, hand_launched

PEOPLE = [
    {"customer_id": "a", "arm": "coupon", "role": "policy"},
    {"customer_id": "b", "arm": "none", "role": "holdout"},
]
DURING, AFTER = AS_OF + timedelta(days=10), AS_OF + timedelta(days=31)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return hand_launched(tmp_path, PEOPLE)


def due(report: NextReport) -> list[tuple[str, str | None]]:
    return [(one.action, one.experiment) for one in report.due]


def orders_until(lab: Lab, day: datetime) -> None:
    path = lab.folder / "data" / "transactions.parquet"
    found = pq.read_table(path)
    later = found.set_column(
        found.column_names.index("ordered_at"),
        "ordered_at",
        pa.array([day.replace(tzinfo=None)], pa.timestamp("us")),
    )
    pq.write_table(pa.concat_tables([found, later]), path)


def run(lab: Lab, experiment: str, role: str, **tags: str) -> None:
    """A run as measuring and training leave it."""
    kind, name = experiment.split("/")
    with start_run(lab.open_store(), experiment, role, {**run_tags(kind, name), "lab.role": role, **tags}):
        pass


def test_a_launch_without_a_send_file_is_to_be_exported_while_its_outcomes_come_in(lab: Lab) -> None:
    report = next_campaigns(lab, as_of=DURING)
    assert due(report) == [("export", LAUNCH)]
    assert report.due[0].command == f"lab campaign export may --experiment {LAUNCH}"
    assert [(one.experiment, one.until) for one in report.waiting] == [(LAUNCH, AS_OF + timedelta(days=30))]
    export_campaign(lab, "may")
    assert due(next_campaigns(lab, as_of=DURING)) == []


def test_outcomes_that_the_transactions_do_not_reach_are_to_be_imported_first(lab: Lab) -> None:
    report = next_campaigns(lab, as_of=AFTER)
    assert due(report) == [("import", LAUNCH), ("plan", None)]
    assert report.waiting == ()


def test_complete_outcomes_are_measured_then_the_model_is_trained_again(lab: Lab) -> None:
    run(lab, "train/any-model", "parent")
    orders_until(lab, AFTER)
    assert due(next_campaigns(lab, as_of=AFTER)) == [("measure", LAUNCH), ("plan", None)]
    run(lab, "campaign/may", "measure", **{"lab.experiment": LAUNCH})
    report = next_campaigns(lab, as_of=AFTER)
    assert due(report) == [("retrain", None), ("plan", None)]
    assert report.due[0].command == "lab train any-model"
    run(lab, "train/any-model", "parent")
    assert due(next_campaigns(lab, as_of=AFTER)) == [("plan", None)]


def test_a_plan_of_this_week_waits_to_be_launched_and_an_old_one_is_made_again(lab: Lab) -> None:
    orders_until(lab, AFTER)
    run(lab, "campaign/may", "measure", **{"lab.experiment": LAUNCH})
    run(lab, "train/any-model", "parent")
    launched = lab.folder / "campaigns" / "may" / "launched" / f"{LAUNCH}.parquet"
    plan = lab.folder / "campaigns" / "may" / f"plan-{AFTER:%Y-%m-%d}.parquet"
    facts = pq.read_table(launched)
    said = facts.schema.metadata[b"retention_lab.plan"].replace(
        AS_OF.isoformat().encode(), AFTER.isoformat().encode()
    )
    pq.write_table(facts.replace_schema_metadata({b"retention_lab.plan": said}), plan)
    assert due(next_campaigns(lab, as_of=AFTER)) == [("launch", None)]
    assert due(next_campaigns(lab, as_of=AFTER + timedelta(days=8))) == [("plan", None)]


def test_a_launch_that_lies_ahead_of_the_date_is_not_there_yet(lab: Lab) -> None:
    assert due(next_campaigns(lab, as_of=AS_OF - timedelta(days=30))) == [("plan", None)]


def test_a_campaign_that_cannot_be_read_is_listed_and_stops_no_other(lab: Lab) -> None:
    (lab.folder / "campaigns" / "broken.yaml").write_text("kind: campaign\noffers: [a]\n")
    report = next_campaigns(lab, as_of=DURING)
    assert list(report.unreadable) == ["broken"]
    assert due(report) == [("export", LAUNCH)]


def test_a_name_that_is_no_campaigns_comes_with_the_nearest(lab: Lab) -> None:
    with pytest.raises(UsageError, match="Did you mean 'may'"):
        next_campaigns(lab, ["mai"])


def test_without_a_date_it_is_now_and_the_document_holds_plain_values(lab: Lab) -> None:
    document = next_campaigns(lab, ["may"]).as_json()
    assert abs(datetime.fromisoformat(document["as_of"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert {"campaign", "action", "why", "command", "experiment"} == set(document["due"][0])
