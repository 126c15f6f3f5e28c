import numpy as np
import pytest

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.policy_value import ShownLog, list_value

ITEMS = 5
CLICK = np.array([0.05, 0.1, 0.2, 0.3, 0.4])  # of each item, whoever sees it


def log_of(rows: int, seed: int = 0, propensity: Floats | None = None) -> ShownLog:
    rng = np.random.default_rng(seed)
    p = np.full(ITEMS, 1 / ITEMS) if propensity is None else propensity
    item = rng.choice(ITEMS, rows, p=p)
    return ShownLog(np.arange(rows), item, p[item], (rng.random(rows) < CLICK[item]).astype(float))


def everyone(rows: int, *items: int) -> Ints:
    return np.tile(items, (rows, 1))


def the_truth(_: Ints, item: Ints) -> Floats:
    return CLICK[item]


def half_of_it(_: Ints, item: Ints) -> Floats:
    return 0.5 * CLICK[item]


@pytest.mark.parametrize("items", [(3,), (4, 2), (1, 0, -1)])
def test_lists_are_worth_the_mean_outcome_of_their_items(items: tuple[int, ...]) -> None:
    log = log_of(40_000, propensity=np.array([0.4, 0.3, 0.15, 0.1, 0.05]))
    found = list_value(log, everyone(40_000, *items), half_of_it)
    truth = CLICK[[one for one in items if one >= 0]].mean()
    for one in (found.weighted, found.self_normalised, found.doubly_robust):
        assert one is not None
        assert one.low < truth < one.high


def test_good_predictions_narrow_the_interval_and_none_are_needed() -> None:
    log = log_of(5_000)
    lists = everyone(5_000, 4)
    knowing = list_value(log, lists, the_truth).doubly_robust
    plain = list_value(log, lists)
    assert knowing is not None
    assert plain.doubly_robust is None
    assert knowing.se < plain.weighted.se


def test_the_policy_of_the_log_is_worth_what_the_log_earned() -> None:
    log = log_of(2_000)
    found = list_value(log, everyone(2_000, *range(ITEMS)))
    assert found.weighted.value == pytest.approx(log.outcome.mean())
    assert found.self_normalised.value == pytest.approx(log.outcome.mean())
    assert found.effective_rows == pytest.approx(2_000)


def test_rows_of_one_user_count_as_one_draw() -> None:
    log = log_of(1_000)
    pages = ShownLog(*(np.tile(part, 4) for part in (log.user, log.item, log.propensity, log.outcome)))
    once, four = (list_value(one, everyone(1_000, 4, 3)).weighted for one in (log, pages))
    assert four.value == pytest.approx(once.value)
    assert four.se == pytest.approx(once.se)  # four copies know no more


def test_few_rows_of_large_weight_say_little() -> None:
    log = log_of(10_000, propensity=np.array([0.01, 0.24, 0.25, 0.25, 0.25]))
    assert list_value(log, everyone(10_000, 0)).effective_rows < 200


def test_what_cannot_be_valued_is_refused() -> None:
    log = log_of(50)
    with pytest.raises(LabError, match="empty list"):
        list_value(log, everyone(50, -1, -1))
    with pytest.raises(LabError, match="probability that cannot be"):
        list_value(ShownLog(log.user, log.item, np.zeros(50), log.outcome), everyone(50, 1))
    with pytest.raises(LabError, match="nothing to value"):
        list_value(log, everyone(50, 99))
