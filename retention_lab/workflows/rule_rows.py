"""The baskets of a definition of rules: the project's orders, or a file, and which are held out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools
from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.rules import RulesDefinition
from retention_lab.data.order_items import order_items, read_basket_lines
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.recommend.baskets import BASKET, ITEM, Baskets, as_baskets
from retention_lab.split import held_out, held_out_latest
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.project import Lab

ORDER, PRODUCT = "order_id", "product_id"


@dataclass(frozen=True, slots=True)
class RuleRows:
    """baskets; held_out: (b,) those that rules from the others are looked up in.

    started_at: (b,) naive UTC of each, None for a file. basket_column, item_column: their names where they
    came from. sha256: of all that was read. as_of: None for a file.
    """

    baskets: Baskets
    held_out: Bools
    started_at: np.ndarray | None
    basket_column: str
    item_column: str
    sha256: str
    as_of: datetime | None

    def __len__(self) -> int:
        return len(self.baskets)


def read_rule_rows(
    lab: Lab, definition: RulesDefinition, as_of: datetime | None = None, table: Path | None = None
) -> RuleRows:
    """The baskets of the definition, or of another file of the same layout.

    Raises LabError for columns that are not there, baskets that hold nothing, and a file with a date.
    """
    if definition.table is None and table is None:
        return _orders(lab, definition, as_of)
    if as_of is not None:
        raise ConfigurationError(
            "Baskets of a file have one state, so they cannot be looked at as of a date.",
            "Leave --as-of out.",
            file=definition.file,
        )
    file = table or find_flat_file(
        lab.project, str(definition.table), source=definition.source, file=definition.file
    )
    lines = definition.layout == "lines"
    found = read_basket_lines(file) if lines else read_flat(file)
    columns = (definition.basket or (BASKET if definition.table else ORDER),
               definition.item or (ITEM if definition.table else PRODUCT))  # fmt: skip
    for name in columns:
        if name not in found.column_names:
            raise LabError(
                f"There is no column '{name}'.", did_you_mean(name, found.column_names), file=file, key=name
            )
    baskets = as_baskets(pa.table({BASKET: found.column(columns[0]), ITEM: found.column(columns[1])}))
    later = held_out(len(baskets), definition.held_out, definition.seed)
    return RuleRows(baskets, later, None, *columns, content_sha256(found), None)


def after(rows: RuleRows, moment: datetime) -> Baskets:
    """The orders from that moment on, aware. Raises LabError where there is none."""
    assert rows.started_at is not None
    start = np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")
    chosen = np.asarray(rows.started_at >= start, dtype=np.bool_)
    if not chosen.any():
        raise LabError(
            f"There is no order from {moment.date().isoformat()} on, and all before were mined.",
            "Wait for new orders, or name another file with --table.",
        )
    return rows.baskets.take(chosen)


def _orders(lab: Lab, definition: RulesDefinition, as_of: datetime | None) -> RuleRows:
    with lab.open_tables() as tables:
        at = default_as_of(lab, tables) if as_of is None else lab.start_of(as_of)
        found = order_items(tables, at)
    if found.num_rows == 0:
        raise LabError(
            f"No order before {at.date().isoformat()} names a product.", "Choose a later date.", key="as_of"
        )
    baskets = as_baskets(pa.table({BASKET: found.column(ORDER), ITEM: found.column(PRODUCT)}))
    times = np.asarray(found.column("ordered_at").cast(pa.timestamp("us")).to_numpy())
    started = np.empty(len(baskets), dtype=times.dtype)
    started[baskets.basket] = times
    later = held_out_latest(started, definition.held_out)
    return RuleRows(baskets, later, started, ORDER, PRODUCT, content_sha256(found), at)
