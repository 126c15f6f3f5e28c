"""What the project knows of customers beyond their behaviour: addresses, names, a platform's own id."""

from collections.abc import Mapping

import pyarrow as pa
from sqlglot import exp

from retention_lab.data.connect import Tables
from retention_lab.data.queries import sql_of
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text


def contact_columns(tables: Tables, columns: Mapping[str, str]) -> pa.Table:
    """customer_id and the fields of every customer, as text; one row per row of `customers`.

    columns: field -> column of `customers`.
    Raises LabError for a column that is not there, and for telephone numbers that are kept as numbers.
    """
    require_contact_columns(tables, columns)
    names = {"customer_id": "customer_id", **columns}
    chosen = [
        exp.alias_(exp.column(name, table="customers", quoted=True), field) for field, name in names.items()
    ]
    query = exp.select(*chosen).from_("customers").where("customer_id IS NOT NULL")
    found = tables.query(sql_of(query))
    return pa.table(
        {field: contact_text(field, found.column(field), tables.places["customers"]) for field in names}
    )


def contact_text(field: str, column: pa.ChunkedArray, file: str) -> pa.ChunkedArray:
    """A field of customers as text. Raises LabError for telephone numbers that lost what made them such."""
    kind = column.type
    if field == "phone" and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise LabError(
            "The telephone numbers are kept as numbers, without plus signs and leading zeros, so that one "
            "would be taken for another.",
            "Export them as text, best as +49…, and import them again.",
            file=file,
            key="export.columns.phone",
        )
    return label_text(column).cast(pa.string())


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
