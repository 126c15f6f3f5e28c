import pytest

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.hypothesis import Hypothesis, non_inferiority
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome
from retention_lab.abtest.design.precision import Precision
from retention_lab.errors import LabError

MEAN = MeanOutcome(10.0, 25.0)


def test_the_standard_error_is_that_of_two_means() -> None:
    comparison = Comparison("spend", MeanOutcome(10.0, 25.0, 36.0), shares=(0.8, 0.2))
    error, tested = comparison.standard_errors(1.0, 1_000.0)
    assert error == pytest.approx((25 / 800 + 36 / 200) ** 0.5)
    assert tested == error


def test_a_pooled_test_divides_by_another_error_than_the_effect_has() -> None:
    comparison = Comparison("rate", ProportionOutcome(0.1), Hypothesis(pooled=True), (0.8, 0.2))
    error, tested = comparison.standard_errors(0.1, 1_000.0)
    assert error == pytest.approx((0.09 / 800 + 0.16 / 200) ** 0.5)
    assert tested == pytest.approx((0.12 * 0.88 * (1 / 800 + 1 / 200)) ** 0.5)


def test_of_several_arms_the_smallest_is_planned_for() -> None:
    assert Comparison("spend", MEAN, shares=(0.5, 0.2, 0.3)).compared_shares == (0.5, 0.2)


def test_welch_has_the_pooled_freedom_only_where_arms_are_alike() -> None:
    alike = Comparison("spend", MEAN)
    pooled = Comparison("spend", MEAN, Hypothesis(pooled=True))
    assert alike.freedom(0.0, 100.0) == pytest.approx(98)
    assert pooled.freedom(0.0, 100.0) == pytest.approx(98)
    uneven = Comparison("spend", MEAN, shares=(0.9, 0.1)).freedom(0.0, 100.0)
    assert uneven is not None
    assert uneven < 15
    assert Comparison("spend", MEAN, Hypothesis(distribution="normal")).freedom(0.0, 100.0) is None


def test_clusters_are_the_units_that_freedom_counts() -> None:
    clustered = Comparison("spend", MEAN, precision=Precision(cluster_size=10, intraclass_correlation=0.1))
    assert clustered.freedom(0.0, 1_000.0) == pytest.approx(98)
    assert clustered.fewest_units == 40


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((1.0,), "1 shares were given"),
        ((0.5, 0.4), "sum to 0.9"),
        ((1.0, 0.0), "share of arm 0 is 1"),
        ((0.6, 0.6, -0.2), "share of arm 2 is -0.2"),
    ],
)
def test_impossible_shares_are_refused(shares: tuple[float, ...], words: str) -> None:
    with pytest.raises(LabError, match=words):
        Comparison("spend", MEAN, shares=shares)


def test_a_margin_as_large_as_the_proportion_is_refused() -> None:
    with pytest.raises(LabError, match="The null effect is -0"):
        Comparison("complaints", ProportionOutcome(0.01), non_inferiority(0.02))
