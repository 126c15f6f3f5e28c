import pytest

from retention_lab.abtest.shares import require_part, require_shares
from retention_lab.errors import LabError


def test_decimals_that_sum_to_one_but_for_rounding_are_shares() -> None:
    assert require_shares([0.1] * 10) == (0.1,) * 10


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        ([0.5, 0.4], "sum to 0.9"),
        ([0.6, 0.5], "sum to 1.1"),
        ([1.0], "for 1 arms"),
        ([], "for 0 arms"),
        ([1.0, 0.0], "arm 0 is 1.0"),
        ([1.5, -0.5], "arm 0 is 1.5"),
        ([0.5, float("nan")], "arm 1 is nan"),
    ],
)
def test_what_are_not_shares_of_arms_is_refused(shares: list[float], why: str) -> None:
    with pytest.raises(LabError, match=why):
        require_shares(shares)


@pytest.mark.parametrize("part", [0.0, -1.0, 1.5, float("nan")])
def test_a_part_is_above_0_and_at_most_1(part: float) -> None:
    with pytest.raises(LabError, match="The coverage is"):
        require_part(part, "The coverage", "coverage")
