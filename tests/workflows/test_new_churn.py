from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.config.churn import ChurnDefinition
from retention_lab.config.loading import read_definition
from retention_lab.errors import LabError, UsageError
from retention_lab.workflows.definition_draft import Answers
from retention_lab.workflows.new_definition import new_definition
from tests.config.labs import lab_in
from tests.shared_data import shared_file
from tests.workflows.churn_labs import customers


def drafted(folder: Path, table: pa.Table, answers: Answers | None = None) -> ChurnDefinition:
    project = lab_in(folder)
    pa_csv.write_csv(table, folder / "t.csv")
    new_definition(project, "churn", "leave", folder / "t.csv", answers or Answers())
    found = read_definition(project, "leave")
    assert isinstance(found, ChurnDefinition)
    return found


def test_label_id_clock_and_what_could_change_are_guessed(tmp_path: Path) -> None:
    found = drafted(tmp_path, customers(300))
    assert (found.label.column, found.label.positive, found.id) == ("churn", "Yes", "customer")
    assert found.duration == "tenure"
    assert set(found.changeable) == {"calls", "contract", "fee"}
    assert found.reasons["calls"] == "service"
    assert found.profit is None


def test_what_is_known_only_afterwards_is_left_out(tmp_path: Path) -> None:
    table = customers(300).append_column("churn_reason", pa.array(["price", "other"] * 150))
    assert drafted(tmp_path, table).exclude == ("churn_reason",)


def test_the_user_names_the_label_and_the_value_that_stays(tmp_path: Path) -> None:
    table = customers(300).rename_columns(["customer", "calls", "tenure", "contract", "fee", "status"])
    found = drafted(tmp_path, table, Answers(outcomes=("status",), control="No"))
    assert (found.label.column, found.label.positive) == ("status", "Yes")


def test_what_cannot_be_guessed_is_asked_for(tmp_path: Path) -> None:
    table = customers(300).rename_columns(["customer", "calls", "tenure", "contract", "fee", "status"])
    with pytest.raises(LabError, match=r"--outcome COLUMN\. With two values: contract, status"):
        drafted(tmp_path, table)
    with pytest.raises(LabError, match="means leaving cannot be told"):
        drafted(tmp_path, table, Answers(outcomes=("contract",)))
    with pytest.raises(LabError, match="a label has two"):
        drafted(tmp_path, table, Answers(outcomes=("calls",)))
    with pytest.raises(UsageError, match="--treatment says nothing"):
        drafted(tmp_path, table, Answers(treatment="contract"))


def test_telco_is_understood(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    new_definition(project, "churn", "telco", shared_file("telco_ibm/telco_ibm.csv.gz"), Answers())
    found = read_definition(project, "telco")
    assert isinstance(found, ChurnDefinition)
    assert (found.label.column, found.id, found.duration, found.exclude) == (
        "Churn",
        "customerID",
        "tenure",
        (),
    )
