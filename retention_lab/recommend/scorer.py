"""The registered recommender: what customers have bought in, what to offer each of them out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text
from retention_lab.nested_files import in_folder, of_folder
from retention_lab.recommend.interactions import NO_ITEM, Interactions, days_of
from retention_lab.recommend.learners import read_learner
from retention_lab.recommend.lists import Lists, recommend_lists
from retention_lab.recommend.protocol import Recommender

_SCORER, _ARRAYS = "scorer.json", "scorer.npz"
LENGTH = 10  # of a list, where nothing else is asked for


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Names in a log: whose line it is, of which item, when (None: times are not known)."""

    customer: str
    item: str
    time: str | None = None


@dataclass(frozen=True)
class RecommendScorer:
    """A model of histories, which knows items and nobody.

    items: ids by code. ties: (items,) codes, what sells best first. offered: (items,) what may be shown.
    seen_until: the last day it learned from, in days since 1970; None where times are not known.
    columns: of a log that is scored; id_column: the same as columns.customer.
    """

    learner: str
    model: Recommender
    items: tuple[str, ...]
    ties: Ints
    offered: Bools
    columns: LogColumns
    seen_until: float | None = None
    id_column: str | None = None

    def lists(self, history: Interactions, k: int = LENGTH, allowed: Bools | None = None) -> Lists:
        """The k best for every user of a history over this model's items.

        allowed: (items,) or (users, items), narrows what is offered.
        """
        rule = self.offered if allowed is None else self.offered & allowed
        return recommend_lists(self.model, history, self.ties, k, rule)

    def history(self, table: pa.Table) -> Interactions:
        """The histories in a log, of customers in the order in which they first appear.

        A line without an item, or with one that the model does not know, says only that there is a customer.
        Raises LabError where a column is missing.
        """
        named = replace(self.columns, customer=self.id_column or self.columns.customer)
        users = label_text(_column(table, named.customer)).combine_chunks()
        if users.null_count:
            raise LabError(
                f"{users.null_count} of {len(users)} lines have no customer.",
                "Fill them in.",
                key=named.customer,
            )
        everybody = users.dictionary_encode()
        item = self._places(label_text(_column(table, named.item)).combine_chunks())
        kept = item >= 0
        time = None if named.time is None else _column(table, named.time)
        return Interactions(
            user=everybody.indices.to_numpy().astype(np.int64)[kept],
            item=item[kept],
            time=None if time is None else days_of(time.filter(pa.array(kept))),
            weight=np.ones(int(kept.sum())),
            users=tuple(everybody.dictionary.to_pylist()),
            items=self.items,
        )

    def predict(self, table: pa.Table, params: Mapping[str, Any] | None = None) -> pa.Table:
        """One row per recommendation, customer by customer: id, rank from 1, item, score.

        params: `k`, how many for each. A customer with no known item is offered what sells best.
        Raises LabError where a column is missing, or k is below 1.
        """
        k = int((params or {}).get("k", LENGTH))
        history = self.history(table)
        return self.rows(history, self.lists(history, k))

    def rows(self, history: Interactions, lists: Lists) -> pa.Table:
        """Lists as the rows of a score file."""
        user, place = np.nonzero(lists.item >= 0)
        return pa.table(
            {
                "id": pa.array(history.users, pa.string()).take(pa.array(user)),
                "rank": pa.array(place + 1, pa.int64()),
                "item": pa.array(
                    [self.items[code] for code in lists.item[user, place].tolist()], pa.string()
                ),
                "score": pa.array(lists.score[user, place].astype(np.float64)),
            },
            schema=self.output_schema(),
        )

    def output_schema(self) -> pa.Schema:
        """Of the recommendations."""
        return pa.schema(
            [("id", pa.string()), ("rank", pa.int64()), ("item", pa.string()), ("score", pa.float64())]
        )

    def input_schema(self) -> pa.Schema:
        """Of the log; an item may be missing, for a customer who has none yet."""
        names = (self.columns.customer, self.columns.item, self.columns.time)
        return pa.schema([pa.field(name, pa.string(), nullable=True) for name in names if name])

    @cached_property
    def _codes(self) -> dict[str, int]:
        """Made once: a served model is asked for one customer at a time."""
        return {name: code for code, name in enumerate(self.items)}

    def _places(self, names: pa.Array) -> Ints:
        """(n,) codes of items, -1 for what is missing or not known."""
        coded = names.dictionary_encode()
        codes = [self._codes.get(name, NO_ITEM) for name in coded.dictionary.to_pylist()]
        place = coded.indices.fill_null(len(codes)).to_numpy()
        return np.asarray(np.array([*codes, NO_ITEM])[place], dtype=np.int64)

    def to_files(self) -> dict[str, bytes]:
        """What it is in JSON, arrays, and the model's own files in a folder."""
        about = {
            "learner": self.learner,
            "items": self.items,
            "columns": asdict(self.columns),
            "seen_until": self.seen_until,
        }
        return {
            _SCORER: json.dumps(about, ensure_ascii=False, allow_nan=False).encode(),
            _ARRAYS: npz_bytes({"ties": self.ties, "offered": self.offered}),
            **in_folder("model", self.model.to_files()),
        }


def from_files(files: Mapping[str, bytes]) -> RecommendScorer:
    """The scorer that `to_files` wrote."""
    about, arrays = json.loads(files[_SCORER]), npz_arrays(files[_ARRAYS])
    columns = LogColumns(**about["columns"])
    return RecommendScorer(
        learner=about["learner"],
        model=read_learner(about["learner"], of_folder("model", files)),
        items=tuple(about["items"]),
        ties=arrays["ties"],
        offered=arrays["offered"],
        columns=columns,
        seen_until=about["seen_until"],
        id_column=columns.customer,
    )


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise LabError(f"There is no column '{name}'.", did_you_mean(name, table.column_names), key=name)
    return table.column(name)
