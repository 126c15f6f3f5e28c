from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.config.clv import ClvDefinition
from retention_lab.config.loading import read_definition, read_project
from retention_lab.errors import LabError, UsageError
from retention_lab.workflows.definition_draft import Answers
from retention_lab.workflows.new_definition import new_definition
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_clv import train_clv
from tests.config.labs import lab_in
from tests.shared_data import shared_file
from tests.workflows.conftest import silent
from tests.workflows.test_train_clv import START, log_table


def drafted(folder: Path, table: pa.Table, **answers: str) -> ClvDefinition:
    project = lab_in(folder)
    pa_csv.write_csv(table, folder / "t.csv")
    new_definition(project, "clv", "value", folder / "t.csv", Answers(**answers))
    found = read_definition(project, "value")
    assert isinstance(found, ClvDefinition)
    return found


def log(*names: str) -> pa.Table:
    return log_table(60).rename_columns(list(names))


def test_customer_time_and_amount_are_guessed(tmp_path: Path) -> None:
    found = drafted(tmp_path, log("Customer ID", "order_date", "amount_usd"))
    assert (found.table, found.customer, found.time, found.amount) == (
        "t.csv",
        "Customer ID",
        "order_date",
        "amount_usd",
    )
    assert (found.time_unit, found.horizon_days, found.calibration_end) == ("week", 365, None)
    assert "beta_geometric" not in found.models


def test_the_user_names_what_no_name_says(tmp_path: Path) -> None:
    found = drafted(tmp_path, log("a", "b", "c"), customer="a", time="b", amount="c")
    assert (found.customer, found.time, found.amount) == ("a", "b", "c")


def test_of_several_dates_the_one_of_the_purchase_is_taken(tmp_path: Path) -> None:
    table = log("user_id", "invoice_date", "total")
    born = pa.array([START] * table.num_rows)
    table = table.add_column(0, "birth_date", born).add_column(0, "shipped_at", table["invoice_date"])
    assert drafted(tmp_path, table).time == "invoice_date"


def test_the_price_of_a_piece_is_no_amount(tmp_path: Path) -> None:
    table = log("user_id", "date", "price")
    table = table.append_column("quantity", pa.array(np.arange(table.num_rows) % 5 + 1))
    assert drafted(tmp_path, table).amount is None
    text = (tmp_path / "experiments" / "value.yaml").read_text("utf-8")
    assert "'price' is the price of a piece" in " ".join(text.replace("#", "").split())


def test_without_amounts_purchases_are_counted(tmp_path: Path) -> None:
    assert drafted(tmp_path, log("user_id", "date", "x").select(["user_id", "date"])).amount is None


def test_regular_payments_bring_the_model_of_contracts(tmp_path: Path) -> None:
    rows = [(f"c{i}", START + timedelta(days=30 * k + i % 3)) for i in range(40) for k in range(i % 12 + 2)]
    who, when = zip(*rows, strict=True)
    found = drafted(
        tmp_path, pa.table({"member": list(who), "paid_on": list(when), "amount": [9.0] * len(rows)})
    )
    assert "beta_geometric" in found.models
    assert found.time_unit == "month"


def test_what_was_written_is_trained_as_it_is(tmp_path: Path) -> None:
    drafted(tmp_path, log_table(400).rename_columns(["customer", "date", "amount"]))
    report = train_clv(
        Lab(read_project(tmp_path)), "value", overrides=["models=[beta_geo]"], register=False, say=silent
    )
    assert report.winner == "beta_geo"


def test_what_cannot_be_guessed_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="--customer COLUMN"):
        drafted(tmp_path, log("order_id", "date", "paid"))
    with pytest.raises(LabError, match="No column holds dates"):
        drafted(tmp_path, log("user", "date", "paid").drop_columns(["date"]))
    with pytest.raises(LabError, match="no column 'whom'"):
        drafted(tmp_path, log("user", "date", "paid"), customer="whom")
    with pytest.raises(UsageError, match="--outcome says nothing"):
        new_definition(lab_in(tmp_path), "clv", "v", tmp_path / "t.csv", Answers(outcomes=("paid",)))
    with pytest.raises(UsageError, match="--amount says nothing"):
        new_definition(lab_in(tmp_path), "uplift", "v", tmp_path / "t.csv", Answers(amount="paid"))
    with pytest.raises(UsageError, match="--id says nothing"):
        new_definition(lab_in(tmp_path), "clv", "v", tmp_path / "t.csv", Answers(id="user"))


def test_a_log_that_training_would_refuse_is_refused(tmp_path: Path) -> None:
    table = log("user", "date", "paid")
    gaps = pa.array([None, *table["user"].to_pylist()[1:]], pa.string())
    with pytest.raises(LabError, match="has no customer"):
        drafted(tmp_path, table.set_column(0, "user", gaps))


def test_cdnow_is_understood(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    new_definition(project, "clv", "cdnow", shared_file("cdnow_sample/cdnow_sample.csv.gz"), Answers())
    found = read_definition(project, "cdnow")
    assert isinstance(found, ClvDefinition)
    assert (found.customer, found.time, found.amount) == ("master_id", "date", "amount_usd")
