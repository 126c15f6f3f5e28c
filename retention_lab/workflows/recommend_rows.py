"""The interactions that a recommender learns from: a table of its own, or the project's transactions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.data.customer_items import customer_items, product_texts
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, LabError, did_you_mean, found_in
from retention_lab.recommend.content import Content, fit_content
from retention_lab.recommend.interactions import Interactions, interactions
from retention_lab.recommend.scorer import LogColumns
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.project import Lab

PROJECT_COLUMNS = LogColumns("customer_id", "product_id", "ordered_at")


@dataclass(frozen=True, slots=True)
class RecommendRows:
    """data: the whole log. content: what is written about its items. columns: of a log that is scored.
    sha256: of what was read."""

    data: Interactions
    content: Content | None
    columns: LogColumns
    sha256: str


def read_rows(
    lab: Lab, definition: RecommendDefinition, as_of: datetime | None, table: Path | None = None
) -> RecommendRows:
    """The interactions of a definition, or of another table with the same columns.

    Raises LabError where they are missing, ConfigurationError for an option that does not fit.
    """
    if definition.table is None:
        if table is not None:
            raise ConfigurationError(
                f"'{definition.name}' learns from the project's transactions, so --table replaces nothing.",
                "Use --as-of, or leave --table out.",
                file=definition.file,
            )
        return _of_project(lab, as_of)
    if as_of is not None:
        raise ConfigurationError(
            "A table of its own has one state, so it cannot be looked at as of a date.",
            "Leave --as-of out; `split` says what models see.",
            file=definition.file,
        )
    file = table or find_flat_file(
        lab.project, definition.table, source=definition.source, file=definition.file
    )
    found = read_flat(file)
    with found_in(file):
        return _of_table(definition, found)


def _of_table(definition: RecommendDefinition, found: pa.Table) -> RecommendRows:
    columns = LogColumns(str(definition.customer), str(definition.item), definition.time)
    named = {
        "user": columns.customer,
        "item": columns.item,
        "time": columns.time,
        "weight": definition.weight,
    }
    asked = {key: name for key, name in named.items() if name is not None}
    for name in asked.values():
        if name not in found.column_names:
            raise LabError(f"There is no column '{name}'.", did_you_mean(name, found.column_names), key=name)
    table = pa.table({key: found.column(name) for key, name in asked.items()})
    return RecommendRows(interactions(table), None, columns, content_sha256(table))


def _of_project(lab: Lab, as_of: datetime | None) -> RecommendRows:
    with lab.open_tables() as tables:
        until = as_of if as_of is not None else tables.data_end() + timedelta(microseconds=1)
        found = customer_items(tables, until)
        texts = product_texts(tables)
    if found.num_rows == 0:
        raise LabError(
            "No line with a customer and a product lies before that date.", "Choose a later one.", key="as_of"
        )
    rows = pa.table(
        {
            "user": found.column("customer_id"),
            "item": found.column("product_id"),
            "time": found.column("ordered_at"),
            "weight": found.column("lines").cast(pa.float64()),
        }
    )
    items = _all_items(found, texts)
    data = interactions(rows, items=items.to_pylist())
    return RecommendRows(data, _content(items, texts), PROJECT_COLUMNS, content_sha256(found))


def _all_items(found: pa.Table, texts: pa.Table | None) -> pa.Array:
    """Those bought, and those that wait for a first buyer."""
    items = pc.unique(found.column("product_id"))
    if texts is not None:
        items = pc.unique(pa.chunked_array([items, texts.column("product_id").combine_chunks()]))
    return items.take(pc.sort_indices(items))


def _content(items: pa.Array, texts: pa.Table | None) -> Content | None:
    if texts is None:
        return None
    place = pc.index_in(items, value_set=texts.column("product_id").combine_chunks())
    words = pc.fill_null(texts.column("text").take(place), "").to_pylist()
    categories = texts.column("category").take(place).to_pylist()
    if not any(word.strip() for word in words) and not any(categories):
        return None
    return fit_content(words, categories)
