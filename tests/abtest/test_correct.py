import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.beta_binomial import share_posterior
from retention_lab.abtest.summarise import summarise
from retention_lab.errors import LabError
from tests.abtest.units import MEAN, SHARE, arms, spec


def three_arms(units: int = 40_000) -> tuple[pa.Table, list[np.ndarray]]:
    rng = np.random.default_rng(5)
    spend = [rng.normal(mean, 1.0, units) for mean in (0.0, 0.012, 0.016)]
    table = pa.table({"arm": np.repeat(["a", "b", "c"], units), "spend": np.concatenate(spend)})
    return table, spend


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_arms_that_share_a_control_are_corrected_as_dunnett_says(alternative: str) -> None:
    table, (control, *others) = three_arms()
    asked = spec(analysis={"correction": "dunnett", "alternative": alternative})
    found = analyze(summarise(table, asked), asked).metrics
    theirs = stats.dunnett(*others, control=control, alternative=alternative.replace("_", "-"), rng=1)
    for one, p_value in zip(found, theirs.pvalue, strict=True):
        # theirs is a quasi-random integral, and pools the variances, which are equal here but for chance
        assert one.p_value_adjusted == pytest.approx(p_value, abs=1e-3)
        assert one.lift is not None
        assert one.p_value_adjusted is not None
        assert one.lift.p_value < one.p_value_adjusted <= min(1.0, 2 * one.lift.p_value)


def test_families_of_several_metrics_share_the_level() -> None:
    table, _ = three_arms(2_000)
    table = table.append_column("other", table["spend"])
    one, two = (
        analyze(summarise(table, asked), asked).metrics
        for asked in (
            spec(analysis={"correction": "dunnett"}),
            spec(MEAN, {**MEAN, "name": "other", "column": "other"}, analysis={"correction": "dunnett"}),
        )
    )
    assert two[0].p_value_adjusted == pytest.approx(min(1, 2 * one[0].p_value_adjusted))  # type: ignore[operator]


def test_dunnett_is_refused_for_a_test_that_is_read_while_it_runs() -> None:
    with pytest.raises(LabError, match="one look"):
        spec(analysis={"correction": "dunnett", "sequential": "always_valid"})


def test_the_posterior_of_counted_shares_is_the_exact_one() -> None:
    bought = np.r_[np.ones(3), np.zeros(197), np.ones(9), np.zeros(191)]
    table = arms(np.zeros(200), np.zeros(200), bought=bought)
    asked = spec(SHARE, analysis={"posterior": True})
    (found,) = analyze(summarise(table, asked), asked).metrics
    assert found.posterior == share_posterior(ArmCounts(3, 200), ArmCounts(9, 200))
