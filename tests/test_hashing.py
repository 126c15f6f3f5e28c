import numpy as np
import pytest
from scipy import stats

from retention_lab.hashing import unit_interval

IDS = [f"customer-{i}" for i in range(20_000)]


def test_buckets_are_uniform() -> None:
    found = unit_interval(IDS, "acme-2026")
    assert found.min() >= 0
    assert found.max() < 1
    assert stats.kstest(found, "uniform").pvalue > 1e-4  # fixed ids and salt: this cannot flicker


def test_salts_are_independent_of_each_other() -> None:
    a, b = unit_interval(IDS, "a"), unit_interval(IDS, "b")
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(len(IDS))  # four standard errors


def test_a_customer_keeps_the_bucket_for_ever() -> None:
    # a change here would move every customer between holdout and offers in running campaigns
    assert unit_interval(["anna"], "acme-2026")[0] == pytest.approx(0.46798516379540345, abs=0)


def test_salt_and_id_do_not_run_into_each_other() -> None:
    assert unit_interval(["bc"], "a")[0] != unit_interval(["c"], "ab")[0]


def test_no_ids_give_no_buckets() -> None:
    assert unit_interval([], "a").shape == (0,)
