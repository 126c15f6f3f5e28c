"""Arms of converted units that several tests share."""

from retention_lab.abtest.arm_counts import ArmCounts
from tests.abtest.reference import expected, inputs


def counted_rows(file: str, arm: int = 1, rows: int | None = None) -> tuple[ArmCounts, ArmCounts]:
    """Control and treated of the reference inputs, by `has_order`; of the first so many rows."""
    table = inputs(file).iloc[:rows]
    control, treated = (table.has_order[table.variant == k] for k in (0, arm))
    return ArmCounts(int(control.sum()), len(control)), ArmCounts(int(treated.sum()), len(treated))


def statsmodels_counts(file: str) -> tuple[ArmCounts, ArmCounts]:
    """Control and treated as statsmodels was given them."""
    found = expected("statsmodels")[file]["counts"]
    return ArmCounts(found["k0"], found["n0"]), ArmCounts(found["k1"], found["n1"])
