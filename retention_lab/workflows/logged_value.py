"""What a recommender's lists would have earned, by a log of what was shown at random and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats, Ints
from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.recommend import RecommendDefinition
from retention_lab.config.recommend import ShownLog as LogColumns
from retention_lab.data.read import read_flat
from retention_lab.errors import LabError, did_you_mean, found_in
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.labels import label_text
from retention_lab.recommend.interactions import Interactions, days_of
from retention_lab.recommend.policy_value import ListValue, ShownLog, list_value
from retention_lab.recommend.scorer import RecommendScorer
from retention_lab.recommend.shown_outcomes import outcome_by_item
from retention_lab.workflows.project import Lab


@dataclass(frozen=True, slots=True)
class LoggedValue:
    """rows: of the log that were used. learned_from: rows left out, as the version may have learned what came
    of them. without_list: rows of customers to whom nothing is recommended. shown: mean reward of what was
    shown. values: by length of the list."""

    rows: int
    learned_from: int
    without_list: int
    shown: Estimate
    values: dict[int, ListValue]

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "rows": self.rows,
            "rows_dropped_as_trained_on": self.learned_from,
            "rows_without_list": self.without_list,
            "shown": self.shown.as_json(),
            "values": [_value_json(k, found) for k, found in self.values.items()],
        }


def logged_value(
    lab: Lab,
    definition: RecommendDefinition,
    scorer: RecommendScorer,
    history: Interactions,
    lengths: Sequence[int],
) -> LoggedValue | None:
    """The value per shown item of the version's lists of each length; None where nothing is logged.

    history: what customers had had when the version learned, over its items. scorer: within the rules that
    hold at any time.
    Raises LabError where the log lacks a column or a value, or shows nothing that is newer than the version.
    """
    if definition.logged is None:
        return None
    named = definition.logged
    file = find_flat_file(
        lab.project, named.table, source=named.source, file=definition.file, key="logged.table"
    )
    with found_in(file):
        table = _checked(read_flat(file), named)
        newer = table if named.time is None else table.filter(_newer(table, named.time, scorer))
        if newer.num_rows == 0:
            raise LabError(
                f"None of the {table.num_rows} logged rows is newer than what the version learned from.",
                "Train with an earlier cut, or log on.",
                key="logged.time",
            )
        log, users = _log(newer, named, scorer.items)
    own = _histories(history, users)
    longest = scorer.lists(own, max(lengths)).item
    listed = np.asarray(longest[log.user, 0] >= 0)
    if not listed.any():
        raise LabError("Nothing is recommended to anybody in the log.", "Loosen the definition's `rules`.")
    kept = ShownLog(log.user[listed], log.item[listed], log.propensity[listed], log.outcome[listed])
    predict = outcome_by_item(kept, len(scorer.items) + 1)
    return LoggedValue(
        rows=len(kept.user),
        learned_from=table.num_rows - newer.num_rows,
        without_list=int((~listed).sum()),
        shown=mean_estimate(kept.outcome, kept.user),
        values={k: list_value(kept, longest[:, :k], predict) for k in lengths},
    )


def _checked(table: pa.Table, named: LogColumns) -> pa.Table:
    for name in filter(None, (named.customer, named.item, named.propensity, named.reward, named.time)):
        if name not in table.column_names:
            raise LabError(f"There is no column '{name}'.", did_you_mean(name, table.column_names), key=name)
        if table.column(name).null_count:
            raise LabError(
                f"{table.column(name).null_count} of {table.num_rows} logged rows have no {name}.",
                "Fill them in, or leave those rows out.",
                key=name,
            )
    return table


def _newer(table: pa.Table, time: str, scorer: RecommendScorer) -> pa.Array:
    if scorer.seen_until is None:
        raise LabError(
            "The version did not learn from times, so which logged rows are newer is not known.",
            "Leave `logged.time` out where the log played no part in the training.",
            key="logged.time",
        )
    return pa.array(days_of(table.column(time)) > scorer.seen_until)


def _log(table: pa.Table, named: LogColumns, items: tuple[str, ...]) -> tuple[ShownLog, tuple[str, ...]]:
    """The log in codes, and its customers; an item that the model does not know has a code of its own."""
    who = label_text(table.column(named.customer)).combine_chunks().dictionary_encode()
    what = pc.index_in(label_text(table.column(named.item)), value_set=pa.array(items, pa.string()))
    log = ShownLog(
        user=np.asarray(who.indices.to_numpy(), dtype=np.int64),
        item=np.asarray(pc.fill_null(what, len(items)).to_numpy(), dtype=np.int64),
        propensity=_numbers(table, named.propensity),
        outcome=_numbers(table, named.reward),
    )
    return log, tuple(who.dictionary.to_pylist())


def _numbers(table: pa.Table, name: str) -> Floats:
    values = np.asarray(table.column(name).cast(pa.float64()).to_numpy(), dtype=np.float64)
    if not np.isfinite(values).all():
        raise LabError(f"A {name} is not a finite number.", "Correct or remove those rows.", key=name)
    return values


def _histories(history: Interactions, users: tuple[str, ...]) -> Interactions:
    """Of these users in their order; who is unknown has none."""
    found = pc.index_in(pa.array(users, pa.string()), value_set=pa.array(history.users, pa.string()))
    code: Ints = np.asarray(pc.fill_null(found, -1).to_numpy(), dtype=np.int64)
    place = np.flatnonzero(code >= 0)
    base = history.among(code[place])
    return replace(base, user=place[base.user], users=users)


def _value_json(k: int, found: ListValue) -> dict[str, Any]:
    robust = found.doubly_robust
    return {
        "k": k,
        "ips": found.weighted.as_json(),
        "snips": found.self_normalised.as_json(),
        "dr": None if robust is None else robust.as_json(),
        "effective_rows": found.effective_rows,
    }
