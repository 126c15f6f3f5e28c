"""How many complain and praise, by topic and over time; what too few customers wrote is hidden."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools
from retention_lab.feedback.answers import COMPLAINT, PRAISE


@dataclass(frozen=True, slots=True)
class TopicCount:
    """month: as 2026-03, None for all time. side: complaint or praise. customers, messages: None where fewer
    customers wrote than may be shown, and somebody did."""

    topic: str
    side: str
    month: str | None
    customers: int | None
    messages: int | None


def topic_counts(
    topic: np.ndarray, complaint: Bools, customer: np.ndarray, min_cell: int
) -> tuple[TopicCount, ...]:
    """An entry for each topic and side, of (n,) topics, sides and customers."""
    return tuple(
        _count(topic == name, complaint == (side == COMPLAINT), customer, min_cell, (name, side, None))
        for name in sorted(set(topic.tolist()))
        for side in (COMPLAINT, PRAISE)
    )


def topic_months(
    topic: np.ndarray, complaint: Bools, customer: np.ndarray, month: np.ndarray, min_cell: int
) -> tuple[TopicCount, ...]:
    """Likewise for every month from the first to the last of (n,) datetime64[M], also those without any."""
    if len(month) == 0:
        return ()
    return tuple(
        _count(
            (topic == name) & (month == one),
            complaint == (side == COMPLAINT),
            customer,
            min_cell,
            (name, side, str(one)),
        )
        for name in sorted(set(topic.tolist()))
        for side in (COMPLAINT, PRAISE)
        for one in np.arange(month.min(), month.max() + 1)
    )


def _count(
    inside: Bools, side: Bools, customer: np.ndarray, min_cell: int, what: tuple[str, str, str | None]
) -> TopicCount:
    rows = inside & side
    customers = len(set(customer[rows].tolist()))
    if 0 < customers < min_cell:
        return TopicCount(*what, None, None)
    return TopicCount(*what, customers, int(rows.sum()))
