from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pytest

from retention_lab.config.project import Project
from retention_lab.errors import ConfigurationError
from retention_lab.simulate import Retailer
from retention_lab.workflows.assign_experiment import AssignRequest, assign_experiment
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.validate import ValidationReport, validate
from tests.config.labs import lab_in
from tests.workflows.abtest_labs import abtest_lab, define
from tests.workflows.conftest import copied
from tests.workflows.flat_files import write_german_csv
from tests.workflows.test_playbooks import PLAYBOOKS

MAIL = """\
kind: uplift
table: kunden.csv
id: Kundennr
treatment: {column: Gruppe, control: 0}
outcomes: {Gekauft: binary, Umsatz: money}
primary: Gekauft
exclude: [Seiten]
"""
MAY = """\
kind: campaign
audience: {table: next.csv, id: Kundennr}
offers: {1: {cost_per_contact: 0.1}}
policy: {uplift: mail@champion, objective: outcome}
"""


def shop(folder: Path, **definitions: str) -> Project:
    write_german_csv(folder / "kunden.csv", 800)
    write_german_csv(folder / "next.csv", 100, columns=4, first=5000)
    return lab_in(folder, **definitions)


def status(report: ValidationReport, name: str) -> Any:
    return next(found for found in report.definitions if found.name == name)


def test_definitions_whose_data_fit_are_ready(tmp_path: Path) -> None:
    report = validate(shop(tmp_path, mail=MAIL, may=MAY), [])
    assert [(found.name, found.status) for found in report.definitions] == [
        ("mail", "ready"),
        ("may", "ready"),
    ]
    assert report.exit_code == 0
    by_name = {check["name"]: check for check in report.checks}
    assert by_name["mail.rows"]["value"] == 800
    assert by_name["may.eligible"]["value"] == 100
    assert all(
        set(check) == {"name", "severity", "passed", "value", "threshold", "detail"}
        for check in report.checks
    )


def test_only_the_named_definitions_are_looked_at(tmp_path: Path) -> None:
    project = shop(tmp_path, mail=MAIL, broken="kind: uplift\ntreatmnt: x\n")
    assert validate(project, ["mail"]).exit_code == 0
    report = validate(project, [])
    assert report.exit_code == 3
    assert status(report, "broken").key == "treatmnt"
    assert "Did you mean 'treatment'" in status(report, "broken").next_step
    assert status(report, "mail").status == "ready"  # one that is wrong does not hide the others


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'mail'"):
        validate(shop(tmp_path, mail=MAIL), ["mial"])


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (MAIL.replace("kunden.csv", "kund.csv"), "The table is not there"),
        (MAIL.replace("Gruppe", "Grupe"), "There is no column 'Grupe'"),
        (MAIL.replace("control: 0", "control: none"), "No row is in the control arm 'none'"),
        (MAIL.replace("id: Kundennr", "id: Stadt"), "repeat the id"),
        (MAIL.replace("Umsatz: money", "Stadt: money"), "not numbers"),
        (MAIL + "arms: [0, 2]\n", "No row is in the arm '2'"),
    ],
)
def test_data_that_do_not_fit_are_refused(tmp_path: Path, definition: str, message: str) -> None:
    report = validate(shop(tmp_path, mail=definition), ["mail"])
    assert report.exit_code == 3
    assert message in status(report, "mail").message
    assert status(report, "mail").next_step


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (MAY.replace("mail@champion", "mial@champion"), "No definition is named 'mial'"),
        (MAY.replace("mail@champion", "past@champion"), "cannot score the rows of a file"),
        (MAY.replace("mail@champion", "leave@champion"), "no uplift model"),
        (MAY.replace("next.csv", "nxt.csv"), "The table is not there"),
        (MAY.replace("id: Kundennr", "id: Kunde"), "There is no column 'Kunde'"),
        (MAY.replace("id: Kundennr", "id: Stadt"), "repeat the id"),
    ],
)
def test_a_campaign_that_cannot_be_planned_is_refused(tmp_path: Path, definition: str, message: str) -> None:
    leave = "kind: churn\nlabel: {inactive_days: 90}\n"
    project = shop(tmp_path, mail=MAIL, past="kind: uplift\n", leave=leave, may=definition)
    report = validate(project, ["may"])
    assert report.exit_code == 3
    assert message in status(report, "may").message


def test_a_split_that_was_not_as_planned_fails_hard(tmp_path: Path) -> None:
    report = validate(shop(tmp_path, mail=MAIL + "planned_shares: {0: 0.3, 1: 0.7}\n"), [])
    assert report.exit_code == 1
    failed = [check["name"] for check in report.checks if check["passed"] is False]
    assert failed == ["mail.sample_ratio"]


