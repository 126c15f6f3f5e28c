import numpy as np

from retention_lab.recommend.trend import trend_weight

rng = np.random.default_rng(0)
USER = np.repeat(np.arange(50), 40)
TASTE, FASHION = rng.standard_normal(2_000), rng.standard_normal(2_000).astype(np.float32)


def test_where_taste_decides_fashion_is_left_out() -> None:
    assert trend_weight(TASTE, FASHION, TASTE > 1.2, USER) == 0.0


def test_where_fashion_decides_as_much_as_taste_both_count_alike() -> None:
    assert trend_weight(TASTE, FASHION, TASTE + FASHION > 1.8, USER) == 1.0
