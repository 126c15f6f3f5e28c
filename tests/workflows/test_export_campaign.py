import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import LabError
from retention_lab.workflows.export_campaign import export_campaign
from retention_lab.workflows.launch_campaign import launch_campaign
from retention_lab.workflows.plan_campaign import plan_campaign
from retention_lab.workflows.project import Lab
from tests.workflows.conftest import copied, silent

Edit = Callable[[Lab, str, str, str], Lab]


@pytest.fixture(scope="module")
def launched(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("launched") / "lab"
    lab = copied(promoted, folder)
    plan_campaign(lab, "winback", say=silent)
    launch_campaign(lab, "winback", seed=7)
    return folder


@pytest.fixture
def lab(launched: Path, tmp_path: Path) -> Lab:
    return copied(launched, tmp_path / "lab")


def assignments(lab: Lab) -> list[dict[str, str]]:
    found: list[dict[str, str]] = pq.read_table(
        lab.folder / "data" / "assignments" / "winback-2026-03-01.parquet"
    ).to_pylist()
    return found


def sent(lab: Lab) -> dict[str, str]:
    with (lab.folder / "campaigns" / "winback" / "send" / "winback-2026-03-01.csv").open() as file:
        return {row["customer_id"]: row["offer"] for row in csv.DictReader(file)}


def change(lab: Lab, table: str, edit: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> None:
    path = lab.folder / "data" / f"{table}.parquet"
    found = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(edit(found.to_pylist()), schema=found.schema), path)


def test_exactly_those_who_drew_an_offer_are_sent_it(lab: Lab) -> None:
    report = export_campaign(lab, "winback")
    drawn = {row["customer_id"]: row["arm"] for row in assignments(lab) if row["arm"] != "none"}
    assert sent(lab) == drawn
    held = {row["customer_id"] for row in assignments(lab) if row["role"] == "holdout"}
    assert held
    assert not held & set(sent(lab))
    assert report.files[0]["rows"] == len(drawn)
    assert sum(report.withheld.values()) + len(drawn) == len(assignments(lab))


def test_the_manifest_names_the_model_and_the_files_hash(lab: Lab) -> None:
    report = export_campaign(lab, "winback")
    manifest = json.loads((lab.folder / report.manifest).read_text())
    assert [one["sha256"] for one in manifest["files"]] == [report.files[0]["sha256"]]
    assert (manifest["model"], manifest["model_version"]) == ("winback-uplift", "1")
    assert manifest["experiment"] == "winback-2026-03-01"


def test_twice_gives_the_same_bytes_and_a_dry_run_writes_nothing(lab: Lab) -> None:
    folder = lab.folder / "campaigns" / "winback" / "send"
    dry = export_campaign(lab, "winback", dry_run=True)
    assert not folder.exists()
    assert not dry.written
    export_campaign(lab, "winback")
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    export_campaign(lab, "winback")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert dry.files[0]["sha256"] == export_campaign(lab, "winback").files[0]["sha256"]


def test_who_withdrew_consent_or_was_suppressed_since_the_launch_is_withheld(lab: Lab) -> None:
    export_campaign(lab, "winback")
    withdrew, suppressed = sorted(sent(lab))[:2]
    change(
        lab,
        "customers",
        lambda rows: [
            {**row, "consent_email": False} if row["customer_id"] == withdrew else row for row in rows
        ],
    )
    change(
        lab,
        "suppressions",
        lambda rows: [*rows, {**rows[0], "customer_id": suppressed, "since": None}],
    )
    report = export_campaign(lab, "winback")
    assert not {withdrew, suppressed} & set(sent(lab))
    assert report.withheld["consent_or_suppression"] == 2
    arms = {row["customer_id"]: row["arm"] for row in assignments(lab)}
    assert arms[withdrew] != "none"  # assigned all the same: the analysis is by assignment


def test_a_global_holdout_that_came_after_the_launch_is_withheld(lab: Lab, edit: Edit) -> None:
    before = export_campaign(lab, "winback").files[0]["rows"]
    lab = edit(
        lab, "lab.yaml", "global_holdout: null", "global_holdout: {share: 0.5, salt: word, from: 2026-01-01}"
    )
    after = export_campaign(lab, "winback")
    assert after.files[0]["rows"] < 0.7 * before
    assert after.withheld["consent_or_suppression"] == before - after.files[0]["rows"]


def test_nothing_is_exported_before_a_launch(promoted: Path, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="has not been launched yet"):
        export_campaign(copied(promoted, tmp_path / "fresh"), "winback")
