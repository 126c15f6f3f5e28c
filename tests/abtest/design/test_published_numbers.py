"""Power, units and effects as published tools give them on the same inputs."""

from dataclasses import replace
from math import asin, ceil, log, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.hypothesis import (
    Alternative,
    Hypothesis,
    alpha_of_each,
    non_inferiority,
)
from retention_lab.abtest.design.looks import Looks
from retention_lab.abtest.design.outcome import (
    MeanOutcome,
    ProportionOutcome,
    outcome_of_ratio,
    outcome_of_values,
    ratio_influence,
)
from retention_lab.abtest.design.power import detectable_effect, power_of, required_units
from retention_lab.abtest.design.precision import Precision, explained_share
from retention_lab.arrays import Floats
from tests.abtest.reference import expected, inputs

WORD: dict[str, Alternative] = {"two-sided": "two_sided", "larger": "greater", "greater": "greater"}


def standardised(alpha: float, alternative: Alternative, ratio: float, kind: str) -> Comparison:
    """Units of variance 1, and `ratio` times as many of them in the arm as in control."""
    hypothesis = (
        Hypothesis(alpha, alternative, distribution="t", pooled=True)
        if kind == "t"
        else Hypothesis(alpha, alternative, distribution="normal")
    )
    return Comparison(
        "effect size", MeanOutcome(0.0, 1.0), hypothesis, (1 / (1 + ratio), ratio / (1 + ratio))
    )


@pytest.mark.parametrize("kind", ["t", "z"])
def test_units_are_those_of_statsmodels(kind: str) -> None:
    for row in expected("statsmodels")["power_nobs1"]:
        comparison = standardised(row["alpha"], WORD[row["alternative"]], row["ratio"], kind)
        units = required_units(comparison, row["effect_size"], row["power"])
        # Its root finder stops a little early: where it misses by 2e-9, ours has the power to the last digit.
        assert units / (1 + row["ratio"]) == pytest.approx(row[f"nobs1_{kind}"], rel=1e-8), row
        assert power_of(comparison, row["effect_size"], units) == pytest.approx(row["power"], rel=1e-13)


@pytest.mark.parametrize("kind", ["t", "z"])
def test_power_is_that_of_statsmodels_and_a_number_where_its_table_gives_none(kind: str) -> None:
    rows = expected("statsmodels")["power_value"]
    for row in rows:
        comparison = standardised(row["alpha"], "two_sided", row["ratio"], kind)
        power = power_of(comparison, row["effect_size"], row["nobs1"] * (1 + row["ratio"]))
        # With 15,000 units an effect of 0.3 lies 17 standard errors out, where scipy's noncentral t is NaN.
        assert power == pytest.approx(1.0 if np.isnan(row[kind]) else row[kind], rel=1e-9), row
    assert sum(np.isnan(row[kind]) for row in rows) == (1 if kind == "t" else 0)


@pytest.mark.parametrize("kind", ["t", "z"])
def test_detectable_effects_are_those_of_statsmodels(kind: str) -> None:
    for row in expected("statsmodels")["mde"]:
        comparison = standardised(row["alpha"], "two_sided", row["ratio"], kind)
        units = row["nobs1"] * (1 + row["ratio"])
        effect = detectable_effect(comparison, units, row["power"])
        # Its root finder stops within 2e-6 of the effect; ours goes on to the power that was asked for.
        assert effect == pytest.approx(row[kind], abs=2.5e-6), row
        missed = abs(power_of(comparison, row[kind], units) - row["power"])
        assert abs(power_of(comparison, effect, units) - row["power"]) <= min(missed, 1e-13)


def test_proportions_agree_with_statsmodels_pooled_and_by_arcsine() -> None:
    for row in expected("statsmodels")["proportion_power"]:
        effect = row["p0"] * row["lift"]
        pooled = Comparison(
            "conversion",
            ProportionOutcome(row["p0"]),
            Hypothesis(0.025, "greater", distribution="normal", pooled=True),
        )
        assert required_units(pooled, effect, 0.8) / 2 == pytest.approx(row["nobs1_diff_onetail"], rel=1e-9)
        h = 2 * (asin(sqrt(row["p0"] + effect)) - asin(sqrt(row["p0"])))
        arcsine = standardised(0.05, "two_sided", 1.0, "z")
        assert required_units(arcsine, h, 0.8) / 2 == pytest.approx(row["nobs1_h"], rel=1e-9)


