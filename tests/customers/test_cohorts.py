import numpy as np
import pytest

from retention_lab.customers.cohorts import CohortMonths, cohorts, month_name
from retention_lab.errors import LabError

JANUARY = 12 * 2026


def seen(*rows: tuple[int, int, int, int, float]) -> CohortMonths:
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return CohortMonths(*columns[:4], columns[4].astype(float))


TWO = seen(
    (JANUARY, JANUARY, 10, 12, 500.0),
    (JANUARY, JANUARY + 2, 4, 4, 120.0),
    (JANUARY + 1, JANUARY + 1, 5, 5, 100.0),
    (JANUARY + 1, JANUARY + 2, 0, 0, -20.0),  # a return, and no order
)


def test_a_month_without_orders_is_a_zero_and_a_month_to_come_is_none() -> None:
    found = cohorts(TWO, JANUARY + 2, last_is_complete=True)
    np.testing.assert_array_equal(found.retention, [[1, 0, 0.4], [1, 0, np.nan]])
    np.testing.assert_array_equal(found.revenue, [[500, 0, 120], [100, -20, np.nan]])
    np.testing.assert_array_equal(found.cumulative_revenue, [[50, 50, 62], [20, 16, np.nan]])
    assert found.sizes.tolist() == [10, 5]


def test_a_running_month_is_shown_but_not_counted() -> None:
    found = cohorts(TWO, JANUARY + 2, last_is_complete=False)
    assert found.complete.tolist() == [[True, True, False], [True, False, False]]
    assert found.retention_after(1).value == 0  # of the first cohort alone
    with pytest.raises(LabError, match="2 whole months"):
        found.retention_after(2)
    assert cohorts(TWO, JANUARY + 2, last_is_complete=True).retention_after(2).value == 0.4


def test_a_row_for_every_month_that_has_begun() -> None:
    rows = cohorts(TWO, JANUARY + 2, last_is_complete=False).rows()
    assert [(row["cohort"], row["months_since"]) for row in rows] == [
        *(("2026-01", k) for k in range(3)),
        *(("2026-02", k) for k in range(2)),
    ]
    assert rows[2]["retention"]["value"] == 0.4
    assert rows[2]["revenue_per_customer"] == 12


def test_december_is_a_month_of_its_year() -> None:
    assert month_name(JANUARY - 1) == "2025-12"


def test_no_orders_are_refused() -> None:
    with pytest.raises(LabError, match="Nobody has ordered"):
        cohorts(seen((1, 2, 0, 0, -3.0)), 2, last_is_complete=True)
