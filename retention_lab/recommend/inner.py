"""Cuts inside what may be learned from: models of models are taught without a look at what judges them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.recommend.cuts import Cut, random_cut
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.wanted import Wanted, wanted_items

_MOST_USERS = 1_000  # per cut: enough to weigh a few models


@dataclass(frozen=True, slots=True)
class Lesson:
    """before: what may be seen. history: of those who came back, their own rows of it, in the order of
    wanted.user. wanted: what they turned to, items on offer only. offered: (items,) seen before."""

    before: Interactions
    history: Interactions
    wanted: Wanted
    offered: Bools


def inner_cuts(data: Interactions, ends: tuple[float, ...], window: float, seed: int) -> tuple[Cut, ...]:
    """By time, each after a share of the rows and foreseeing the next `window` of them; without times one
    random cut within each user."""
    if data.time is None:
        return (random_cut(data.user, 0.25, seed=seed),)
    order = np.sort(data.time)
    return tuple(_between(data.time, order, end, end + window) for end in ends)


def lessons(data: Interactions, cuts: tuple[Cut, ...], seed: int) -> Iterator[Lesson]:
    """One per cut at which somebody with a history turned to something new; others are passed over."""
    for cut in cuts:
        found = lesson(data, cut, seed)
        if found is not None:
            yield found


def lesson(data: Interactions, cut: Cut, seed: int) -> Lesson | None:
    """What a cut teaches: some of the users who come back after it, drawn at random where they are many."""
    before = data.take(cut.train)
    offered = np.bincount(before.item, minlength=data.item_count) > 0
    if not _something_new(data, cut, offered):
        return None
    wanted = wanted_items(data.user, data.item, cut, offered)
    wanted = wanted.among(_some(wanted.warm, seed))
    return Lesson(before, before.among(wanted.user), wanted, offered)


def _between(time: Floats, order: Floats, start: float, stop: float) -> Cut:
    first = order[min(len(order) - 1, int(len(order) * start))]
    last = order[min(len(order) - 1, int(len(order) * stop))]
    test = (time >= first) & ((time < last) | (stop >= 1))
    return Cut(f"time {start:.3g}", np.asarray(time < first), np.asarray(test, dtype=np.bool_))


def _something_new(data: Interactions, cut: Cut, offered: Bools) -> bool:
    known = np.bincount(data.user[cut.train], minlength=data.user_count) > 0
    key = data.user * data.item_count + data.item
    after = cut.test & known[data.user] & offered[data.item]
    return bool(np.any(~np.isin(key[after], key[cut.train])))


def _some(warm: Bools, seed: int) -> Bools:
    chosen: Ints = np.flatnonzero(warm)
    if len(chosen) > _MOST_USERS:
        chosen = np.random.default_rng(seed).choice(chosen, _MOST_USERS, replace=False)
    found = np.zeros(len(warm), dtype=np.bool_)
    found[chosen] = True
    return found
