"""What the project knows of customers beyond their behaviour: addresses, names, a platform's own id."""

from collections.abc import Mapping

import pyarrow as pa
from sqlglot import exp

from retention_lab.data.connect import Tables
from retention_lab.data.queries import sql_of
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text


def contact_columns(tables: Tables, columns: Mapping[str, str]) -> pa.Table:
    """customer_id and the fields of every customer, as text; sorted by customer.

    columns: field -> column of `customers`.
    Raises LabError for a column that is not there, and for a customer who is there twice: which of two
    addresses is right cannot be told.
    """
    require_contact_columns(tables, columns)
    names = {"customer_id": "customer_id", **columns}
    chosen = [
        exp.alias_(exp.column(name, table="customers", quoted=True), field) for field, name in names.items()
    ]
    query = exp.select(*chosen).from_("customers").where("customer_id IS NOT NULL").order_by("customer_id")
    found = tables.query(sql_of(query))
    twice = found.num_rows - len(found.column("customer_id").unique())
    if twice:
        raise LabError(
            f"{twice} rows of customers repeat a customer_id, so it is not known where these are reached.",
            "Keep one row per customer; `lab data check` counts them.",
            file=tables.places["customers"],
            key="customer_id",
        )
    return pa.table({field: label_text(found.column(field)).cast(pa.string()) for field in names})


def require_contact_columns(tables: Tables, columns: Mapping[str, str]) -> None:
    """Raise LabError, naming the field, where `customers` has no such column."""
    if not columns:
        return
    tables.require("customers")
    there = tables.columns("customers")
    for field, name in columns.items():
        if name not in there:
            raise LabError(
                f"customers has no column '{name}', which is to hold the {field}.",
                f"Import it, or correct export.columns.{field}. {did_you_mean(name, there)}",
                file=tables.places["customers"],
                key=f"export.columns.{field}",
            )
