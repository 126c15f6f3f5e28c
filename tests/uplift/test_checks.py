import numpy as np
import pytest

from retention_lab.checks import hard_failures
from retention_lab.uplift.checks import Times, checks, estimated_checks
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.checking.samples import clean

ARMS = ("none", "coupon")
PLAN = {"none": 0.45, "coupon": 0.55}
DAYS = np.datetime64("2026-01-01") + np.arange(2000) // 30


def test_all_checks_have_the_fields_of_the_json() -> None:
    found = checks(clean(1), ARMS, PLAN, times=Times(DAYS, {"joined": DAYS - 9}))
    assert [one["name"] for one in found] == [
        "sample_ratio",
        "arms_with_rows",
        "overlap",
        "effective_sample",
        "suspected_leak",
        "post_treatment_feature",
        "repeated_rows",
        "time_leak",
        "dated_after_time",
    ]
    for one in found:
        assert set(one) == {"name", "severity", "passed", "value", "threshold", "detail"}
        assert one["passed"] is True, one


def test_what_cannot_be_asked_is_null_and_says_why() -> None:
    sample = clean(1)
    found = checks(UpliftSample(sample.features, sample.arm, sample.outcome), ARMS)
    unknown = [one for one in found if one["passed"] is None]
    assert {one["name"] for one in unknown} == {
        "sample_ratio",
        "overlap",
        "effective_sample",
        "post_treatment_feature",
        "repeated_rows",
        "time_leak",
        "dated_after_time",
    }
    assert all(one["value"] is None and one["detail"] for one in unknown)
    assert hard_failures(found) == []


def test_estimated_propensities_answer_what_was_open() -> None:
    sample = clean(1, 8000)
    assert sample.propensity is not None
    found = estimated_checks(sample, sample.propensity)
    assert {one["name"]: one["passed"] for one in found} == {
        "overlap": True,
        "effective_sample": True,
        "balance": True,
    }


def test_the_order_of_rows_changes_no_verdict_and_no_number() -> None:
    sample, order = clean(1), np.random.default_rng(2).permutation(2000)
    ours = checks(sample, ARMS, PLAN, times=Times(DAYS))
    theirs = checks(sample.rows(order), ARMS, PLAN, times=Times(DAYS[order]))
    for one, other in zip(ours, theirs, strict=True):
        assert one["passed"] == other["passed"]
        if one["value"] is not None:
            assert one["value"] == pytest.approx(other["value"], rel=1e-9)
