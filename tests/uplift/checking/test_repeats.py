import numpy as np

from retention_lab.checks import Check
from retention_lab.uplift.checking.repeats import repeated_rows_check
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.checking.samples import clean


def found_in(sample: UpliftSample) -> Check:
    return repeated_rows_check(sample.features, sample.arm, sample.propensity)


def coarse(seed: int, rows: int = 2000) -> UpliftSample:
    """Features of few values, so that many customers look alike without being one."""
    sample = clean(seed, rows)
    rough = np.column_stack([np.round(sample.features.values[:, 0]), sample.features.values[:, 1:]])
    rng = np.random.default_rng(seed)
    chances = np.where(rough[:, :1] > 0, [0.3, 0.7], [0.6, 0.4])
    arm = (rng.random(rows) > chances[:, 0]).astype(int)
    return UpliftSample(rough, arm, sample.outcome, chances)


def test_rows_that_were_written_twice_are_found() -> None:
    sample = clean(1)
    twice = sample.rows(np.concatenate([np.arange(2000), np.arange(30)]))
    found = found_in(twice)
    assert (found["passed"], found["severity"]) == (False, "soft")
    assert found["detail"].startswith("60 rows have the features of one to four others: 30 of 30")
    assert found_in(sample)["passed"]


def test_customers_who_look_alike_by_chance_are_not() -> None:
    found = [found_in(coarse(seed)) for seed in range(500)]
    assert "No few rows" not in found[0]["detail"]
    failed = sum(not one["passed"] for one in found)
    assert failed <= 4  # at most .5 are expected at .001; more than four come once in 5,800 times


def test_a_copy_is_found_among_customers_who_look_alike() -> None:
    sample = coarse(1)
    twice = sample.rows(np.concatenate([np.arange(2000), np.arange(600)]))
    assert not found_in(twice)["passed"]


def test_the_order_of_rows_does_not_matter() -> None:
    sample = coarse(1)
    other = sample.rows(np.random.default_rng(2).permutation(2000))
    assert abs(float(found_in(sample)["value"]) - float(found_in(other)["value"])) < 1e-9  # type: ignore[arg-type]


def test_without_a_draw_nothing_is_said() -> None:
    sample = clean(1)
    assert repeated_rows_check(sample.features, sample.arm, None)["passed"] is None
