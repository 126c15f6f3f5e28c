"""How the simulated customers answer a campaign, so that rounds can be played."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Ints
from retention_lab.errors import LabError, did_you_mean
from retention_lab.simulate.calendar import DAY, Window, microseconds, moment
from retention_lab.simulate.offers import ARMS
from retention_lab.simulate.play import play
from retention_lab.simulate.registers import subscriptions_table
from retention_lab.simulate.retailer import MONTH_DAYS, Retailer, subscriptions_seed
from retention_lab.simulate.state import State
from retention_lab.simulate.truth import Truth, truth_at
from retention_lab.simulate.world import World

LONGEST_HORIZON_DAYS = 180


@dataclass(frozen=True, slots=True)
class Response:
    """What followed a launch.

    tables: new rows only, of all customers, from the retailer's instant to the end of the horizon.
    expected: the truth at the launch, over the horizon.
    retailer: the next state; its tables hold the new rows too.
    """

    tables: dict[str, pa.Table]
    expected: Truth
    retailer: Retailer


def respond(
    retailer: Retailer, assignments: pa.Table, at: datetime, horizon_days: int = 30, seed: int = 0
) -> Response:
    """Let everybody live through [at, at + horizon), those in `assignments` under their arm.

    assignments: customer_id and arm, one row per customer; redemptions carry the one name in its column
    `experiment`, where it has that column. Where `at` is later than the retailer's instant, the time between
    is lived through without contacts, and its rows come along. Whoever is assigned an arm other than `none`
    counts as contacted.
    Raises LabError for unknown or repeated customers, unknown arms, a launch before the retailer's instant or
    at another time of day, and a horizon outside 1..180 days.
    """
    _check_times(retailer, at, horizon_days)
    arm = _arms(retailer.world, assignments)
    experiment = _experiment(assignments, at)
    seeds = np.random.SeedSequence([seed, retailer.seed, microseconds(at) // 1_000_000])
    idle = np.zeros(len(arm), dtype=np.int64)
    parts: list[dict[str, pa.Table]] = []
    state = retailer.state
    for window in _quiet_windows(state.at, microseconds(at)):
        played = play(retailer.world, state, window, idle, None, seeds.spawn(1)[0])
        parts.append(played.tables)
        state = played.state
    expected = truth_at(retailer.world, state, horizon_days, retailer.truth.campaigns)
    played = play(retailer.world, state, Window(state.at, horizon_days), arm, experiment, seeds.spawn(1)[0])
    parts.append(played.tables)
    new = {name: pa.concat_tables([part[name] for part in parts]) for name in played.tables}
    return Response(new, expected, _next_retailer(retailer, new, played.state))


def _next_retailer(retailer: Retailer, new: dict[str, pa.Table], state: State) -> Retailer:
    grown = {name: pa.concat_tables([retailer.tables[name], table]) for name, table in new.items()}
    grown["subscriptions"] = subscriptions_table(retailer.world, state.at, subscriptions_seed(retailer.seed))
    return replace(
        retailer,
        tables={**retailer.tables, **grown},
        truth=truth_at(retailer.world, state, MONTH_DAYS, retailer.truth.campaigns),
        as_of=moment(state.at),
        state=state,
    )


def _quiet_windows(start: int, end: int) -> list[Window]:
    days = (end - start) // DAY
    return [
        Window(start + first * DAY, min(MONTH_DAYS, days - first)) for first in range(0, days, MONTH_DAYS)
    ]


def _check_times(retailer: Retailer, at: datetime, horizon_days: int) -> None:
    if at.tzinfo is None:
        raise LabError("The launch has no time zone.", "Give an aware datetime.")
    if at < retailer.as_of:
        raise LabError(
            f"The launch at {at:%Y-%m-%d %H:%M%z} comes too late: the customers have already lived up to "
            f"{retailer.as_of:%Y-%m-%d %H:%M%z}.",
            "Launch at that instant or later.",
        )
    if (microseconds(at) - retailer.state.at) % DAY:
        raise LabError(
            f"The launch at {at:%Y-%m-%d %H:%M%z} is not whole days after {retailer.as_of:%Y-%m-%d %H:%M%z}.",
            "Launch at the same time of day.",
        )
    if not 1 <= horizon_days <= LONGEST_HORIZON_DAYS:
        raise LabError(
            f"The horizon is {horizon_days} days.", f"Choose 1 to {LONGEST_HORIZON_DAYS} whole days."
        )


def _arms(world: World, assignments: pa.Table) -> Ints:
    missing = [name for name in ("customer_id", "arm") if name not in assignments.column_names]
    if missing:
        raise LabError(
            f"The assignments lack the column {missing[0]!r}.",
            did_you_mean(missing[0], assignments.column_names),
        )
    index = pc.index_in(
        assignments["customer_id"].combine_chunks().cast(pa.string()), value_set=world.customer_ids
    )
    code = pc.index_in(assignments["arm"].combine_chunks().cast(pa.string()), value_set=pa.array(ARMS))
    for column, found in (("customer_id", index), ("arm", code)):
        if found.null_count:
            row = pc.index(found.is_null(), True).as_py() + 1
            raise LabError(
                f"Row {row} of the assignments has a {column} that this retailer does not know.",
                "Assign only its own customers and offers.",
                key=column,
            )
    customer = np.asarray(index, dtype=np.int64)
    if len(np.unique(customer)) < len(customer):
        raise LabError(
            "A customer is assigned more than once.", "Assign one arm per customer.", key="customer_id"
        )
    arm = np.zeros(len(world.people), dtype=np.int64)
    arm[customer] = np.asarray(code, dtype=np.int64)
    return arm


def _experiment(assignments: pa.Table, at: datetime) -> str:
    if "experiment" not in assignments.column_names or not assignments.num_rows:
        return f"round-{at:%Y-%m-%d}"
    names = pc.unique(assignments["experiment"]).to_pylist()
    if len(names) != 1 or names[0] is None:
        raise LabError(f"The assignments name {len(names)} experiments.", "Play one experiment at a time.")
    return str(names[0])
