"""Data on which engines break: a right answer or a named refusal, the same from memory, DuckDB and Spark."""

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.analyze import Analysis, analyze
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summarise import summarise
from retention_lab.data.unit_summary import UnitTable, summarise_table
from retention_lab.errors import LabError
from tests.abtest.same import assert_equal
from tests.abtest.units import MEAN, SHARE, arms, spec
from tests.spark import on_spark, spark_or_skip

Analyst = Callable[[pa.Table, Specification], Analysis]


def in_memory(table: pa.Table, asked: Specification) -> Analysis:
    return analyze(summarise(table, asked), asked)


def by_sql(table: pa.Table, asked: Specification) -> Analysis:
    connection = duckdb.connect()
    connection.register("units", table)
    kinds = {field.name: field.type for field in table.schema}
    found = UnitTable("units", lambda sql: connection.sql(sql).to_arrow_table(), kinds)
    return analyze(summarise_table(found, asked), asked)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with spark_or_skip() as session:
        yield session


@pytest.fixture
def on_both(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Analyst:
    """The same text on DuckDB and on Spark: one answer, to the ninth digit, or one refusal."""

    def analyst(table: pa.Table, asked: Specification) -> Analysis:
        with on_spark(table, tmp_path_factory.mktemp("units")) as rows:
            refusal = refused(lambda: by_sql(table, asked))
            if refusal is not None:
                assert str(refused(lambda: summarise_table(rows, asked))) == str(refusal)
                raise refusal
            found = analyze(summarise_table(rows, asked), asked)
        assert_equal(found.as_json(), by_sql(table, asked).as_json())
        return found

    return analyst


@pytest.fixture
def analyst(request: pytest.FixtureRequest) -> Analyst:
    chosen = request.param
    return request.getfixturevalue("on_both") if chosen == "spark" else chosen


BACKENDS = pytest.mark.parametrize(
    "analyst",
    [in_memory, by_sql, pytest.param("spark", marks=pytest.mark.slow)],
    indirect=True,
)


def refused(action: Callable[[], Any]) -> LabError | None:
    try:
        action()
    except LabError as error:
        return error
    return None


def first(found: Analysis) -> Comparison:
    return found.metrics[0]


def lift_of(found: Analysis) -> Any:
    assert first(found).reason is None
    return first(found).lift


@BACKENDS
@pytest.mark.parametrize("offset", [1e9, 1e12])
def test_an_offset_changes_no_effect(analyst: Analyst, offset: float) -> None:
    rng = np.random.default_rng(1)
    control, treated = np.round(rng.normal(0, 8, 3_000)) / 8, np.round(rng.normal(0.5, 8, 2_000)) / 8
    plain = lift_of(analyst(arms(control, treated), spec()))
    moved = lift_of(analyst(arms(control + offset, treated + offset), spec()))
    assert moved.value == pytest.approx(plain.value, rel=1e-9)
    assert moved.se == pytest.approx(plain.se, rel=1e-9)
    assert moved.p_value == pytest.approx(plain.p_value, rel=1e-9)


@BACKENDS
def test_one_arm_without_spread_is_compared_and_two_are_refused(analyst: Analyst) -> None:
    varied = np.arange(200.0)
    one = lift_of(analyst(arms(np.full(200, 3.0), varied), spec()))
    assert one.value == pytest.approx(96.5)
    assert one.freedom == pytest.approx(199)
    both = first(analyst(arms(np.full(200, 3.0), np.full(200, 4.0)), spec()))
    assert both.lift is None
    assert "no spread" in str(both.reason)


@BACKENDS
def test_an_arm_without_units_is_refused(analyst: Analyst) -> None:
    with pytest.raises(LabError, match="The arm 'b' was planned, but no row has it"):
        analyst(arms(np.arange(9.0), []), spec(planned_shares={"a": 0.5, "b": 0.5}))


@BACKENDS
@pytest.mark.parametrize("units", [1, 2])
def test_one_unit_shows_no_spread_and_two_do(analyst: Analyst, units: int) -> None:
    found = first(analyst(arms(np.arange(50.0), np.arange(float(units))), spec()))
    if units == 1:
        assert found.lift is None
        assert "1 units" in str(found.reason)
    else:
        assert found.lift is not None
        assert found.lift.high - found.lift.low > 5  # hardly anything is known


@BACKENDS
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nobody_or_everybody_is_refused_by_wald_and_answered_exactly(analyst: Analyst, share: float) -> None:
    table = arms(np.zeros(40), np.zeros(40), bought=np.full(80, share))
    assert "no spread" in str(first(analyst(table, spec(SHARE))).reason)
    for how in ("newcombe", "score", "exact"):
        found = first(analyst(table, spec(SHARE, analysis={"proportion": how})))
        assert found.lift is not None, how
        assert found.lift.low < 0 < found.lift.high


@BACKENDS
@pytest.mark.parametrize("level", [0.0, -5.0])
def test_a_control_mean_at_or_below_nothing_has_no_relative_effect(analyst: Analyst, level: float) -> None:
    rng = np.random.default_rng(2)
    found = first(analyst(arms(rng.normal(level, 1, 500), rng.normal(level + 1, 1, 500)), spec()))
    assert found.lift is not None
    assert found.lift.value == pytest.approx(1, abs=0.3)
    assert found.relative is None
    assert "not clearly above 0" in str(found.relative_reason)


@BACKENDS
def test_a_treated_mean_below_nothing_is_a_fall_of_more_than_all(analyst: Analyst) -> None:
    rng = np.random.default_rng(3)
    table = arms(rng.normal(5, 1, 500), rng.normal(-1, 1, 500))
    found = first(analyst(table, spec()))
    assert found.relative is not None
    assert found.relative.low < -1.1
    assert found.relative.high < -1
    log = first(analyst(table, spec(analysis={"relative": "log"})))
    assert log.relative is None
    assert "no logarithm" in str(log.relative_reason)


@BACKENDS
@pytest.mark.parametrize("kind", ["constant", "copied", "twice"])
def test_a_covariate_that_says_nothing_new_changes_nothing(analyst: Analyst, kind: str) -> None:
    rng = np.random.default_rng(4)
    before = rng.normal(10, 2, 1_000)
    spend = before + rng.normal(0, 1, 1_000)
    more = {"before": before, "more": np.full(1_000, 7.0) if kind == "constant" else before * 2 + 1}
    table = arms(spend[:600], spend[600:], **more)
    one = lift_of(analyst(table, spec({**MEAN, "covariates": ["before"]})))
    two = lift_of(analyst(table, spec({**MEAN, "covariates": ["before", "more"]})))
    assert two.value == pytest.approx(one.value, rel=1e-7)
    assert two.se == pytest.approx(one.se, rel=1e-7)


@BACKENDS
def test_an_outcome_that_its_covariate_foretells_to_the_last_digit_is_refused(analyst: Analyst) -> None:
    before = np.arange(100.0)
    found = first(
        analyst(arms(before[:50], before[50:], before=before), spec({**MEAN, "covariates": ["before"]}))
    )
    assert found.lift is None
    assert "no spread" in str(found.reason)


@BACKENDS
def test_missing_values_leave_the_metric_and_are_counted_by_arm(analyst: Analyst) -> None:
    control, treated = np.arange(100.0), np.arange(100.0) + 1
    treated[:30] = np.nan
    found = analyst(arms(control, treated), spec())
    assert (first(found).n_arm, first(found).missing_arm, first(found).missing_control) == (70, 30, 0)
    assert lift_of(found).value == pytest.approx(np.arange(30, 100).mean() + 1 - 49.5)
    check = next(one for one in found.trust.checks if one["name"] == "missing_spend")
    assert (check["severity"], check["passed"]) == ("soft", False)


@BACKENDS
def test_infinity_is_refused(analyst: Analyst) -> None:
    with pytest.raises(LabError, match="infinite"):
        analyst(arms([1.0, np.inf, 2.0], [1.0, 2.0, 3.0]), spec())


@BACKENDS
@pytest.mark.parametrize("size", [1e80, -1e200])
def test_a_value_whose_powers_are_beyond_all_numbers_is_refused(analyst: Analyst, size: float) -> None:
    with pytest.raises(LabError, match="so large"):
        analyst(arms([1.0, size, 2.0], [1.0, 2.0, 3.0]), spec())


@BACKENDS
def test_one_outlier_is_answered_and_named(analyst: Analyst) -> None:
    rng = np.random.default_rng(5)
    treated = rng.normal(10, 1, 1_000)
    treated[7] = 1e9
    found = analyst(arms(rng.normal(10, 1, 1_000), treated), spec())
    assert lift_of(found).low < 0 < lift_of(found).high
    check = next(one for one in found.trust.checks if one["name"] == "outliers_spend")
    assert check["passed"] is False
    assert "One unit of b" in check["detail"]


@BACKENDS
def test_a_split_of_999_to_1_keeps_the_small_arms_uncertainty(analyst: Analyst) -> None:
    rng = np.random.default_rng(6)
    control, treated = rng.normal(5, 2, 99_900), rng.normal(5, 2, 100)
    found = analyst(arms(control, treated), spec(planned_shares={"a": 0.999, "b": 0.001}))
    assert lift_of(found).se == pytest.approx(2 / 10, rel=0.2)
    assert lift_of(found).freedom == pytest.approx(99, abs=1)
    assert found.trust.trustworthy


@BACKENDS
def test_a_p_value_too_small_for_a_number_keeps_its_logarithm(analyst: Analyst) -> None:
    rng = np.random.default_rng(7)
    found = lift_of(analyst(arms(rng.normal(0, 1, 5_000), rng.normal(3, 1, 5_000)), spec()))
    assert found.p_value == 0
    assert -4_000 < found.log10_p < -1_000


def test_both_ways_agree_to_the_ninth_digit() -> None:
    rng = np.random.default_rng(8)
    before = rng.lognormal(3, 1, 4_000)
    more = {
        "before": np.where(rng.random(4_000) < 0.1, np.nan, before),
        "bought": (rng.random(4_000) < 0.3).astype(float),
        "orders": rng.poisson(2, 4_000) + 1.0,
        "tier": rng.choice(["x", "y"], 4_000),
    }
    spend = before * rng.gamma(2, 1, 4_000)
    table = arms(spend[:3_000], spend[3_000:], **more)
    asked = spec(
        {**MEAN, "covariates": ["before"]},
        SHARE,
        {"name": "basket", "type": "ratio", "numerator": "spend", "denominator": "orders"},
        strata="tier",
    )
    for one, two in zip(in_memory(table, asked).metrics, by_sql(table, asked).metrics, strict=True):
        for name, value in one.as_json().items():
            other = two.as_json()[name]
            assert value == (pytest.approx(other, rel=1e-9) if isinstance(value, float) else other), name
