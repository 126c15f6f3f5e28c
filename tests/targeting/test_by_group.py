import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.by_group import by_decile, by_group, by_intended_offer
from retention_lab.targeting.incremental import measure
from tests.targeting.campaigns import toy_campaign


def test_a_single_group_is_the_campaign() -> None:
    rows = toy_campaign(1).rows
    whole = measure(rows)
    (found,) = by_group(rows, np.zeros(len(rows.arm), dtype=np.int64), ["all"])
    assert (found.incremental_contribution, found.cost, found.profit) == (
        whole.incremental_contribution,
        whole.cost,
        whole.profit,
    )


def test_costs_of_all_groups_are_the_campaigns_cost() -> None:
    rows = toy_campaign(2).rows
    found = by_intended_offer(rows, ["a", "b", "c"])
    assert [each.name for each in found] == ["none", "a", "b", "c"]
    assert sum(each.rows for each in found) == len(rows.arm)
    assert sum(each.cost.value for each in found) == pytest.approx(rows.cost.sum())


@pytest.mark.slow
def test_every_groups_interval_holds_its_truth_as_often_as_it_says() -> None:
    """Three segments of 200 campaigns each: 600 intervals, .95 ± 3.3 x .0089."""
    held = count = 0
    for seed in range(200):
        toy = toy_campaign(100_000 + seed, 3_000, holdout=0.2)
        segment = np.random.default_rng(seed).integers(0, 3, len(toy.rows.arm))
        at = np.arange(len(segment))
        effect = toy.expected_profit[at, toy.rows.arm] - toy.expected_profit[:, 0]
        for g, found in enumerate(by_group(toy.rows, segment, ["x", "y", "z"])):
            assert found.profit is not None
            held += found.profit.low <= effect[segment == g].sum() <= found.profit.high
            count += 1
    assert abs(held / count - 0.95) < 3.3 * np.sqrt(0.95 * 0.05 / count)


def test_the_top_tenth_by_a_good_score_comes_first_and_earns_the_most_a_head() -> None:
    toy = toy_campaign(3, 40_000, holdout=0.2)
    chosen = toy.expected_profit[np.arange(len(toy.rows.arm)), toy.rows.intended]
    found = by_decile(toy.rows, chosen - toy.expected_profit[:, 0], 4)
    assert [each.name for each in found] == ["1", "2", "3", "4"]
    assert found[0].profit is not None
    assert found[-1].profit is not None
    assert found[0].profit.value / found[0].rows > found[-1].profit.value / found[-1].rows


def test_customers_of_equal_score_stay_together() -> None:
    rows = toy_campaign(4).rows
    score = np.repeat([2.0, 1.0], [1_200, 800])
    assert [each.rows for each in by_decile(rows, score, 4)] == [1_200, 800]


def test_a_group_too_small_to_compare_says_why_and_still_counts_its_cost() -> None:
    rows = toy_campaign(5).rows
    small = np.where(np.arange(len(rows.arm)) < 15, 0, -1)
    (found,) = by_group(rows, small, ["few"])
    assert found.profit is None
    assert found.reason is not None
    assert found.cost.value == pytest.approx(rows.cost[:15].sum())


def test_a_group_without_a_name_or_a_missing_score_is_refused() -> None:
    rows = toy_campaign(6).rows
    with pytest.raises(LabError, match="beyond the 1"):
        by_group(rows, np.ones(len(rows.arm), dtype=np.int64), ["only"])
    with pytest.raises(LabError, match="missing or infinite"):
        by_decile(rows, np.full(len(rows.arm), np.nan))