def planned_from(control: pd.DataFrame, metric: str) -> tuple[MeanOutcome, Precision]:
    """What tea-tasting assumes: the control's variance in both arms, less what covariates explain there.

    It knows nothing of skewness, which moves the power of unequal arms.
    """

    def column(name: str) -> Floats:
        return control[name].to_numpy(np.float64)

    names = metric[metric.index("(") + 1 : -1].replace("'", "").replace(" ", "").strip(",").split(",")
    if metric.startswith("Mean"):
        values = column(names[0])
        explained = explained_share(values, column(names[1])) if len(names) == 2 else 0.0
        return replace(outcome_of_values(values), skewness=0.0), Precision(explained)
    outcome = replace(outcome_of_ratio(column(names[0]), column(names[1])), skewness=0.0)
    if len(names) == 2:
        return outcome, Precision()
    influence = ratio_influence(column(names[0]), column(names[1]))[1]
    before = ratio_influence(column(names[2]), column(names[3]))[1]
    return outcome, Precision(explained_share(influence, before))


def planned_as(record: dict[str, Any], control: pd.DataFrame) -> Comparison:
    settings = record["settings"]
    outcome, precision = planned_from(control, record["metric"])
    hypothesis = Hypothesis(
        settings["alpha"],
        WORD[settings["alternative"]],
        distribution="t" if settings["use_t"] else "normal",
    )
    ratio = settings["ratio"]
    return Comparison(
        record["metric"], outcome, hypothesis, (1 / (1 + ratio), ratio / (1 + ratio)), precision
    )


def test_designs_are_those_of_tea_tasting() -> None:
    base = inputs("base")
    control = base[base["variant"] == 0]
    answered = [record for record in expected("tea_tasting")["power"] if "rows" in record]
    assert len(answered) == 110
    for record in answered:
        comparison = planned_as(record, control)
        baseline = comparison.outcome.baseline
        for row in record["rows"]:
            effect = row["rel_effect_size"] * baseline
            assert effect == pytest.approx(row["effect_size"], rel=1e-9)
            if record["solve"] == "power":
                assert power_of(comparison, effect, row["n_obs"]) == pytest.approx(row["power"], rel=1e-9)
            elif record["solve"] == "n_obs":
                assert ceil(required_units(comparison, effect, row["power"])) == row["n_obs"]
            else:
                found = detectable_effect(comparison, row["n_obs"], row["power"])
                assert found == pytest.approx(row["effect_size"], rel=1e-9)


def test_units_are_found_where_tea_tasting_raises() -> None:
    base = inputs("base")
    control = base[base["variant"] == 0]
    # Its search begins with three users in all, of whom less than one would be in the smaller arm.
    raised = [record for record in expected("tea_tasting")["power"] if "raises" in record]
    assert len(raised) == 10
    for record in raised:
        comparison = planned_as(record, control)
        for relative in record["settings"]["rel_effect_size"]:
            effect = relative * comparison.outcome.baseline
            units = required_units(comparison, effect, record["settings"]["power"])
            assert power_of(comparison, effect, units) == pytest.approx(record["settings"]["power"], rel=1e-9)


