from math import sqrt
from typing import Any

import pytest

from retention_lab.abtest.bayes import NormalPrior, Posterior, effect_posterior, mean_excess
from retention_lab.errors import LabError
from tests.abtest.reference import expected

FILES = ["base.csv", "skewed.csv", "three_arm.csv 0v1", "three_arm.csv 0v2"]


def records(metric: dict[str, Any]) -> list[dict[str, Any]]:
    return [record for record in metric["results"] if record["test"] == "EffectBayesianABTest"]


def flat(metric: dict[str, Any], difference: str) -> dict[str, Any]:
    return next(
        record["result"]
        for record in records(metric)
        if record["prior_relative_mean_variance"] is None and record["difference_type"] == difference
    )


def assert_same(found: Posterior, answer: dict[str, Any]) -> None:
    assert found.mean == pytest.approx(answer["uplift"]["mean"], rel=1e-9)
    assert found.sd == pytest.approx(answer["uplift"]["stddev"], rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(answer["ci"]), rel=1e-9)
    won = answer["chanceToWin" if "chanceToWin" in answer else "chance_to_win"]
    assert found.chance_to_win == pytest.approx(won, rel=1e-9)
    # its smaller risk is a difference of cancelling terms, which loses digits where the risk is small
    kept, shipped = answer["risk"]
    assert found.loss_if_kept == pytest.approx(kept, rel=1e-9, abs=1e-14 + 1e-13 * abs(found.mean))
    assert found.loss_if_shipped == pytest.approx(shipped, rel=1e-9, abs=1e-14 + 1e-13 * abs(found.mean))


@pytest.mark.parametrize("name", ["gbstats_repo", "gbstats_pypi"])
def test_posteriors_are_those_of_growthbook(name: str) -> None:
    compared, answers = 0, expected(name)
    for metric in (metric for file in FILES for metric in answers[file]):
        if (
            flat(metric, "absolute")["uplift"]["stddev"] == 0
        ):  # it answers 0.5 where nothing could be computed
            with pytest.raises(LabError):
                effect_posterior(0.0, 0.0)
            continue
        relative, absolute = flat(metric, "relative")["uplift"], flat(metric, "absolute")["uplift"]
        baseline = absolute["mean"] / relative["mean"]  # control's mean: the prior is of the relative effect
        for record in records(metric):
            given = record["prior_relative_mean_variance"]
            prior = None if given is None else NormalPrior(given[0], sqrt(given[1]))
            likelihood = relative
            if record["difference_type"] == "absolute":
                likelihood, prior = absolute, None if prior is None else prior.scaled(baseline)
            found = effect_posterior(likelihood["mean"], likelihood["stddev"], prior)
            assert_same(found, record["result"])
            compared += 1
    assert compared > 100


def test_the_likelihood_of_a_mean_is_the_delta_methods() -> None:
    (metric,) = (one for one in expected("gbstats_repo")["base.csv"] if one["metric"] == "mean(revenue)")
    (m0, v0), (m1, v1) = (
        (s["sum"] / s["n"], (s["sum_squares"] - s["sum"] ** 2 / s["n"]) / (s["n"] - 1) / s["n"])
        for s in (metric["stat_control"], metric["stat_treatment"])
    )
    value, se = (m1 - m0) / m0, sqrt(v1 / m0**2 + v0 * m1**2 / m0**4)
    assert_same(effect_posterior(value, se), flat(metric, "relative"))
    assert_same(effect_posterior(m1 - m0, sqrt(v0 + v1)), flat(metric, "absolute"))


def test_a_tight_prior_keeps_its_belief_and_a_wide_one_yields() -> None:
    tight = effect_posterior(5.0, 1.0, NormalPrior(0.0, 1e-6))
    wide = effect_posterior(5.0, 1.0, NormalPrior(0.0, 1e6))
    assert tight.mean == pytest.approx(0, abs=1e-11)
    assert (wide.mean, wide.sd) == pytest.approx((5.0, 1.0))
    equal = effect_posterior(5.0, 1.0, NormalPrior(1.0, 1.0))
    assert (equal.mean, equal.sd) == pytest.approx((3.0, sqrt(0.5)))


def test_a_metric_to_be_low_wins_where_another_loses() -> None:
    high, low = effect_posterior(0.3, 0.2), effect_posterior(0.3, 0.2, better="lower")
    assert (high.chance_to_win, high.chance_to_lose) == (low.chance_to_lose, low.chance_to_win)
    assert (high.loss_if_shipped, high.loss_if_kept) == (low.loss_if_kept, low.loss_if_shipped)


def test_the_losses_differ_by_the_effect() -> None:
    found = effect_posterior(0.3, 0.2, NormalPrior(0.1, 0.5))
    assert found.loss_if_kept - found.loss_if_shipped == pytest.approx(found.mean)


def test_small_chances_and_losses_keep_their_digits() -> None:
    found = effect_posterior(30.0, 1.0)
    assert found.chance_to_lose == pytest.approx(4.906713927148187e-198, rel=1e-10)
    assert mean_excess(-30.0) == pytest.approx(
        1.6302152e-199, rel=1e-6
    )  # density / z^2 * (1 - 3 / z^2 + ...)
    assert mean_excess(0.0) == pytest.approx(1 / sqrt(2 * 3.141592653589793))


def test_what_leaves_no_posterior_is_refused() -> None:
    for value, se in ((0.0, 0.0), (float("nan"), 1.0), (1.0, float("inf"))):
        with pytest.raises(LabError, match="leaves no posterior"):
            effect_posterior(value, se)
    with pytest.raises(LabError, match="nothing definite"):
        NormalPrior(0.0, 0.0)
