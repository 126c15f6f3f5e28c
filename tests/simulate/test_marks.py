from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from retention_lab.simulate import AS_OF, Retailer, respond, retailer
from retention_lab.simulate.calendar import Window, microseconds
from retention_lab.simulate.customers import REASONS
from retention_lab.simulate.events import KINDS
from retention_lab.simulate.marks import LEAVING, MARK_OF, USUALLY, leave_marks
from retention_lab.simulate.state import ACTIVE, FADING, GONE
from tests.simulate.observed import DAY, index_of, moments


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(3_000, seed=2)


def marks_per_customer(shop: Retailer, before: int, after: int, days: int = 60) -> np.ndarray:
    """(n, 4) marks by cause of a window in which everybody is in the same phases."""
    n = len(shop.world.people)
    start, end = (replace(shop.state, phase=np.full(n, phase)) for phase in (before, after))
    window = Window(shop.state.at, days)
    found = leave_marks(shop.world.people, start, end, window, np.random.default_rng(1))
    assert ((found.at >= window.start) & (found.at < window.end)).all()
    kinds = [KINDS.index(MARK_OF[reason]) for reason in REASONS]
    return np.column_stack([np.bincount(found.customer[found.kind == kind], minlength=n) for kind in kinds])


@pytest.mark.parametrize(("before", "after"), [(FADING, FADING), (FADING, GONE), (ACTIVE, FADING)])
def test_those_on_their_way_out_leave_marks_of_their_own_cause(
    shop: Retailer, before: int, after: int
) -> None:
    counts = marks_per_customer(shop, before, after)
    own = np.zeros_like(counts, dtype=bool)
    own[np.arange(len(counts)), shop.world.people.reason] = True
    for found, rate in ((counts[own], USUALLY + LEAVING), (counts[~own], USUALLY)):
        spread = np.sqrt(2 * rate / len(found))  # Poisson over two months
        assert abs(found.mean() - 2 * rate) < 4 * spread


@pytest.mark.parametrize(("before", "after"), [(ACTIVE, ACTIVE), (GONE, GONE), (GONE, ACTIVE)])
def test_all_others_leave_each_mark_as_often_as_anybody(shop: Retailer, before: int, after: int) -> None:
    counts = marks_per_customer(shop, before, after)
    assert abs(counts.mean() - 2 * USUALLY) < 4 * np.sqrt(2 * USUALLY / counts.size)


def test_marks_are_events_without_session_product_or_channel(shop: Retailer) -> None:
    marks = marks_of(shop.tables["events"])
    assert set(marks["kind"].unique().to_pylist()) == set(MARK_OF.values())
    for name in ("session_id", "product_id", "channel"):
        assert marks[name].null_count == marks.num_rows
    signup = moments(shop.tables["customers"]["signup_at"])
    assert (moments(marks["at"]) >= signup[index_of(shop, marks["customer_id"])]).all()


def test_who_answers_a_campaign_leaves_marks_too(shop: Retailer) -> None:
    nobody = pa.table({"customer_id": pa.array([], pa.string()), "arm": pa.array([], pa.string())})
    at = moments(marks_of(respond(shop, nobody, AS_OF).tables["events"])["at"])
    assert at.min() >= microseconds(AS_OF)
    usual = 4 * USUALLY * len(shop.world.people)
    assert usual < len(at) < 2 * usual  # of whom a tenth or so are on their way out
    assert at.max() < microseconds(AS_OF) + 30 * DAY


def marks_of(events: pa.Table) -> pa.Table:
    return events.filter(pc.is_in(events["kind"], pa.array(list(MARK_OF.values()))))
