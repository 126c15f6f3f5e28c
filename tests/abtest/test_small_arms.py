from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.small_arms import skewness_check
from retention_lab.abtest.summarise import summarise
from retention_lab.abtest.trust import trust
from retention_lab.checks import Check
from tests.abtest import units

ADJUSTED = {**units.MEAN, "covariates": ["before"]}
RATIO = {"name": "basket", "type": "ratio", "numerator": "spend", "denominator": "orders"}


def spend(seed: int, count: int) -> np.ndarray:
    """A tenth buy, for lognormal amounts."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(count) < 0.1, rng.lognormal(0.0, 1.0, count), 0.0)


def checked(metric: dict[str, Any], control: int, treated: int, **more: Any) -> Check:
    rng = np.random.default_rng(3)
    rows = control + treated
    table = units.arms(
        spend(1, control),
        spend(2, treated),
        before=rng.gamma(1.0, size=rows),
        orders=1.0 + rng.poisson(1.0, rows),
        store=np.concatenate([np.arange(control) // 5, 10**6 + np.arange(treated) // 5]),
    )
    of = units.spec(metric, **more)
    return skewness_check(summarise(table, of), of.metrics[0], of)[0]


@pytest.mark.parametrize("metric", [units.MEAN, ADJUSTED, RATIO])
@pytest.mark.parametrize("arms", [(5000, 5000), (500, 500)])
def test_equal_arms_cancel_each_others_skewness(metric: dict[str, Any], arms: tuple[int, int]) -> None:
    assert checked(metric, *arms)["passed"]


def test_a_mean_is_corrected_for_where_an_adjusted_one_is_warned_of() -> None:
    plain, adjusted, ratio = (checked(metric, 9000, 1000) for metric in (units.MEAN, ADJUSTED, RATIO))
    assert plain["value"] == adjusted["value"] == ratio["value"]
    assert plain["passed"]
    for one in (adjusted, ratio, checked(units.MEAN, 9000, 1000, analysis={"skewness": "ignored"})):
        assert (one["severity"], one["passed"], one["threshold"]) == ("soft", False, 0.1)
    assert "b has too few units, 1,000, for so skewed a metric" in adjusted["detail"]


@pytest.mark.parametrize(
    ("metric", "analysis"),
    [
        (units.MEAN, {"relative": "log"}),
        (units.MEAN, {"relative": "delta"}),
        (ADJUSTED, {"adjustment": "by_arm"}),
    ],
)
def test_arms_that_are_transformed_each_on_its_own_cancel_nothing(
    metric: dict[str, Any], analysis: dict[str, str]
) -> None:
    few, many = (checked(metric, count, count, analysis=analysis) for count in (500, 20_000))
    assert (few["passed"], few["threshold"]) == (False, 0.2)
    assert many["passed"]
    assert checked(units.MEAN, 500, 500, analysis={"adjustment": "by_arm"})["passed"]  # nothing to adjust for


@pytest.mark.parametrize(("control", "treated", "small"), [(4500, 100, "b"), (100, 4500, "a")])
def test_the_smaller_arm_is_named_whichever_it_is(control: int, treated: int, small: str) -> None:
    found = checked(units.MEAN, control, treated)
    assert found["passed"] is False
    assert found["detail"].startswith(f"{small} has too few units, 100,")


def test_of_clusters_it_is_their_totals_that_are_skewed() -> None:
    whole, single = (checked(units.MEAN, 9000, 1000, **more) for more in ({"cluster": "store"}, {}))
    assert isinstance(whole["value"], float)
    assert isinstance(single["value"], float)
    assert whole["threshold"] == 0.1  # clusters are compared by ratios
    assert whole["value"] == pytest.approx(
        single["value"], rel=0.1
    )  # units of a cluster are independent here


def test_it_is_asked_of_every_metric_that_rests_on_means_and_leaves_the_test_trustworthy() -> None:
    quantile = {"name": "p90", "type": "quantile", "column": "spend", "q": 0.9}
    of = units.spec(units.MEAN, quantile)
    found = trust(summarise(units.arms(spend(1, 4500), spend(2, 100)), of), of)
    assert [one["passed"] for one in found.checks if one["name"].startswith("skewed_small_arm")] == [False]
    assert found.trustworthy
    (one,) = [one for one in found.findings if one.kind == "skewed_small_arm"]
    assert one.facts == {"metric": "spend", "arm": "b", "units": 100.0}


def test_arms_that_do_not_vary_are_not_skewed() -> None:
    of = units.spec()
    summary = summarise(units.arms(np.zeros(50), np.zeros(5)), of)
    assert skewness_check(summary, of.metrics[0], of)[0]["value"] == 0.0
