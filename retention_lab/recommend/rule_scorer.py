"""The registered rules: baskets in, what to add to each out."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from retention_lab.errors import LabError, did_you_mean
from retention_lab.recommend.baskets import BASKET, ITEM, as_baskets
from retention_lab.recommend.mine_rules import MinedRules
from retention_lab.recommend.suggestions import Suggester, fit_suggester

SUGGESTIONS = 5
_ABOUT, _RULES, _ITEMS, _SETS = "scorer.json", "rules.parquet", "items.parquet", "sets.parquet"


@dataclass(frozen=True, slots=True)
class RuleScorer:
    """Rules with what a table of baskets needs around them.

    id_column, item_column: name the basket and item of a row. shown: the rules with their lift in other
    baskets, for readers. details: facts that travel with the model (plain JSON values).
    """

    rules: MinedRules
    suggester: Suggester
    id_column: str | None
    item_column: str
    shown: pa.Table
    details: Mapping[str, Any] = field(default_factory=dict)

    def predict(self, table: pa.Table, params: Mapping[str, Any] | None = None) -> pa.Table:
        """What to add to each basket: `id`, `rank` from 1, `item`, `score`; a row for each suggestion.

        table: a row for each item of each basket. params: `k`, how many for each basket.
        Baskets come in the order of their ids. score: confidence, or lift where lift ranks.
        """
        k = _how_many(params or {})
        named = {BASKET: self.id_column or BASKET, ITEM: self.item_column}
        for column in named.values():
            if column not in table.column_names:
                raise LabError(
                    f"There is no column '{column}'.", did_you_mean(column, table.column_names), key=column
                )
        given = as_baskets(pa.table({name: table.column(column) for name, column in named.items()}))
        code = self.suggester.codes(given.items)[given.item]
        known = code >= 0
        shape = (len(given), len(self.suggester.items))
        rows = (given.basket[known], code[known])
        matrix = sparse.coo_array((np.ones(known.sum()), rows), shape=shape).tocsr()
        matrix.data[:] = 1.0
        lists, scores = self.suggester.suggest(matrix, k)
        basket, rank = np.nonzero(lists >= 0)
        items = pa.array(self.suggester.items, pa.string())
        return pa.table({
            "id": given.ids.take(pa.array(basket)),
            "rank": pa.array(rank + 1, pa.int64()),
            "item": items.take(pa.array(lists[basket, rank])),
            "score": pa.array(scores[basket, rank], pa.float64()),
        })  # fmt: skip

    def output_schema(self) -> pa.Schema:
        """Names and types of what `predict` returns."""
        kinds = {"id": pa.string(), "rank": pa.int64(), "item": pa.string(), "score": pa.float64()}
        return pa.schema(list(kinds.items()))

    def to_files(self) -> dict[str, bytes]:
        """The scorer in open formats: JSON, and tables in Parquet; rules.parquet is the one for readers."""
        rules = self.rules
        about = {
            "ranking": self.suggester.ranking,
            "id_column": self.id_column,
            "item_column": self.item_column,
            "tests": rules.tests,
            "baskets": rules.baskets,
            "details": dict(self.details),
        }
        sides = {"whole": rules.whole, "left": rules.left, "right": rules.right}
        text = json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False)
        return {
            _ABOUT: text.encode(),
            _ITEMS: _parquet(pa.table({"item": list(rules.items), "share": self.suggester.share})),
            _SETS: _parquet(pa.table({"items": list(rules.sets), "count": rules.count})),
            _RULES: _parquet(_with(self.shown, sides)),
        }


def from_files(files: Mapping[str, bytes]) -> RuleScorer:
    """The scorer that `to_files` wrote."""
    about = json.loads(files[_ABOUT])
    items, sets, shown = (pq.read_table(io.BytesIO(files[name])) for name in (_ITEMS, _SETS, _RULES))
    counts = sets["count"].to_numpy()
    codes = sets["items"].combine_chunks().flatten().to_numpy()
    rules = MinedRules(
        items=tuple(items["item"].to_pylist()),
        sets=codes.reshape(len(counts), -1) if len(counts) else np.zeros((0, 1), dtype=np.int64),
        count=counts,
        **{side: shown[side].to_numpy() for side in ("whole", "left", "right")},
        tests=about["tests"],
        baskets=about["baskets"],
    )
    suggester = fit_suggester(rules, items["share"].to_numpy(), about["ranking"])
    return RuleScorer(
        rules,
        suggester,
        about["id_column"],
        about["item_column"],
        shown.drop_columns(["whole", "left", "right"]),
        about["details"],
    )


def _how_many(params: Mapping[str, Any]) -> int:
    for name in params:
        if name != "k":
            raise LabError(f"Rules take no setting {name!r}.", "They take `k`.", key="params")
    k = int(params.get("k", SUGGESTIONS))
    if k < 1:
        raise LabError(f"{k} suggestions were asked for.", "Ask for at least 1.", key="k")
    return k


def _with(table: pa.Table, columns: Mapping[str, np.ndarray]) -> pa.Table:
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.int64()))
    return table


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
