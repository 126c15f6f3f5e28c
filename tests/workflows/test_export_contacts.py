"""Who is in a send file, and where it says they are reached, from the project's tables as they are now."""

import csv
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.exports.contacts import mailbox
from retention_lab.workflows.export_campaign import ExportReport, export_campaign
from retention_lab.workflows.project import Lab
from tests.workflows.hand_launched import hand_launched

BRAZE = "{to: braze, columns: {email: mail, phone: tel}, country: DE}"
KLAVIYO = "{to: klaviyo, columns: {email: mail}}"


def customer(name: str, arm: str | None = "coupon", role: str = "policy", **further: Any) -> dict[str, Any]:
    usual = {
        "customer_id": name,
        "mail": f"{name}@example.org",
        "tel": None,
        "consent_email": True,
        "consent_sms": True,
        "email": f"{name}@example.org",
    }
    return {**usual, **further, "arm": arm, "role": role}


def sent(lab: Lab, report: ExportReport) -> list[dict[str, str]]:
    found = []
    for file in report.files:
        with (lab.folder / file["path"]).open(newline="") as opened:
            found += list(csv.DictReader(opened))
    return found


def test_addresses_come_from_the_columns_that_the_definition_names(tmp_path: Path) -> None:
    people = [customer("a", mail=" A@Example.org ", tel="0151 23456789"), customer("b", "none")]
    lab = hand_launched(tmp_path, people, export=BRAZE)
    report = export_campaign(lab, "may")
    assert sent(lab, report) == [
        {
            "external_id": "a",
            "email": "a@example.org",
            "phone": "+4915123456789",
            "lab_experiment": "may-2026-03-01",
            "lab_offer": "coupon",
        }
    ]
    manifest = json.loads((lab.folder / report.manifest).read_text())
    assert (manifest["to"], manifest["model_version"]) == ("braze", "7")
    assert manifest["notes"] == ["A note of the plan."]
    data = (lab.folder / report.files[0]["path"]).read_bytes()
    assert manifest["files"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    assert "example.org" not in json.dumps(manifest)


def test_each_offer_needs_the_consent_of_its_own_channel(tmp_path: Path) -> None:
    people = [
        customer("mail_only", "coupon", consent_sms=False),
        customer("mail_only_drew_text", "text", consent_sms=False),
        customer("neither", "coupon", consent_email=None, consent_sms=False),
        customer("text_only", "text", consent_email=False),
    ]
    lab = hand_launched(tmp_path, people)
    report = export_campaign(lab, "may")
    assert {row["customer_id"]: row["channel"] for row in sent(lab, report)} == {
        "mail_only": "email",
        "text_only": "sms",
    }
    assert report.withheld["consent_or_suppression"] == 2


def test_an_address_of_somebody_outside_the_launch_who_withdrew_is_not_written_to(tmp_path: Path) -> None:
    people = [customer("a"), customer("b"), customer("gone", None, consent_email=False, mail="A@example.org")]
    lab = hand_launched(tmp_path, people, export=KLAVIYO)
    report = export_campaign(lab, "may")
    assert [row["Email"] for row in sent(lab, report)] == ["b@example.org"]
    assert report.withheld["shared_address"] == 1


def test_a_suppressed_address_counts_in_whatever_column_it_is_exported_from(tmp_path: Path) -> None:
    listed = {"email": ["OTHER+x@gmail.com", "no address"], "since": [datetime(2026, 1, 1), None]}
    lab = hand_launched(
        tmp_path,
        [customer("a", mail="other@gmail.com"), customer("b")],
        export=KLAVIYO,
        suppressions=pa.table(listed, schema=pa.schema([("email", "string"), ("since", pa.timestamp("us"))])),
    )
    assert [row["Email"] for row in sent(lab, export_campaign(lab, "may"))] == ["b@example.org"]


def test_a_channel_whose_consent_is_not_tracked_is_said_in_the_manifest(tmp_path: Path) -> None:
    people = [{key: value for key, value in customer("a").items() if key != "consent_email"}]
    lab = hand_launched(tmp_path, people)
    manifest = json.loads((lab.folder / export_campaign(lab, "may").manifest).read_text())
    assert any("does not track consent to email" in note for note in manifest["notes"])


def test_files_of_an_earlier_export_do_not_stay(tmp_path: Path) -> None:
    export = "{to: google, columns: {email: mail}}"
    lab = hand_launched(tmp_path, [customer("a"), customer("b", "text")], export=export)
    export_campaign(lab, "may")
    folder = lab.folder / "campaigns" / "may" / "send"
    assert len(list(folder.glob("*.csv"))) == 2
    definition = lab.folder / "campaigns" / "may.yaml"
    definition.write_text(definition.read_text().replace(export, KLAVIYO))
    export_campaign(lab, "may")
    assert [path.name for path in folder.glob("*.csv")] == ["may-2026-03-01.csv"]


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    lab = hand_launched(tmp_path, [customer("a")], export="{to: klaviyo, columns: {email: mial}}")
    with pytest.raises(LabError, match=r"no column 'mial', which is to hold the email.*mail") as caught:
        export_campaign(lab, "may", dry_run=True)
    assert caught.value.key == "export.columns.email"


def test_telephones_that_lost_their_plus_are_refused(tmp_path: Path) -> None:
    lab = hand_launched(tmp_path, [customer("a", tel=4915123456789)], export=BRAZE)
    with pytest.raises(LabError, match="one would be taken for another"):
        export_campaign(lab, "may", dry_run=True)


def test_a_customer_who_is_there_twice_is_refused(tmp_path: Path) -> None:
    lab = hand_launched(tmp_path, [customer("a"), customer("a", None, mail="b@example.org")], export=KLAVIYO)
    with pytest.raises(LabError, match="not unique"):
        export_campaign(lab, "may", dry_run=True)


@pytest.mark.parametrize("seed", range(3))
def test_of_random_customers_none_is_sent_who_must_not_be(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = [
        customer(
            f"c{i}",
            arm := str(rng.choice(["none", "coupon", "text"])),
            "policy" if arm != "none" else str(rng.choice(["policy", "holdout"])),
            mail=f"m{rng.integers(0, 600)}@example.org",
            consent_email=[True, False, None][rng.choice(3, p=[0.8, 0.1, 0.1])],
            consent_sms=bool(rng.random() < 0.8),
        )
        for i in range(400)
    ]
    by_id = [f"c{i}" for i in range(400) if rng.random() < 0.05]
    lab = hand_launched(
        tmp_path, people, export=KLAVIYO, suppressions=pa.table({"customer_id": by_id}),
        settings="global_holdout: {share: 0.1, salt: word, from: 2026-01-01}\n",
    )  # fmt: skip
    report = export_campaign(lab, "may")
    found = {row["Email"] for row in sent(lab, report)}
    consent = {"coupon": "consent_email", "text": "consent_sms"}
    barred = {
        mailbox(one["mail"])
        for one in people
        if one["arm"] == "none" or not one[consent[one["arm"]]] or one["customer_id"] in by_id
    }
    assert found
    assert not found & barred
    assert sum(report.withheld.values()) + len(found) == 400
