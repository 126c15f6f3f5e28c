"""What always-valid tests promise over many looks at outcomes as they come, and what they find."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import log

import numpy as np
import pytest

from retention_lab.abtest.sequential.confidence_sequence import half_width
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.sequential.planned_mixture import PlannedMixture, tuned_mixture
from retention_lab.abtest.sides import Alternative, toward
from retention_lab.arrays import Bools, Floats, Ints

ALTERNATIVES: list[Alternative] = ["two_sided", "greater", "less"]
Outcome = Callable[[np.random.Generator, tuple[int, ...]], Floats]


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.normal(size=shape)


def conversion(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return (rng.random(shape) < 0.1).astype(float)


def spend(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """One in ten buys, for lognormal amounts."""
    amounts = np.zeros(shape)
    buys = rng.random(shape) < 0.1
    amounts[buys] = rng.lognormal(sigma=1.0, size=int(buys.sum()))
    return amounts


@dataclass(frozen=True)
class Looks:
    """t: (tests, looks) effects in Welch's standard errors; units: (looks,) so far."""

    t: Floats
    units: Floats


def looks_at(
    outcome: Outcome, tests: int, looks: int, arm_units: tuple[int, int], seed: int
) -> Iterator[Looks]:
    """Tests of arms that are alike, in blocks of 250, from the first look that may be taken."""
    rng = np.random.default_rng(seed)
    steps = np.array(arm_units) // looks
    units = np.arange(1, looks + 1)[:, None] * steps
    begun = units.min(axis=1) >= FEWEST_UNITS
    for _ in range(tests // 250):
        powers = np.empty((2, 250, looks, 2))
        for arm, step in enumerate(steps):
            new = outcome(rng, (250, looks, int(step)))
            for k in range(2):
                powers[k, :, :, arm] = (new ** (k + 1)).sum(axis=2).cumsum(axis=1) / units[:, arm]
        yield _looks(powers[:, :, begun], units[begun])


def _looks(powers: Floats, units: Ints) -> Looks:
    one, two = powers
    variance = np.maximum(two - one**2, 1e-12)
    error = np.sqrt(np.sum(variance / (units - 1), axis=-1))
    return Looks((one[..., 1] - one[..., 0]) / error, units.sum(axis=1))


def rejected(looks: Iterable[Looks], mixture: PlannedMixture) -> float:
    """How often one look or more rejects."""
    beyond = [toward(mixture.alternative, one.t) > mixture.critical_value(one.units) for one in looks]
    return float(np.mean([np.any(one, axis=1) for one in beyond]))


@pytest.mark.parametrize("outcome", [normal, conversion, spend])
@pytest.mark.parametrize("looks", [28, 100])
def test_any_of_many_looks_at_a_thousand_units_an_arm_rejects_at_most_as_often_as_it_says(
    outcome: Outcome, looks: int
) -> None:
    assert 0 < rejected(looks_at(outcome, 1000, looks, (1000, 1000), 1), tuned_mixture(2000)) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("outcome", [normal, conversion, spend])
@pytest.mark.parametrize("looks", [28, 100])
def test_the_level_holds_on_either_side_too(outcome: Outcome, looks: int) -> None:
    found = list(looks_at(outcome, 10_000, looks, (1000, 1000), 2))
    for alternative in ALTERNATIVES:
        mixture = tuned_mixture(2000, alternative=alternative)
        assert rejected(found, mixture) < 0.035


def scores(tests: int, shares: Floats, effect: float, seed: int) -> Floats:
    """(tests, looks) effects in standard errors of large samples; `effect`: of the last look, on average."""
    steps = np.sqrt(np.diff(shares, prepend=0))
    noise = np.random.default_rng(seed).normal(size=(tests, len(shares))) * steps
    return (noise.cumsum(axis=1) + effect * shares) / np.sqrt(shares)


def gbstats_critical_value(units: Floats) -> Floats:
    """Its confidence sequence as it comes: tuned to 5,000 units whatever is planned."""
    spread = -2 * log(0.05)
    rho = float(np.sqrt((spread + np.log1p(spread)) / 5000))
    return half_width(np.ones_like(units), units, rho)


def beyond(z: Floats, critical: Floats) -> Bools:
    return np.any(np.abs(z) > critical, axis=1)


@pytest.mark.parametrize("planned", [2000, 4000, 6000, 20_000, 100_000, 1_000_000])
@pytest.mark.parametrize("effect", [1.5, 2.8, 4.0])
def test_more_is_found_by_the_planned_end_than_with_gbstats_tuning(planned: int, effect: float) -> None:
    units = planned * np.arange(1, 29) / 28
    units = units[units >= 200]
    z = scores(5000, units / planned, effect, 3)
    mine = beyond(z, tuned_mixture(planned).critical_value(units)).mean()
    assert mine > beyond(z, gbstats_critical_value(units)).mean() + 0.015


def test_ten_thousand_tests_of_a_hundred_looks_take_seconds() -> None:
    units = 1000.0 * np.arange(1, 101)
    z = scores(10_000, units / 1e5, 0.0, 4)
    mixture = tuned_mixture(100_000)
    assert 0.01 < beyond(z, mixture.critical_value(units)).mean() < 0.05
    assert np.mean(np.max(mixture.log_evidence(z, units), axis=1) > log(20)) == pytest.approx(
        beyond(z, mixture.critical_value(units)).mean()
    )
