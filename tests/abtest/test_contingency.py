import pytest
from scipy import stats

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.contingency import g_test, pearson_test
from retention_lab.abtest.proportion_tests import z_test
from retention_lab.errors import LabError
from tests.abtest.reference import expected
from tests.abtest.shares import counted_rows


@pytest.mark.parametrize("file", ["base", "skewed"])
@pytest.mark.parametrize(("test", "name"), [(pearson_test, "pearson"), (g_test, "log-likelihood")])
@pytest.mark.parametrize("correction", [True, False])
def test_p_values_are_those_of_tea_tasting(file: str, test, name: str, correction: bool) -> None:  # type: ignore[no-untyped-def]
    start = f"Proportion('has_order', method='{name}', correction={correction},"
    (answer,) = (
        case["result"]
        for case in expected("tea_tasting")["cases"]
        if case["input"] == f"{file}.csv" and case["call"].startswith(start)
    )
    assert test(counted_rows(file), correction=correction).p_value == pytest.approx(
        answer["pvalue"], rel=1e-9
    )


@pytest.mark.parametrize("arm", [1, 2])
def test_p_values_are_those_of_spotify(arm: int) -> None:
    (rows,) = (
        one["rows"]
        for one in expected("spotify_confidence")["multiple_difference"]
        if one["cls"] == "ChiSquared"
    )
    found = pearson_test(counted_rows("three_arm", arm))
    assert found.p_value == pytest.approx(rows[arm - 1]["p-value"], rel=1e-9)


def test_two_arms_are_the_squared_z_test() -> None:
    arms = ArmCounts(40, 900), ArmCounts(55, 700)
    found, z = pearson_test(arms), z_test(*arms)
    assert found.statistic == pytest.approx(z.statistic**2)
    assert found.log10_p == pytest.approx(z.log10_p)


def test_many_arms_are_one_question() -> None:
    arms = [ArmCounts(x, n) for x, n in ((40, 900), (55, 700), (0, 80))]
    table = [[arm.successes, arm.failures] for arm in arms]
    for test, name in ((pearson_test, "pearson"), (g_test, "log-likelihood")):
        answer = stats.chi2_contingency(table, lambda_=name)
        assert test(arms).statistic == pytest.approx(answer.statistic)
        assert test(arms).p_value == pytest.approx(answer.pvalue)


def test_equal_shares_leave_nothing() -> None:
    arms = ArmCounts(10, 100), ArmCounts(20, 200)
    assert g_test(arms).p_value == pytest.approx(1)
    assert pearson_test(arms, correction=True).p_value == pytest.approx(1)


def test_tables_that_cannot_differ_are_refused() -> None:
    for share in (0, 1):
        with pytest.raises(LabError, match="cannot differ"):
            pearson_test([ArmCounts(10 * share, 10), ArmCounts(20 * share, 20)])
    with pytest.raises(LabError, match="1 arms"):
        g_test([ArmCounts(1, 10)])
    with pytest.raises(LabError, match="for two arms"):
        g_test([ArmCounts(1, 10)] * 3, correction=True)
