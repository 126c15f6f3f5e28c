from math import log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from retention_lab.abtest.sequential.boundaries import boundaries
from retention_lab.abtest.sequential.spending import Spending, obrien_fleming, pocock, power_family
from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from tests.abtest.reference import expected


def even_looks(count: int) -> Floats:
    return np.arange(1, count + 1) / count


@pytest.mark.parametrize(
    ("spend", "published"),
    [
        (obrien_fleming, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        (pocock, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_five_looks_have_the_boundaries_that_lan_and_demets_published(
    spend: Spending, published: list[float]
) -> None:
    looks = even_looks(5)
    found = boundaries(looks, spend(looks, log(0.025)), two_sided=True)
    np.testing.assert_allclose(
        found, published, atol=1.2e-4
    )  # published to four places, some cut not rounded


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("first", [0.02, 0.5, 0.97])
def test_the_second_boundary_is_that_of_adaptive_quadrature(first: float, two_sided: bool) -> None:
    looks = np.array([first, 1.0])
    one, two = boundaries(looks, power_family(2.0)(looks, log(0.025)), two_sided=two_sided)
    assert norm.sf(one) == pytest.approx(0.025 * first**2, rel=1e-10)
    step = np.sqrt(1 - first)
    reaches_and_rejects = quad(
        lambda z: norm.pdf(z) * norm.sf((two - z * np.sqrt(first)) / step),
        -one if two_sided else -12,
        one,
        epsabs=1e-15,
        epsrel=1e-12,
        limit=400,
        points=[min(one - 1e-6, two / np.sqrt(first))],
    )[0]
    assert reaches_and_rejects == pytest.approx(0.025 * (1 - first**2), rel=1e-9)


def test_three_unequal_looks_reject_as_often_as_the_multivariate_normal_says() -> None:
    looks = np.array([0.2, 0.55, 1.1])
    critical = boundaries(looks, pocock(np.minimum(looks, 1), log(0.05)), two_sided=False)
    correlation = np.sqrt(np.minimum.outer(looks, looks) / np.maximum.outer(looks, looks))
    kept = multivariate_normal.cdf(
        critical, np.zeros(3), correlation, abseps=1e-8, releps=1e-8, maxpts=2_000_000
    )
    assert 1 - kept == pytest.approx(0.05, abs=1e-6)


def spent_on_a_grid(looks: Floats, critical: Floats) -> Floats:
    """What later looks spend, by the trapezoid rule in twentieths of a step from -8 standard errors."""
    spent = []
    grid = mass = np.empty(0)
    for k in range(len(looks) - 1):
        root, own = np.sqrt(looks[k]), np.sqrt(looks[k] - (looks[k - 1] if k else 0))
        points = int(np.ceil((critical[k] + 8) * root / (0.05 * own))) + 1
        at = np.linspace(-8 * root, critical[k] * root, points)
        density = norm.pdf(at[:, None], grid[None, :], own) @ mass if k else norm.pdf(at, scale=own)
        grid, mass = at, density * (at[1] - at[0])
        mass[[0, -1]] /= 2
        step = np.sqrt(looks[k + 1] - looks[k])
        spent.append(norm.sf(critical[k + 1] * np.sqrt(looks[k + 1]), grid, step) @ mass)
    return np.array(spent)


def test_spotifys_bounds_are_ours_within_the_error_of_their_grid() -> None:
    cases = expected("spotify_confidence")["alpha_spending_bounds"]
    assert len(cases) == 12
    for case in cases:
        looks, rho, theirs = np.array(case["information_fractions"]), case["rho"], np.array(case["bounds"])
        found = boundaries(looks, power_family(rho)(looks, log(case["alpha"])), two_sided=False)
        # The first is a normal quantile. The others of theirs come from the trapezoid rule on a grid that
        # ends at a jump, where it errs in the fifth place, and from a search that stops at 1e-7 of alpha: by
        # that rule their bounds spend what they may, and ours would not.
        assert found[0] == pytest.approx(theirs[0], rel=1e-9)
        np.testing.assert_allclose(found, theirs, rtol=6e-5)
        may_spend = case["alpha"] * np.diff(looks**rho)
        assert np.max(np.abs(spent_on_a_grid(looks, theirs) - may_spend)) < 1.001e-7
        assert np.max(np.abs(spent_on_a_grid(looks, found) - may_spend)) > 5e-7


def test_boundaries_do_not_depend_on_looks_that_are_still_to_come() -> None:
    looks = even_looks(6)
    spent = obrien_fleming(looks, log(0.025))
    np.testing.assert_allclose(
        boundaries(looks, spent, two_sided=True)[:3],
        boundaries(looks[:3], spent[:3], two_sided=True),
        rtol=1e-11,
    )


def test_only_ratios_of_information_matter() -> None:
    looks = np.array([0.1, 0.15, 0.8, 1.0])
    spent = obrien_fleming(looks, log(0.025))
    np.testing.assert_allclose(
        boundaries(looks, spent, two_sided=True), boundaries(4e4 * looks, spent, two_sided=True), rtol=1e-11
    )


def test_a_hundred_looks_spend_what_they_may() -> None:
    looks = even_looks(100)
    critical = boundaries(looks, pocock(looks, log(0.025)), two_sided=True)
    rng = np.random.default_rng(5)
    score = np.cumsum(rng.normal(size=(20_000, 100)) / 10, axis=1)
    rejected = np.mean(np.any(np.abs(score) / np.sqrt(looks) > critical, axis=1))
    assert abs(rejected - 0.05) < 0.005  # 3.2 binomial standard errors


def test_looks_that_spend_less_than_a_double_can_hold_have_finite_boundaries() -> None:
    looks = np.array([0.0005, 0.001, 0.5, 1.0])
    critical = boundaries(looks, obrien_fleming(looks, log(0.025)), two_sided=True)
    assert np.all(np.isfinite(critical))
    assert np.all(np.diff(critical) < 0)
    late = boundaries(looks[2:], obrien_fleming(looks[2:], log(0.025)), two_sided=True)
    np.testing.assert_allclose(critical[2:], late, rtol=1e-11)  # as if the early ones had not been


def test_a_look_that_spends_nothing_never_rejects() -> None:
    critical = boundaries(np.array([0.3, 0.6, 1.0]), np.log([0.01, 0.01, 0.025]), two_sided=True)
    assert critical[1] == np.inf
    without = boundaries(np.array([0.3, 1.0]), np.log([0.01, 0.025]), two_sided=True)
    np.testing.assert_allclose(critical[[0, 2]], without, rtol=1e-10)


@pytest.mark.parametrize("looks", [[], [0.0, 1.0], [0.5, 0.4], [0.5, 0.50001], [0.5, np.nan]])
def test_looks_that_are_not_those_of_a_test_are_refused(looks: list[float]) -> None:
    with pytest.raises(LabError):
        boundaries(np.array(looks), np.log(np.linspace(0.01, 0.02, len(looks))), two_sided=True)
