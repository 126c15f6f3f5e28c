from math import log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from retention_lab.abtest.sequential.confidence_sequence import half_width, optimal_rho
from retention_lab.abtest.sequential.planned_mixture import PlannedMixture, tuned_mixture
from retention_lab.abtest.sides import Alternative
from retention_lab.errors import LabError

ALTERNATIVES: list[Alternative] = ["two_sided", "greater", "less"]


def averaged(mixture: PlannedMixture, z: float, share: float) -> float:
    """The likelihood ratio of an effect, averaged by numerical integration, in standard errors of the end."""
    spread, two_sided = np.sqrt(mixture.variance), mixture.alternative == "two_sided"

    def weight(effect: float) -> float:
        up = norm.pdf(effect, mixture.centre, spread)
        if two_sided:
            return float(up + norm.pdf(effect, -mixture.centre, spread)) / 2
        return float(up / norm.cdf(mixture.centre / spread))

    low = -20.0 if two_sided else 0.0
    score = z * np.sqrt(share)
    ratio = quad(
        lambda effect: weight(effect) * np.exp(effect * score - share * effect**2 / 2), low, 20, epsabs=0
    )
    return float(ratio[0])


@pytest.mark.parametrize("alternative", ["two_sided", "greater"])
@pytest.mark.parametrize(("z", "share"), [(0.3, 0.1), (-1.0, 0.5), (3.0, 1.0), (4.0, 3.0)])
def test_evidence_is_the_average_likelihood_ratio(alternative: Alternative, z: float, share: float) -> None:
    mixture = tuned_mixture(1000, alternative=alternative)
    evidence = float(mixture.log_evidence(np.array(z), np.array(1000 * share)))
    assert np.exp(evidence) == pytest.approx(averaged(mixture, z, share), rel=1e-7)


def test_without_a_centre_it_is_the_normal_mixture() -> None:
    rho = optimal_rho(5000)
    mixture = PlannedMixture(5000, 0.0, 5000 * rho**2)
    units = np.geomspace(100, 1e6, 30)
    np.testing.assert_allclose(mixture.critical_value(units), half_width(np.ones(30), units, rho), rtol=1e-12)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("alpha", [0.2, 0.05, 1e-6, 1e-300])
def test_the_critical_value_is_where_evidence_reaches_the_level(
    alternative: Alternative, alpha: float
) -> None:
    mixture = tuned_mixture(20_000, 0.05, alternative=alternative)
    units = np.geomspace(2, 1e8, 40)
    critical = mixture.critical_value(units, alpha)
    signed = -critical if alternative == "less" else critical
    np.testing.assert_allclose(mixture.log_evidence(signed, units), log(1 / alpha), rtol=1e-11)


@pytest.mark.parametrize("alternative", ["two_sided", "greater"])
@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.01])
def test_intervals_are_shorter_than_the_tuned_normal_mixtures_throughout_the_plan(
    alpha: float, alternative: Alternative
) -> None:
    units = 20_000 * np.array([0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5])
    rho = optimal_rho(20_000, alpha, alternative=alternative)
    mine = tuned_mixture(20_000, alpha, alternative=alternative).critical_value(units, alpha)
    theirs = half_width(np.ones(7), units, rho, alpha, alternative=alternative)
    if alpha == 0.01:  # at a tenth of the plan about as long: both reach 4.3 standard errors
        assert mine[0] / theirs[0] < 1.01
        mine, theirs = mine[1:], theirs[1:]
    assert np.all(mine < theirs)


def test_the_documented_gain_and_price_against_the_normal_mixture() -> None:
    units = 20_000 * np.array([0.05, 0.5, 1.0, 1.9, 4.0])
    ratio = tuned_mixture(20_000).critical_value(units) / half_width(np.ones(5), units, optimal_rho(20_000))
    np.testing.assert_allclose(ratio, [0.979, 0.932, 0.961, 1.0, 1.046], atol=0.003)


def test_only_the_share_of_the_plan_matters() -> None:
    shares = np.array([0.1, 1.0, 2.0])
    np.testing.assert_allclose(
        tuned_mixture(500).critical_value(500 * shares), tuned_mixture(1e6).critical_value(1e6 * shares)
    )


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_under_no_effect_evidence_averages_1(alternative: Alternative) -> None:
    mixture = tuned_mixture(100, alternative=alternative)
    for share in (0.1, 1.0, 5.0):
        mean = quad(
            lambda z, n=100 * share: norm.pdf(z) * np.exp(float(mixture.log_evidence(np.array(z), n))),
            -30,
            30,
            points=[-6, -3, 0, 3, 6],
        )[0]
        assert mean == pytest.approx(1.0, rel=1e-6)


def test_two_sided_evidence_does_not_know_the_sign() -> None:
    mixture = tuned_mixture(100)
    z = np.linspace(0, 9, 10)
    np.testing.assert_array_equal(mixture.log_evidence(z, 50.0), mixture.log_evidence(-z, 50.0))


@pytest.mark.parametrize(("planned", "alpha"), [(0, 0.05), (np.inf, 0.05), (100, 0.0), (100, 1.5)])
def test_a_plan_without_units_or_level_is_refused(planned: float, alpha: float) -> None:
    with pytest.raises(LabError):
        tuned_mixture(planned, alpha)


def test_a_look_without_units_is_refused() -> None:
    with pytest.raises(LabError, match="no units"):
        tuned_mixture(100).critical_value(np.array([0.0, 10.0]))
