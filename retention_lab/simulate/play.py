"""One window of the retailer's life: what everybody does under their arm, and the state after it."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Ints
from retention_lab.simulate.calendar import Window
from retention_lab.simulate.events import browse
from retention_lab.simulate.feedback import write_feedback
from retention_lab.simulate.marks import leave_marks
from retention_lab.simulate.orders import sell
from retention_lab.simulate.render import (
    events_table,
    feedback_table,
    marks_table,
    redemptions_table,
    transactions_table,
)
from retention_lab.simulate.state import State, move_on
from retention_lab.simulate.world import World


@dataclass(frozen=True, slots=True)
class Played:
    """New rows by table, and the state at the window's end."""

    tables: dict[str, pa.Table]
    state: State


def play(
    world: World,
    state: State,
    window: Window,
    arm: Ints,
    experiment: str | None,
    seed: np.random.SeedSequence,
) -> Played:
    """Draw the window in which customer i was assigned `arm[i]` at its start (0: none, or in no campaign).

    experiment: the name that redemptions carry; None where nobody was assigned anything.
    """
    parts = seed.spawn(6)
    selling, browsing, writing, moving, rendering, marking = (np.random.default_rng(part) for part in parts)
    sold = sell(world, state, window, arm, selling)
    events = browse(world, state, window, arm, sold.orders, sold.quit_now, browsing)
    feedback = write_feedback(world, state, window, sold.orders, writing)
    tables = {
        "transactions": transactions_table(world, sold, rendering),
        "events": events_table(world, events, rendering),
        "feedback": feedback_table(world, feedback, rendering),
        "redemptions": redemptions_table(world, sold.orders, experiment),
    }
    ordered = np.zeros(len(arm), dtype=np.bool_)
    ordered[sold.orders.customer] = True
    drift = world.difficulty.drift
    after = move_on(state, world.people, window.days, sold.quit_now, ordered & (arm > 0), drift, moving)
    marks = leave_marks(world.people, state, after, window, marking)
    tables["events"] = pa.concat_tables([tables["events"], marks_table(world, marks)])
    last_order = state.last_order.copy()
    np.maximum.at(last_order, sold.orders.customer, sold.orders.at)
    sessions = int(events.session.max(initial=state.next_session)) + 1
    return Played(
        tables,
        replace(
            after,
            contacts=after.contacts + (arm > 0),
            last_order=last_order,
            pending=sold.later,
            next_order=state.next_order + len(sold.orders.at) + sold.guests,
            next_session=sessions,
        ),
    )
