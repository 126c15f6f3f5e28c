import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from retention_lab.abtest.running_sample_ratio import alternatives, log_evidence, running_sample_ratio
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from tests.abtest.reference import expected

EVEN = np.array([0.5, 0.5])


def test_savvis_odds_are_the_evidence_of_one_dirichlet_about_the_plan() -> None:
    cases = expected("savvi_sequential_srm")["srm"]
    assert len(cases) == 15
    for case in cases:
        shares = np.array(case["null"])
        counts = np.array([step["cumulative"] for step in case["steps"]])
        evidence = log_evidence(counts, shares, case["dirichlet_k"] * shares[None, :])
        odds = [step["posterior_odds"] for step in case["steps"]]
        np.testing.assert_allclose(np.exp(evidence), odds, rtol=1e-9)
        so_far = np.minimum(1, 1 / np.maximum.accumulate(np.exp(evidence)))
        np.testing.assert_allclose(so_far, [step["p_value_running_min"] for step in case["steps"]], rtol=1e-9)


def test_evidence_that_overflows_elsewhere_is_a_logarithm_here() -> None:
    case = expected("savvi_sequential_srm")["overflow"]
    shares = np.array(case["null"])
    evidence = log_evidence(np.array(case["counts"]), shares, case["k"] * shares[None, :])
    assert float(evidence) == pytest.approx(np.log(case["posterior_odds"]), rel=1e-9)
    huge = log_evidence(1000 * np.array(case["counts"]), shares, case["k"] * shares[None, :])
    assert 1e5 < float(huge) < np.inf


def test_evidence_is_the_average_likelihood_ratio() -> None:
    dirichlets = np.array([[3.0, 5.0], [20.0, 4.0]])
    ratio = np.mean(
        [
            quad(lambda p, a=a, b=b: beta.pdf(p, a, b) * p**7 * (1 - p) ** 4 / (0.4**7 * 0.6**4), 0, 1)[0]
            for a, b in dirichlets
        ]
    )
    assert np.exp(float(log_evidence(np.array([7, 4]), np.array([0.4, 0.6]), dirichlets))) == pytest.approx(
        ratio
    )


@pytest.mark.parametrize("shares", [EVEN, np.array([0.02, 0.98]), np.array([0.5, 0.3, 0.2])])
def test_alternatives_move_one_arm_and_keep_the_others_in_proportion(shares: Floats) -> None:
    for planned in (50.0, 1e5, 1e8):
        dirichlets = alternatives(shares, planned)
        moved = dirichlets / dirichlets.sum(axis=1, keepdims=True)
        assert np.all((moved > 0) & (moved < 1))
        for row, change in enumerate(moved / shares):
            arm = row // 2
            assert (change[arm] > 1) == (row % 2 == 0)
            np.testing.assert_allclose(np.delete(change, arm), np.delete(change, arm)[0])


def test_the_p_value_remembers_the_strongest_evidence_so_far() -> None:
    counts = np.array([[100, 100], [25_600, 24_400], [50_000, 50_000]])
    found = running_sample_ratio(counts, EVEN)
    assert found.log_evidence[1] > 5 > 0 > found.log_evidence[2]
    np.testing.assert_allclose(found.log10_p, [0, *[-found.log_evidence[1] / np.log(10)] * 2])


def simulated(share: float, tests: int, looks: int, seed: int) -> Ints:
    """(tests, looks, 2) units so far, 100,000 at the end."""
    first = np.random.default_rng(seed).binomial(100_000 // looks, share, size=(tests, looks)).cumsum(axis=1)
    so_far = np.arange(1, looks + 1) * (100_000 // looks)
    return np.stack([first, so_far - first], axis=-1)


def test_a_clean_split_raises_an_alarm_at_most_as_often_as_the_threshold_says() -> None:
    counts = simulated(0.5, 4000, 100, 11)
    evidence = log_evidence(counts, EVEN, alternatives(EVEN, 100_000, 0.05))
    alarms = np.mean(np.max(evidence, axis=1) >= np.log(20))
    assert 0.005 < alarms < 0.05  # over 100 looks; the promise is for all the looks that there could be


def test_49_to_51_is_found_in_100_000_units_at_a_threshold_of_a_thousandth() -> None:
    for looks in (1, 20, 100):
        evidence = log_evidence(simulated(0.49, 8000, looks, 12), EVEN, alternatives(EVEN))
        found = np.mean(np.max(evidence, axis=1) >= np.log(1000))
        assert found > 0.99 - 0.003  # 2.7 binomial standard errors


@pytest.mark.slow
def test_a_thousandth_is_kept_over_a_thousand_looks() -> None:
    alarms = 0
    for seed in range(20):
        evidence = log_evidence(simulated(0.5, 1000, 1000, 100 + seed), EVEN, alternatives(EVEN))
        alarms += int(np.sum(np.max(evidence, axis=1) >= np.log(1000)))
    assert alarms <= 20 + 14  # of 20,000 tests: a thousandth, and 3.1 standard errors


def test_wide_counts_do_not_overflow() -> None:
    found = running_sample_ratio(np.array([[10**9, 10**9 + 10**7]]), EVEN)
    assert np.isfinite(found.log_evidence[0])
    assert found.log10_p[0] < -1000


@pytest.mark.parametrize(
    ("counts", "shares", "says"),
    [
        ([[10, 12], [9, 20]], [0.5, 0.5], "Look 2 has fewer"),
        ([[-1, 12]], [0.5, 0.5], "Look 1 has fewer"),
        ([[10, 12, 3]], [0.5, 0.5], "do not go with 2 shares"),
        ([[10, 12]], [0.4, 0.5], "sum to 1"),
        ([[10, 12]], [1.0, 0.0], "above 0"),
    ],
)
def test_counts_that_cannot_be_looks_are_refused(
    counts: list[list[int]], shares: list[float], says: str
) -> None:
    with pytest.raises(LabError, match=says):
        running_sample_ratio(np.array(counts), np.array(shares))


def test_a_plan_without_units_is_refused() -> None:
    with pytest.raises(LabError, match="0 units"):
        running_sample_ratio(np.array([[5, 5]]), EVEN, planned_units=0)