def test_the_units_of_a_test_are_read_and_checked(tmp_path: Path) -> None:
    report = validate(abtest_lab(tmp_path).project, [])
    assert [(found.name, found.kind, found.status) for found in report.definitions] == [
        ("gate", "abtest", "ready")
    ]
    by_name = {check["name"]: check for check in report.checks}
    assert by_name["gate.rows"]["value"] == 4_000
    assert by_name["gate.sample_ratio"]["passed"] is True
    lost = abtest_lab(tmp_path, planned_shares={"30": 0.4, "40": 0.6})
    assert validate(lost.project, []).exit_code == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": "player.csv"}, "The table is not there"),
        ({"arm": "gat"}, "no column 'gat'"),
        ({"control": "20", "planned_shares": None}, "No row has the control arm '20'"),
        ({"unit": "country"}, "stand in more than one row"),
        ({"metrics": [{"name": "spend", "type": "proportion", "column": "spend"}]}, "neither 0 nor 1"),
    ],
)
def test_units_that_do_not_fit_a_test_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    report = validate(abtest_lab(tmp_path, **changes).project, ["gate"])
    assert report.exit_code == 3
    assert message in status(report, "gate").message
    assert status(report, "gate").found_in.endswith((".yaml", ".csv"))


def test_two_tests_in_one_slice_of_a_layer_are_both_refused(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, layer={"name": "home", "start": 0.0, "end": 0.6})
    define(tmp_path, "other", layer={"name": "home", "start": 0.5, "end": 1.0})
    report = validate(lab.project, [])
    assert [(found.status, found.key) for found in report.definitions] == [("refused", "layer")] * 2


def test_a_test_that_has_not_been_assigned_or_still_runs_is_ready(
    simulated: tuple[Path, Retailer], tmp_path: Path
) -> None:
    lab = copied(simulated[0], tmp_path / "lab")
    own = {
        **dict.fromkeys(("table", "unit", "arm", "control"), None),
        "experiment": "spring",
        "planned_shares": {"none": 0.5, "coupon_10": 0.5},
        "metrics": [{"name": "revenue", "type": "mean", "column": "revenue"}],
    }
    define(lab.folder, "gate", **own)
    report = validate(lab.project, ["gate"])
    assert (report.exit_code, status(report, "gate").status) == (0, "ready")
    assert [(check["name"], check["passed"]) for check in report.checks] == [("gate.assigned", None)]
    with lab.open_tables() as tables:
        pa_csv.write_csv(tables.query("SELECT customer_id FROM customers"), lab.folder / "list.csv")
        starts = default_as_of(lab, tables) - timedelta(days=10)
    assign_experiment(lab, "gate", AssignRequest(lab.folder / "list.csv", starts=starts))
    report = validate(lab.project, ["gate"])
    assert [(check["name"], check["passed"]) for check in report.checks] == [("gate.outcomes", None)]
    assert "closes at" in report.checks[0]["detail"]


def test_a_fresh_lab_is_valid_and_says_what_is_missing(tmp_path: Path) -> None:
    scaffold(tmp_path)
    report = validate(lab_in(tmp_path), [])
    assert report.exit_code == 0
    assert {found.status for found in report.definitions} == {"ready"}
    assert {check["name"]: check["passed"] for check in report.checks} == {
        "churn.tables": None,
        "demand.tables": None,
        "rules.tables": None,
        "segments.tables": None,
        "winback-uplift.tables": None,
        **{f"{name}.tables": None for name in PLAYBOOKS},
    }


def test_an_export_whose_column_is_not_there_is_refused_before_anything_is_sent(
    simulated: tuple[Path, Retailer], tmp_path: Path
) -> None:
    lab = copied(simulated[0], tmp_path / "lab")
    file = lab.folder / "campaigns" / "winback.yaml"
    file.write_text(file.read_text().replace("{to: generic}", "{to: klaviyo, columns: {email: mail}}"))
    found = status(validate(lab.project, ["winback"]), "winback")
    assert (found.status, found.key) == ("refused", "export.columns.email")


def test_a_fresh_clone_without_a_data_folder_is_a_fresh_lab(tmp_path: Path) -> None:
    scaffold(tmp_path)
    (tmp_path / "data").rmdir()
    assert validate(lab_in(tmp_path), ["winback"]).exit_code == 0


def test_nothing_is_written(tmp_path: Path) -> None:
    project = shop(tmp_path, mail=MAIL, may=MAY)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    validate(project, [])
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_the_document_has_the_contracts_parts(tmp_path: Path) -> None:
    document = validate(shop(tmp_path, mail=MAIL), []).as_json()
    assert set(document) == {"definitions", "checks"}
    parts = {"name", "kind", "file", "status", "message", "next", "key", "found_in"}
    assert set(document["definitions"][0]) == parts


def test_segments_are_checked_against_their_table(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        good="kind: segments\ntable: kunden.csv\nid: Kundennr\nfeatures: [Umsatz, Seiten]\n",
        bad="kind: segments\ntable: kunden.csv\nid: Kundennr\nfeatures: [Umsatz, Seite]\n",
    )
    found = validate(project, ["good", "bad"])
    good, bad = found.definitions
    assert good.status == "ready"
    assert {one["name"]: one["value"] for one in found.checks} == {"good.rows": 800}
    assert (bad.status, bad.key) == ("refused", "Seite")
    assert "Did you mean 'Seiten'" in bad.next_step
