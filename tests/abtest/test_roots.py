from math import inf

import pytest

from retention_lab.abtest.roots import crossing, last_positive, last_true


def test_a_crossing_is_found_to_the_last_digit() -> None:
    assert crossing(lambda x: 3 - x**3, 0.0, 10.0) == pytest.approx(3 ** (1 / 3), rel=1e-15)


def test_a_function_that_never_crosses_gives_an_end() -> None:
    assert crossing(lambda _: 1.0, 0.0, 2.0) == 2.0
    assert crossing(lambda _: -1.0, 0.0, 2.0) == 0.0


def test_jumps_and_infinities_do_no_harm() -> None:
    assert crossing(lambda x: inf if x < 0.3 else -inf, 0.0, 1.0) == pytest.approx(0.3, rel=1e-14)
    found = last_positive(lambda x: 1.0 if x < 0.3 else -5.0, 0.0, 1.0, 1e-9)
    assert 0.3 - 1e-9 <= found < 0.3


def test_few_evaluations_find_a_smooth_crossing() -> None:
    asked = []

    def falls(x: float) -> float:
        asked.append(x)
        return 2 - x * x

    found = last_positive(falls, 0.0, 2.0, 1e-9)
    assert 0 < 2**0.5 - found <= 1e-9
    assert len(asked) < 20


def test_the_last_true_number_is_found() -> None:
    assert last_true(lambda k: k <= 37, 0, 100) == 37
    assert last_true(lambda k: k >= 0, 0, 100) == 100
    assert last_true(lambda k: k == 0, 0, 100) == 0
