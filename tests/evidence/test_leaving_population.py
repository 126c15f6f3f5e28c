import numpy as np
import pytest

from evidence.leaving_population import Leavers, leavers, leaving, trained
from retention_lab.churn.learners.protocol import contributions
from retention_lab.churn.reasons import main_reason
from retention_lab.data.snapshot_columns import MARKS
from retention_lab.simulate import Retailer, retailer
from retention_lab.simulate.customers import REASONS
from retention_lab.workflows.churn_training import Fitted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(8_000, 100_010)


@pytest.fixture(scope="module")
def found(shop: Retailer) -> tuple[Fitted, Leavers]:
    return trained(shop, leaving())


def test_reasons_name_the_planted_cause_of_most_leavers(found: tuple[Fitted, Leavers]) -> None:
    scorer, gone = found[0].scorer, found[1]
    named = main_reason(contributions(scorer.model, scorer.features(gone.rows)), scorer.groups)
    right = np.mean([name == REASONS[cause] for name, cause in zip(named, gone.cause, strict=True)])
    assert len(gone.cause) > 100
    assert right >= 0.6  # three times a draw among the four causes and none; .7 is usual


def test_the_marks_are_features_by_default_and_can_be_left_out(found: tuple[Fitted, Leavers]) -> None:
    assert set(MARKS) < set(found[0].scorer.schema.names)
    assert set(leaving(marked=False).exclude) == set(MARKS)


def test_nobody_of_the_leavers_was_trained_on_and_all_have_left(
    shop: Retailer, found: tuple[Fitted, Leavers]
) -> None:
    rows = found[1].rows
    everybody = leavers(shop, rows)
    assert everybody.rows.equals(rows)
    phase = dict(zip(shop.truth.customer_ids.to_pylist(), shop.truth.phase.to_pylist(), strict=True))
    assert {phase[one] for one in rows["customer_id"].to_pylist()} == {"fading", "gone"}
