import numpy as np

from retention_lab.recommend.policy_value import ShownLog
from retention_lab.recommend.shown_outcomes import outcome_by_item


def log_of(rows: int, seed: int = 0) -> ShownLog:
    rng = np.random.default_rng(seed)
    item = rng.integers(0, 3, rows)
    outcome = (rng.random(rows) < np.array([0.1, 0.3, 0.6])[item]).astype(float)
    return ShownLog(np.arange(rows), item, np.full(rows, 1 / 3), outcome)


def test_an_items_mean_is_found_and_one_that_nobody_saw_has_that_of_all() -> None:
    log = log_of(30_000)
    found = outcome_by_item(log, 4)(np.zeros(4, dtype=np.int64), np.arange(4))
    np.testing.assert_allclose(found[:3], [0.1, 0.3, 0.6], atol=0.02)  # more than three standard errors
    assert abs(found[3] - log.outcome[log.user % 2 == 1].mean()) < 1e-12


def test_nobodys_own_outcome_predicts_it() -> None:
    log = log_of(200)
    changed = ShownLog(log.user, log.item, log.propensity, np.where(log.user % 2 == 0, 99.0, log.outcome))
    even = np.arange(0, 200, 2)
    own, other = (outcome_by_item(one, 3)(even, log.item[even]) for one in (log, changed))
    np.testing.assert_array_equal(own, other)
