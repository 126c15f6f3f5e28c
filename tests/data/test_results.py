import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from retention_lab.data.convert import Reading
from retention_lab.data.importing import Cleaned, clean
from retention_lab.data.presets import read_preset
from retention_lab.data.schema import TABLES
from retention_lab.errors import LabError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SECONDS = 1_772_442_000  # 2026-03-02 09:00 UTC
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def imported(preset: str, table: str, file: Path, content: str) -> Cleaned:
    file.write_text(content)
    return clean(read_preset(preset, table, file), TABLES[table], {}, Reading(file, "UTC"), NOW)


def told(found: Cleaned) -> list[tuple[Any, ...]]:
    return [(row["customer_id"], row["at"], row["kind"], row["channel"]) for row in found.table.to_pylist()]


WIDE = (
    "customer_id,experiment,offer,channel,sent_at,opened_at,redeemed_at\n"
    "007,may-2026-03-01,coupon_10,email,2026-03-02T09:00:00Z,2026-03-02T09:00:00Z,2026-03-05T10:00:00Z\n"
    "008,may-2026-03-01,coupon_10,email,2026-03-02T09:00:00Z,,\n"
)


def test_a_row_a_customer_becomes_a_row_a_step(tmp_path: Path) -> None:
    found = imported("campaign_results", "events", tmp_path / "r.csv", WIDE)
    assert told(found) == [
        ("007", AT, "message_sent", "email"),
        ("008", AT, "message_sent", "email"),
        ("007", AT, "message_opened", "email"),
    ]
    assert found.refused.num_rows == 0


def test_the_same_file_tells_who_redeemed(tmp_path: Path) -> None:
    found = imported("campaign_results", "redemptions", tmp_path / "r.csv", WIDE)
    assert found.table.to_pylist() == [
        {
            "experiment": "may-2026-03-01",
            "customer_id": "007",
            "offer_id": "coupon_10",
            "redeemed_at": datetime(2026, 3, 5, 10, tzinfo=UTC),
        }
    ]


@pytest.mark.parametrize(
    ("place", "kind", "channel"),
    [
        ("event_type=users.messages.email.Open/part-0.csv", "message_opened", "email"),
        ("USERS_MESSAGES_SMS_DELIVERY_SHARED.csv", "message_delivered", "sms"),
        ("users.messages.pushnotification.Send.csv", "message_sent", "push"),
        ("users_messages_email_markasspam.csv", "message_complained", "email"),
    ],
)
def test_brazes_events_are_named_by_their_file(tmp_path: Path, place: str, kind: str, channel: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    content = f"ID,EXTERNAL_USER_ID,TIME,CAMPAIGN_NAME\nx,0012,{SECONDS},May\ny,,{SECONDS},May\n"
    found = imported("braze", "events", file, content)
    assert told(found) == [("0012", AT, kind, channel)]
    assert found.reasons == {"customer_id is missing": 1}  # known to Braze by an alias alone


@pytest.mark.parametrize("name", ["export.csv", "users.messages.email.Abort.csv"])
def test_a_file_that_does_not_say_which_event_it_holds_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabError, match="which event of a message"):
        imported("braze", "events", tmp_path / name, f"external_user_id,time\n1,{SECONDS}\n")


def test_customerios_webhooks_are_read_a_line_each(tmp_path: Path) -> None:
    def line(metric: str, data: dict[str, Any], at: Any = SECONDS) -> str:
        one = {"event_id": "e", "object_type": "email", "metric": metric, "timestamp": at, "data": data}
        return json.dumps(one) + "\n"

    content = (
        line("opened", {"customer_id": "0012"})
        + line("spammed", {"customer_id": None, "identifiers": {"id": "13"}})
        + line("drafted", {"customer_id": "14"})
        + line("sent", {"customer_id": "15"}, "soon")
    )
    found = imported("customerio", "events", tmp_path / "webhooks.jsonl", content)
    assert told(found) == [("0012", AT, "message_opened", "email"), ("13", AT, "message_complained", "email")]
    assert found.reasons == {"at is no time": 1, "it tells of no step of a message": 1}


def klaviyo_page() -> dict[str, Any]:
    def event(metric: str, profile: str) -> dict[str, Any]:
        return {
            "type": "event",
            "id": "e",
            "attributes": {"timestamp": SECONDS, "datetime": "2026-03-02T09:00:00+00:00"},
            "relationships": {
                "metric": {"data": {"type": "metric", "id": metric}},
                "profile": {"data": {"type": "profile", "id": profile}},
            },
        }

    return {
        "data": [event("m1", "p1"), event("m2", "p1"), event("m1", "p2"), event("m3", "p1")],
        "included": [
            {"type": "metric", "id": "m1", "attributes": {"name": "Opened Email"}},
            {"type": "metric", "id": "m2", "attributes": {"name": "Clicked SMS"}},
            {"type": "metric", "id": "m3", "attributes": {"name": "Viewed Product"}},
            {"type": "profile", "id": "p1", "attributes": {"external_id": "0012", "email": "a@example.org"}},
            {"type": "profile", "id": "p2", "attributes": {"external_id": None, "email": "b@example.org"}},
        ],
    }


@pytest.mark.parametrize("form", ["one document", "a page a line"])
def test_klaviyos_events_know_profiles_by_their_external_id(tmp_path: Path, form: str) -> None:
    page = klaviyo_page()
    empty = {"data": [], "included": []}
    content = (
        json.dumps(page, indent=1) if form == "one document" else f"{json.dumps(page)}\n{json.dumps(empty)}\n"
    )
    found = imported("klaviyo", "events", tmp_path / "events.json", content)
    assert told(found) == [("0012", AT, "message_opened", "email"), ("0012", AT, "message_clicked", "sms")]
    assert found.reasons == {"customer_id is missing": 1, "it tells of no step of a message": 1}


@pytest.mark.parametrize("preset", ["customerio", "klaviyo"])
@pytest.mark.parametrize("content", ["no json\n", "[1]\n", '{"a": 1}\n'])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, preset: str, content: str) -> None:
    with pytest.raises(LabError, match=r"no JSON document|expects a column"):
        imported(preset, "events", tmp_path / "x.json", content)
