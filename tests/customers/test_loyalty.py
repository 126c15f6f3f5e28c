import numpy as np
import pytest

from retention_lab.customers.loyalty import MEANINGS, LoyaltyRows, loyalty, loyalty_json
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate


def rows(**changes: object) -> LoyaltyRows:
    found = {
        "orders": np.array([0.0, 1, 2, 6]),
        "orders_365": np.array([0.0, 1, 1, 4]),
        "order_value": np.array([np.nan, 10, 20, 30]),
        "revenue_365": np.array([0.0, 10, 15, 110]),
        "duration_days": np.array([np.nan, 0, 90, 300]),
        "before": np.array([False, False, True, True]),
        "now": np.array([False, True, False, True]),
    }
    return LoyaltyRows(**{**found, **changes})  # type: ignore[arg-type]


def value(name: str, found: dict[str, Estimate | str]) -> float:
    one = found[name]
    assert isinstance(one, Estimate)
    return one.value


def test_prospects_count_in_no_mean_over_buyers() -> None:
    found = loyalty(rows())
    assert set(found) == set(MEANINGS)
    assert value("purchase_frequency", found) == 2
    assert value("purchase_value", found) == 20
    assert value("customer_value", found) == 45
    assert value("duration_days", found) == 130
    assert value("repeat_purchase_rate", found) == pytest.approx(2 / 3)
    assert value("retention_rate", found) == 0.5


def test_what_is_not_recorded_has_a_reason_and_no_number() -> None:
    written = loyalty_json(loyalty(rows()))
    assert written["satisfaction"]["value"] is None
    assert "feedback" in written["satisfaction"]["reason"]
    assert "referred_by" in written["referral_rate"]["reason"]
    nobody = loyalty(rows(before=np.zeros(4, dtype=bool)))
    assert nobody["retention_rate"] == "nobody bought in the window before"


def test_referrals_are_counted_where_they_are_known() -> None:
    found = loyalty(rows(referrals=np.array([0.0, 2, 0, 0]), referred=np.array([True, False, True, False])))
    assert value("referral_rate", found) == 0.25
    assert value("referred_rate", found) == 0.5


def test_a_part_of_the_customers_is_told_by_itself() -> None:
    found = loyalty(rows(score=np.array([5.0, 4, 2, np.nan])).rows(np.array([1, 2])))
    assert value("repeat_purchase_rate", found) == 0.5
    assert value("satisfaction", found) == 3


def test_nobody_is_refused() -> None:
    with pytest.raises(LabError, match="no customers"):
        loyalty(rows().rows(np.array([], dtype=int)))
