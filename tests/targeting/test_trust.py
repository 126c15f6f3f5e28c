from dataclasses import replace

import numpy as np
import pytest

from retention_lab.targeting.trust import checks, enough_without_offer, pre_period, sample_ratio
from tests.targeting.campaigns import toy_campaign

ARMS = ("none", "a", "b", "c")


def test_a_clean_campaign_passes_all_checks_and_names_them() -> None:
    found = checks(toy_campaign(1).rows, ARMS)
    assert [check["name"] for check in found] == ["sample_ratio", "pre_period", "enough_without_offer"]
    assert all(check["passed"] for check in found)
    assert all(
        set(check) == {"name", "severity", "passed", "value", "threshold", "detail"} for check in found
    )


def test_lost_rows_of_one_arm_fail_the_sample_ratio() -> None:
    rows = toy_campaign(2).rows
    kept = np.flatnonzero((rows.arm > 0) | (np.arange(2_000) % 5 > 0))
    fields = {name: getattr(rows, name)[kept] for name in rows.__slots__}
    found = sample_ratio(replace(rows, **fields), ARMS)
    assert found["passed"] is False
    assert found["severity"] == "hard"


def test_the_holdout_of_small_spenders_fails_the_pre_period() -> None:
    rows = toy_campaign(3).rows
    assert rows.covariates is not None
    shifted = rows.covariates - 1.0 * (rows.arm == 0)[:, None]
    found = pre_period(replace(rows, covariates=shifted))
    assert found["passed"] is False
    assert found["severity"] == "soft"


def test_without_covariates_the_pre_period_cannot_be_asked() -> None:
    assert pre_period(replace(toy_campaign(4).rows, covariates=None))["passed"] is None


def test_a_holdout_with_few_buyers_is_named() -> None:
    rows = toy_campaign(5).rows
    quiet = replace(rows, contribution=np.where(rows.arm == 0, 0.0, rows.contribution))
    found = enough_without_offer(quiet)
    assert found["passed"] is False
    assert found["value"] == 0
    assert "measure again" in found["detail"]


@pytest.mark.slow
def test_both_tests_reject_a_clean_campaign_at_their_level() -> None:
    """P-values of 300 clean campaigns: below .1 in a tenth of them, within 3.3 standard errors (.057)."""
    ratio, before = [], []
    for seed in range(300):
        rows = toy_campaign(seed, 600).rows
        ratio.append(sample_ratio(rows, ARMS)["value"])
        before.append(pre_period(rows)["value"])
    assert abs(np.mean(np.array(ratio) < 0.1) - 0.1) < 0.057
    assert abs(np.mean(np.array(before) < 0.1) - 0.1) < 0.057
