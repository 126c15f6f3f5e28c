"""Why customers leave, as far as a shop can see it: events that those on their way out cause more often.

Each cause of leaving has one kind: a defect reported, a call to the service desk, a price looked up in a
comparison, a visit to a rival's page. Everybody causes all four now and then; whoever is fading, or turns
away in the course of a window, causes those of their own cause far more often. Who is gone for good causes
no more than anybody. They come from other systems than the shop's own pages: no session, no channel.
"""

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.simulate.calendar import Window, draw_times
from retention_lab.simulate.customers import REASONS, People
from retention_lab.simulate.events import KINDS, Events
from retention_lab.simulate.state import ACTIVE, FADING, State

MARK_OF = {
    "product": "defect_report",
    "service": "service_call",
    "price": "price_comparison",
    "competition": "rival_visit",
}
USUALLY, LEAVING = 0.1, 1.5  # per 30 days and kind: anybody's, and on top of it of one's own cause

_CODES = np.array([KINDS.index(MARK_OF[reason]) for reason in REASONS])


def leave_marks(
    people: People, before: State, after: State, window: Window, rng: np.random.Generator
) -> Events:
    """The marks of one window, by the phases at its start and its end."""
    mean = np.full((len(people), len(REASONS)), USUALLY)
    mean[np.arange(len(people)), people.reason] += LEAVING * on_the_way_out(before.phase, after.phase)
    count = rng.poisson(mean * (window.days / 30))
    customer = np.repeat(np.arange(len(people)), count.sum(1))
    kind = np.repeat(np.tile(_CODES, len(people)), count.ravel())
    at = draw_times(window, len(customer), rng)
    known = at >= people.signup[customer]
    none = np.full(int(known.sum()), -1)
    return Events(customer[known], at[known], kind[known], none, none, none)


def on_the_way_out(before: Ints, after: Ints) -> Bools:
    """(n,) fading at the window's start, or active then and not any more at its end."""
    return np.asarray((before == FADING) | ((before == ACTIVE) & (after != ACTIVE)), dtype=np.bool_)
