import pytest

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.errors import LabError


def test_shares_and_failures_are_counted() -> None:
    arm = ArmCounts(3, 12)
    assert (arm.share, arm.failures) == (0.25, 9)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(LabError, match="0 units"):
        ArmCounts(0, 0)
    with pytest.raises(LabError, match="13 of 12"):
        ArmCounts(13, 12)
    with pytest.raises(LabError, match="-1 of 12"):
        ArmCounts(-1, 12)
    with pytest.raises(LabError, match="not whole"):
        ArmCounts(2.5, 12)  # type: ignore[arg-type]
    with pytest.raises(LabError, match="nan"):
        ArmCounts(float("nan"), 12)  # type: ignore[arg-type]
