from typing import Any

import pytest

from retention_lab.abtest.quantile_summary import (
    QuantileSummary,
    wald_quantile_difference,
    wald_relative_quantile_difference,
)
from retention_lab.errors import LabError
from tests.abtest.reference import expected

SIDES = {
    "TwoSidedTTest": "two_sided",
    "OneSidedTreatmentGreaterTTest": "greater",
    "OneSidedTreatmentLesserTTest": "less",
}


def summary(stat: dict[str, Any]) -> QuantileSummary:
    return QuantileSummary(
        stat["quantile_hat"], stat["quantile_lower"], stat["quantile_upper"], int(stat["n_star"])
    )


def records(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    answers = expected(name)
    return [
        (metric, record)
        for file in ("base.csv", "skewed.csv")
        for metric in answers[file]
        if metric["metric"].startswith("user quantile")
        for record in metric["results"]
        if record["test"] in SIDES
    ]


@pytest.mark.parametrize("name", ["gbstats_repo", "gbstats_pypi"])
def test_differences_are_those_of_growthbook(name: str) -> None:
    compared = 0
    for metric, record in records(name):
        control, treated = summary(metric["stat_control"]), summary(metric["stat_treatment"])
        answer, side = record["result"], SIDES[record["test"]]
        relative = record["difference_type"] == "relative"
        compare = wald_relative_quantile_difference if relative else wald_quantile_difference
        if answer["uplift"]["stddev"] == 0:  # it says effect 0 and p 1; we say that nothing could be computed
            with pytest.raises(LabError):
                compare(control, treated)
            continue
        found = compare(control, treated, confidence=1 - record["alpha"], alternative=side)  # type: ignore[operator]
        assert found.value == pytest.approx(answer["expected"], rel=1e-9)
        assert found.se == pytest.approx(answer["uplift"]["stddev"], rel=1e-9)
        assert found.p_value == pytest.approx(answer["pValue" if "pValue" in answer else "p_value"], rel=1e-9)
        assert found.low == pytest.approx(answer["ci"][0], rel=1e-9)
        if not (name == "gbstats_pypi" and side == "less"):  # that upper bound subtracts its half-width
            assert found.high == pytest.approx(answer["ci"][1], rel=1e-9)
        compared += 1
    assert compared > 20


def test_summaries_that_allow_no_difference_are_refused() -> None:
    tied = QuantileSummary(0.0, 0.0, 0.0, 100)
    with pytest.raises(LabError, match="no known error"):
        wald_quantile_difference(tied, tied)
    with pytest.raises(LabError, match="no relative difference"):
        wald_relative_quantile_difference(tied, QuantileSummary(1.0, 0.5, 2.0, 100))
    with pytest.raises(LabError, match="1 units"):
        wald_quantile_difference(tied, QuantileSummary(1.0, 0.5, 2.0, 1))
    with pytest.raises(LabError, match="outside its own limits"):
        wald_quantile_difference(tied, QuantileSummary(1.0, 2.0, 0.5, 50))
