import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.binomial import (
    log_binomial,
    log_binomial_at_least,
    log_binomial_at_most,
    log_hypergeometric,
    log_sum,
)


def test_masses_sum_to_one() -> None:
    for n, p in ((1, 0.3), (40, 0.02), (3000, 0.7)):
        assert log_sum(log_binomial(np.arange(n + 1), n, p)) == pytest.approx(0, abs=1e-12)
    assert log_sum(log_hypergeometric(np.arange(31), 40, 60, 30)) == pytest.approx(0, abs=1e-12)


def test_masses_agree_with_fifty_digit_arithmetic() -> None:
    assert float(log_binomial(500, 1000, 0.1)) == pytest.approx(-514.50554275808479, abs=1e-11)
    assert float(log_binomial(60_000, 10**6, 0.05)) == pytest.approx(-998.4996890787107, abs=1e-11)
    assert float(log_hypergeometric(1000, 300_000, 700_000, 2200)) == pytest.approx(
        -120.50675413509179, abs=1e-11
    )


def test_tails_agree_with_fifty_digit_arithmetic_where_they_underflow() -> None:
    assert log_binomial_at_least(500, 1000, 0.1) == pytest.approx(-514.3880711244219, abs=1e-11)
    assert log_binomial_at_least(60_000, 10**6, 0.05) == pytest.approx(-996.75969230375973, abs=1e-11)
    assert log_binomial_at_most(500, 1000, 0.9) == pytest.approx(-514.3880711244219, abs=1e-9)


def test_tails_agree_with_the_textbook_where_they_do_not() -> None:
    for k in (1, 3, 17, 40):
        assert np.exp(log_binomial_at_least(k, 40, 0.2)) == pytest.approx(stats.binom.sf(k - 1, 40, 0.2))
        assert np.exp(log_binomial_at_most(k, 40, 0.2)) == pytest.approx(stats.binom.cdf(k, 40, 0.2))


def test_ends_are_certain_or_impossible() -> None:
    assert log_binomial_at_least(0, 10, 0.3) == 0.0
    assert log_binomial_at_least(11, 10, 0.3) == -np.inf
    assert float(log_binomial(0, 10, 0.0)) == 0.0
    assert float(log_binomial(1, 10, 0.0)) == -np.inf
    assert float(log_hypergeometric(5, 4, 6, 5)) == -np.inf
    assert log_sum(np.array([])) == -np.inf
