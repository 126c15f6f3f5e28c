"""From arrays to the contract's tables, with a real retailer's confusions in the rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Ints
from retention_lab.simulate.calendar import DAY
from retention_lab.simulate.events import EVENT_CHANNELS, KINDS, Events
from retention_lab.simulate.feedback import TONES, Feedback, feedback_texts
from retention_lab.simulate.offers import ARMS
from retention_lab.simulate.orders import Orders, Sold
from retention_lab.simulate.world import World

SALES_CHANNELS = ("web", "app", "store")
DUPLICATE_SHARE, LATE_SHARE, MISSING_SHARE = 0.003, 0.01, 0.01  # at confusion 1
_LATE_DAYS = 6.0


def transactions_table(world: World, sold: Sold, rng: np.random.Generator) -> pa.Table:
    """Order lines and returns; guests have no customer; some rows come twice, some late, some with gaps."""
    lines, confusion = sold.lines, world.difficulty.confusion
    rows = _arrival(lines.at, confusion, rng)
    offers = pa.array([None, *ARMS[1:]], pa.string())
    table = pa.table(
        {
            "order_id": numbered("O", lines.order, 9),
            "customer_id": _take(world.customer_ids, lines.customer),
            "ordered_at": times(lines.at),
            "amount": pa.array(lines.amount),
            "contribution": pa.array(lines.contribution),
            "discount": pa.array(lines.discount),
            "product_id": _take(world.product_ids, _blank(lines.product, confusion, rng)),
            "quantity": pa.array(lines.pieces),
            "offer_id": _take(offers, lines.offer),
            "channel": _take(pa.array(SALES_CHANNELS), _blank(lines.channel, confusion, rng)),
        }
    )
    return table.take(pa.array(rows))


def events_table(world: World, events: Events, rng: np.random.Generator) -> pa.Table:
    """Events in order of arrival; a few sessions are missing."""
    confusion = world.difficulty.confusion
    rows = _arrival(events.at, confusion, rng)
    session = _blank_text(numbered("S", events.session, 9), events.session, confusion, rng)
    return _events(world, events, session).take(pa.array(rows))


def marks_table(world: World, marks: Events) -> pa.Table:
    """Marks of leaving in the form of `events_table`, in order of time; they arrive when the window ends."""
    by_time = np.argsort(marks.at, kind="stable")
    return _events(world, marks, pa.nulls(len(marks.at), pa.string())).take(pa.array(by_time))


def feedback_table(world: World, feedback: Feedback, rng: np.random.Generator) -> pa.Table:
    """Messages; most have a score, and somebody has labelled the tone of about half."""
    n = len(feedback.at)
    by_time = np.argsort(feedback.at, kind="stable")
    labelled = np.where(rng.random(n) < 0.5, feedback.tone, -1)
    scored = rng.random(n) < 0.85
    return pa.table(
        {
            "customer_id": _take(world.customer_ids, feedback.customer),
            "at": times(feedback.at),
            "text": feedback_texts(feedback, rng),
            "score": pa.array(feedback.score, mask=~scored),
            "label": _take(pa.array(TONES), labelled),
        }
    ).take(pa.array(by_time))


def redemptions_table(world: World, orders: Orders, experiment: str | None) -> pa.Table:
    """One row per customer who redeemed the offer assigned to them, at the moment of the order."""
    rows = np.flatnonzero(orders.redeemed > 0)
    return pa.table(
        {
            "experiment": pa.repeat(pa.scalar(experiment, pa.string()), len(rows)),
            "customer_id": _take(world.customer_ids, orders.customer[rows]),
            "offer_id": _take(pa.array(ARMS), orders.redeemed[rows]),
            "redeemed_at": times(orders.at[rows]),
        }
    )


def numbered(prefix: str, number: Ints, width: int) -> pa.Array:
    """Text ids such as O000000042."""
    digits = pc.utf8_lpad(pa.array(number).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def times(at: Ints) -> pa.Array:
    """Microseconds as naive UTC timestamps."""
    return pa.array(at, pa.int64()).cast(pa.timestamp("us"))


def _events(world: World, events: Events, session: pa.Array) -> pa.Table:
    return pa.table(
        {
            "customer_id": _take(world.customer_ids, events.customer),
            "at": times(events.at),
            "kind": _take(pa.array(KINDS), events.kind),
            "product_id": _take(world.product_ids, events.product),
            "channel": _take(pa.array(EVENT_CHANNELS), events.channel),
            "session_id": session,
        }
    )


def _take(values: pa.Array, index: Ints) -> pa.Array:
    """Values at the index; -1 gives null."""
    return values.take(pa.array(index, mask=index < 0))


def _arrival(at: Ints, confusion: float, rng: np.random.Generator) -> Ints:
    """Row numbers in order of arrival: a few late, a few twice."""
    n = len(at)
    late = rng.random(n) < min(1.0, LATE_SHARE * confusion)
    arrived = at + np.where(late, rng.exponential(_LATE_DAYS * DAY, n), 0).astype(np.int64)
    again = np.flatnonzero(rng.random(n) < min(1.0, DUPLICATE_SHARE * confusion))
    rows = np.concatenate([np.arange(n), again])
    return rows[np.argsort(arrived[rows], kind="stable")]


def _blank(code: Ints, confusion: float, rng: np.random.Generator) -> Ints:
    return np.where(rng.random(len(code)) < min(1.0, MISSING_SHARE * confusion), -1, code)


def _blank_text(text: pa.Array, number: Ints, confusion: float, rng: np.random.Generator) -> pa.Array:
    missing = (number < 0) | (rng.random(len(number)) < min(1.0, MISSING_SHARE * confusion))
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), text)
