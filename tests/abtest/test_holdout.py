import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.unit_ids import unit_ids
from retention_lab.errors import LabError
from retention_lab.hashing import unit_interval

IDS = [f"customer-{i}" for i in range(20_000)]


def test_experiments_hold_out_the_customers_whom_campaigns_hold_out() -> None:
    found = Holdout(0.05, "acme-2026").contains(IDS)
    np.testing.assert_array_equal(found, unit_interval(IDS, "acme-2026") < 0.05)
    assert abs(found.mean() - 0.05) < 3.3 * np.sqrt(0.05 * 0.95 / len(IDS))  # 3.3 binomial standard errors


def test_numbers_are_held_out_as_their_text_is() -> None:
    holdout = Holdout(0.5, "s")
    np.testing.assert_array_equal(
        holdout.contains(np.arange(100)), holdout.contains([str(i) for i in range(100)])
    )


@pytest.mark.parametrize("version", [1, 2, 3])
def test_no_experiment_knows_who_is_held_out_even_under_the_same_salt(version: int) -> None:
    units = unit_ids(IDS)
    out = Holdout(0.3, "acme-2026").contains(units)
    arm = hash_bucket(units, "acme-2026", version) >= 0.5  # type: ignore[arg-type]
    assert stats.chi2_contingency(np.histogram2d(out, arm, bins=2)[0]).pvalue > 1e-4


def test_its_probability_is_its_share() -> None:
    assert Holdout(0.05, "s").probability() == pytest.approx(0.05, abs=2.0**-53)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_holds_out_nobody_or_everybody_is_refused(share: float) -> None:
    with pytest.raises(LabError, match="holdout's share"):
        Holdout(share, "s")