def relative_lift_of(metric: str, sequential: bool) -> tuple[Comparison, float]:
    """GrowthBook's: the relative lift in both arms' data, with the delta method's variances; and units."""
    column = metric[metric.index("(") + 1 : -1]
    arms = [rows[column].to_numpy(np.float64) for _, rows in inputs("base").groupby("variant")]
    (n0, n1), (m0, m1) = (len(arm) for arm in arms), (float(np.mean(arm)) for arm in arms)
    v0, v1 = (
        float(np.var(arm)) if metric.startswith("proportion") else float(np.var(arm, ddof=1)) for arm in arms
    )
    units = n0 + n1

    def half_width(units: Floats) -> Floats:
        """Of its always valid interval, in standard errors; tuned to 5,000 units."""
        mixed = units * (-2 * log(0.05) + log(-2 * log(0.05) + 1)) / 5_000
        return np.sqrt(2 * (mixed + 1) / mixed * np.log(np.sqrt(mixed + 1) / 0.05))

    looks = Looks(np.ones(1), half_width) if sequential else None  # it asks for the power of one look
    outcome = MeanOutcome(1.0, v0 * m1**2 / m0**4, v1 / m0**2)
    hypothesis = Hypothesis(0.05, distribution="normal")
    return Comparison(metric, outcome, hypothesis, (n0 / units, n1 / units), looks=looks), float(units)


def test_power_now_is_that_of_growthbook() -> None:
    for record in expected("gbstats_repo")["mid_experiment_power base.csv"]:
        comparison, units = relative_lift_of(record["metric"], record["sequential"])
        power = power_of(comparison, record["target_mde"], units)
        assert power == pytest.approx(record["power_now"], rel=1e-6), record


def test_units_to_come_are_those_of_growthbook_within_its_search() -> None:
    for record in expected("gbstats_repo")["mid_experiment_power base.csv"]:
        comparison, units = relative_lift_of(record["metric"], record["sequential"])
        if record["power_now"] > 0.8:
            assert required_units(comparison, record["target_mde"], 0.8) < units
            continue
        factor = required_units(comparison, record["target_mde"], 0.8) / units - 1
        # It halves an interval until the power is within a tolerance, so its factor is a few binary digits.
        assert factor == pytest.approx(record["result"]["scaling_factor"], rel=1e-4), record


def test_non_inferiority_units_are_those_of_confidence() -> None:
    rows = inputs("three_arm")
    for record in expected("spotify_confidence")["non_inferiority"]:
        n0, n1 = ((rows["variant"] == arm).sum() for arm in (0, 1))
        rate = float(rows.loc[rows["variant"] == 0, record["metric"]].mean())
        better = "higher" if record["direction"] == "increase" else "lower"
        hypothesis = non_inferiority(record["margin"] * rate, better=better, distribution="normal")
        comparison = Comparison(
            record["metric"], ProportionOutcome(rate), hypothesis, (n0 / (n0 + n1), n1 / (n0 + n1))
        )
        units = required_units(comparison, 0.0, 0.8)
        # It rounds the arm up, and then the total that the arm's share makes of it.
        share = comparison.shares[1]
        assert ceil(ceil(units * share) / share) == record["rows"][0]["required_sample_size"]


def test_detectable_effects_with_two_arms_are_those_of_confidence() -> None:
    rows = inputs("three_arm")
    records = [one for one in expected("spotify_confidence")["multiple_difference"] if one["cls"] == "ZTest"]
    assert len(records) == 8
    for record in records:
        values = [rows.loc[rows["variant"] == arm, record["metric"]].to_numpy(np.float64) for arm in range(3)]
        control = values[0]
        # For a mean it plans with the control's variance; for a proportion near the arms' own, as ours.
        outcome, within = (
            (ProportionOutcome(float(np.mean(control))), 2e-3)
            if record["metric"] == "has_order"
            else (outcome_of_values(control), 1e-9)
        )
        # It plans Holm, Simes-Hochberg and Benjamini-Hochberg at the uncorrected level, ours at Bonferroni's:
        # their power against one effect alone is nearer to the latter.
        correction = "bonferroni" if record["correction"] == "bonferroni" else "none"
        hypothesis = Hypothesis(alpha_of_each(0.05, 2, correction) / 2, "greater", distribution="normal")
        for row in record["rows"]:
            units = len(control) + len(values[row["level_2"]])
            shares = (len(control) / units, len(values[row["level_2"]]) / units)
            comparison = Comparison(record["metric"], outcome, hypothesis, shares)
            found = detectable_effect(comparison, units, 0.8)
            assert found == pytest.approx(row["powered_effect"], rel=within), record
