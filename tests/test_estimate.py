import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.estimate import mean_estimate, normal_estimate, not_computed, several_units, unit_codes


def test_a_mean_has_the_textbook_standard_error() -> None:
    scores = np.array([1.0, 2.0, 4.0, 9.0])
    estimate = mean_estimate(scores)
    assert estimate.value == 4.0
    assert estimate.se == pytest.approx(scores.std(ddof=1) / 2)
    assert estimate.low < 4.0 < estimate.high


def test_many_symmetric_scores_have_the_normal_interval() -> None:
    estimate = mean_estimate(np.random.default_rng(3).normal(size=100_000))
    assert estimate.high - estimate.value == pytest.approx(1.959964 * estimate.se, rel=0.005)


def test_rows_of_one_customer_count_as_one_draw() -> None:
    scores = np.array([1.0, 2.0, 4.0, 9.0])
    doubled = mean_estimate(np.repeat(scores, 3), np.repeat(np.arange(4), 3))
    assert doubled.se == pytest.approx(mean_estimate(scores).se)


def test_group_names_and_row_order_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    scores, group = rng.normal(size=50), rng.integers(0, 9, 50)
    order = rng.permutation(50)
    renamed = np.array([f"customer {g}" for g in group])
    assert mean_estimate(scores[order], renamed[order]).se == pytest.approx(mean_estimate(scores, group).se)


def test_intervals_cover_the_truth_as_often_as_they_say_with_repeated_customers() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(1000):
        customer = np.repeat(np.arange(200), 3)
        scores = rng.normal(size=200)[customer] + rng.normal(size=600)
        estimate = mean_estimate(scores, customer)
        covered += estimate.low <= 0 <= estimate.high
    assert abs(covered / 1000 - 0.95) < 0.022  # 3.2 binomial standard errors


@pytest.mark.parametrize("scores", [np.array([]), np.array([1.0])])
def test_no_spread_is_refused(scores: np.ndarray) -> None:
    with pytest.raises(LabError, match="independent units"):
        mean_estimate(scores)


def test_a_single_customer_with_many_rows_is_refused() -> None:
    with pytest.raises(LabError, match="1 independent units"):
        mean_estimate(np.array([1.0, 2.0]), np.array(["a", "a"]))


def test_a_missing_score_is_refused_and_never_averaged_away() -> None:
    with pytest.raises(LabError, match="missing or infinite"):
        mean_estimate(np.array([1.0, np.nan, 2.0]))


def test_the_p_value_speaks_about_the_null_that_was_named() -> None:
    assert normal_estimate(1.0, 0.5, null=1.0).p_value == 1.0
    assert normal_estimate(1.0, 0.5).p_value == pytest.approx(0.0455, abs=1e-4)


def test_without_spread_the_interval_is_a_point() -> None:
    assert normal_estimate(0.0, 0.0).p_value == 1.0
    assert normal_estimate(0.1, 0.0).p_value == 0.0
    assert normal_estimate(0.1, 0.0).low == normal_estimate(0.1, 0.0).high == 0.1


def test_a_negative_factor_turns_the_interval_round() -> None:
    turned = normal_estimate(1.0, 0.5).scaled(-2.0)
    assert turned.value == -2.0
    assert turned.low < turned.value < turned.high
    assert turned.p_value == normal_estimate(1.0, 0.5).p_value


def test_json_has_the_four_numbers_or_a_reason() -> None:
    assert list(normal_estimate(1.0, 0.5).as_json()) == ["value", "ci_low", "ci_high", "p_value"]
    assert not_computed("no rows")["value"] is None
    assert not_computed("no rows")["reason"] == "no rows"


def test_customers_of_any_type_become_numbers_without_gaps() -> None:
    for group in (np.array(["b", "a", "b"]), np.array([9, 4, 9]), np.array([2**40, -1, 2**40])):
        np.testing.assert_array_equal(unit_codes(group), [1, 0, 1])
    np.testing.assert_array_equal(unit_codes(np.array([0, 2, 1])), [0, 2, 1])


def test_rows_are_several_units_only_where_they_are_of_several_customers() -> None:
    assert several_units(2, None)
    assert several_units(2, np.array(["a", "b"]))
    assert not several_units(2, np.array(["a", "a"]))
    assert not several_units(1, None)
