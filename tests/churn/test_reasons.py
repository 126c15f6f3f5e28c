import numpy as np
import pytest

from retention_lab.churn.reasons import feature_groups, main_reason, reasons

NAMES = ("MonthlyCharges", "TechSupport", "tenure", "complaints")
PARTS = np.array([0.4, -0.1, 0.9, 0.2, -1.0])


def test_groups_are_guessed_from_names_and_said_by_the_user() -> None:
    assert feature_groups(NAMES) == ("price", "service", "other", "service")
    assert feature_groups(NAMES, {"tenure": "product"})[2] == "product"


def test_parts_are_gathered_and_ranked_and_sum_to_the_log_odds() -> None:
    found = reasons(PARTS, NAMES, feature_groups(NAMES))
    assert [one.group for one in found] == ["other", "price", "service"]
    assert [part.feature for part in found[2].parts] == ["complaints", "TechSupport"]
    assert sum(one.log_odds for one in found) == pytest.approx(PARTS[:-1].sum())


def test_the_main_reason_is_the_group_that_raises_the_risk_most() -> None:
    both = np.array([PARTS, [-0.4, -0.1, 0.9, -0.2, 0.0]])
    assert main_reason(both, feature_groups(NAMES)) == ("price", None)


def test_where_no_feature_is_evidence_of_a_reason_none_is_named() -> None:
    assert main_reason(PARTS[None], ("other",) * 4) == (None,)
