from dataclasses import replace

import numpy as np
import pytest

from retention_lab.arrays import Ints
from retention_lab.simulate.calendar import DAY
from retention_lab.simulate.customers import People, draw_people
from retention_lab.simulate.state import (
    ACTIVE,
    BACK_FROM_FADING,
    BACK_FROM_GONE,
    CONTACT_MEMORY,
    FADING,
    GONE,
    GONE_AFTER_FADING,
    QUIT_FOR_GOOD,
    State,
    first_state,
    move_on,
)

COUNT, START = 20_000, 20_000 * DAY
NOBODY = np.zeros(COUNT, dtype=np.bool_)


@pytest.fixture(scope="module")
def people() -> People:
    """Customers who signed up up to two years around the start of the history."""
    return draw_people(COUNT, START - 360 * DAY, START + 360 * DAY, np.random.default_rng(1))


def at_the_end(people: People, phase: int) -> State:
    """Everybody signed up, and in one phase."""
    state = first_state(people, START, 0.0, np.random.default_rng(2))
    return replace(state, at=START + 720 * DAY, phase=np.full(COUNT, phase))


def moved(state: State, people: People, days: int = 30, seed: int = 3) -> State:
    return move_on(state, people, days, NOBODY, NOBODY, 0.0, np.random.default_rng(seed))


def share(phase: Ints, of: int) -> float:
    return float((phase == of).mean())


def test_nobody_who_has_yet_to_sign_up_has_left(people: People) -> None:
    state = first_state(people, START, 0.0, np.random.default_rng(2))
    later = people.signup >= START
    assert 0.1 < later.mean() < 0.9
    assert (state.phase[later] == ACTIVE).all()
    assert (state.phase[~later] == GONE).any()
    assert (state.drift == 0).all()


def test_phases_change_at_the_rates_that_are_said(people: People) -> None:
    active = moved(at_the_end(people, ACTIVE), people).phase
    fading = moved(at_the_end(people, FADING), people).phase
    gone = moved(at_the_end(people, GONE), people).phase
    # 4 standard errors of a share of 20,000
    assert share(active, FADING) == pytest.approx(people.hazard.mean(), abs=0.012)
    assert share(active, GONE) == 0
    assert share(fading, GONE) == pytest.approx(GONE_AFTER_FADING, abs=0.013)
    assert share(fading, ACTIVE) == pytest.approx(BACK_FROM_FADING, abs=0.011)
    assert share(gone, ACTIVE) == pytest.approx(BACK_FROM_GONE, abs=0.005)
    assert share(gone, FADING) == 0


def test_contacts_are_forgotten_by_days_and_not_by_steps(people: People) -> None:
    state = replace(at_the_end(people, ACTIVE), contacts=np.full(COUNT, 2.0))
    once, twice = moved(state, people, 30), moved(moved(state, people, 10), people, 20)
    np.testing.assert_allclose(once.contacts, 2.0 * CONTACT_MEMORY)
    np.testing.assert_allclose(twice.contacts, once.contacts)
    assert once.at == twice.at == state.at + 30 * DAY


def test_whom_contact_drove_away_is_gone_for_good_or_fades(people: People) -> None:
    state, everybody = at_the_end(people, ACTIVE), np.ones(COUNT, dtype=np.bool_)
    after = move_on(state, people, 30, everybody, NOBODY, 0.0, np.random.default_rng(4)).phase
    assert share(after, ACTIVE) == 0
    assert share(after, GONE) == pytest.approx(QUIT_FOR_GOOD, abs=0.013)  # 4 standard errors


def test_an_order_after_contact_brings_everybody_back_who_was_fading(people: People) -> None:
    state, everybody = at_the_end(people, FADING), np.ones(COUNT, dtype=np.bool_)
    after = move_on(state, people, 30, NOBODY, everybody, 0.0, np.random.default_rng(5)).phase
    assert share(after, ACTIVE) == 1


def test_the_phase_of_those_who_have_yet_to_sign_up_does_not_change(people: People) -> None:
    state = replace(at_the_end(people, FADING), at=START)
    after = moved(state, people).phase
    assert (after[people.signup >= START] == FADING).all()
    assert (after[people.signup < START] != FADING).any()


def test_the_drift_of_offers_stays_as_wide_as_it_began(people: People) -> None:
    rng = np.random.default_rng(6)
    state = first_state(people, START, 0.4, rng)
    seen = []
    for _ in range(400):
        state = move_on(state, people, 30, NOBODY, NOBODY, 0.4, rng)
        seen.append(state.drift)
    # memory .9: 400 steps of 5 offers are worth about 105 independent draws, whose 3 standard errors are .09
    assert np.std(seen) == pytest.approx(0.4, abs=0.09)


def test_the_same_seed_moves_everybody_alike(people: People) -> None:
    state = at_the_end(people, ACTIVE)
    np.testing.assert_array_equal(moved(state, people, seed=7).phase, moved(state, people, seed=7).phase)
    assert (moved(state, people, seed=7).phase != moved(state, people, seed=8).phase).any()
