"""Plans that ask how sure the model is: caution, and exploration by Thompson's frequencies."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.workflows.launch_campaign import launch_campaign
from retention_lab.workflows.plan_campaign import PlanReport, plan_campaign
from retention_lab.workflows.plan_files import latest_plan
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.train_uplift import train_uplift
from tests.workflows.conftest import copied, silent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(simulated: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A champion that keeps five refits."""
    lab = copied(simulated[0], tmp_path_factory.mktemp("unsure") / "lab")
    train_uplift(lab, "winback-uplift", overrides=["learners=[t]", "spread=5"], say=silent)
    assert promote(lab, PromotionRequest("winback-uplift", why="a test")).promoted
    return lab


def plan(lab: Lab, *overrides: str) -> PlanReport:
    return plan_campaign(lab, "winback", overrides=["budget=800", *overrides], say=silent)


def test_a_cautious_plan_shows_what_caution_costs_on_the_same_rows(lab: Lab) -> None:
    cautious, usual = plan(lab, "policy.risk={cautious: 0.2}"), plan(lab)
    risk = cautious.result["risk"]
    assert usual.result["risk"] is None
    gap = risk["expected"]["value"] - risk["cautious"]["value"]
    assert risk["cost_of_caution"]["value"] == pytest.approx(gap)
    assert risk["expected"]["value"] == pytest.approx(usual.result["expected"]["profit"]["value"], rel=0.05)
    assert risk["cautious"]["value"] == pytest.approx(cautious.result["expected"]["profit"]["value"])
    assert (cautious.rows.intended > 0).sum() < (usual.rows.intended > 0).sum()
    chosen = cautious.rows.intended > 0
    assert (cautious.rows.value[chosen] > 0).all()  # shown as it is on average


def test_caution_at_a_share_that_the_refits_do_not_have_is_refused(lab: Lab) -> None:
    with pytest.raises(ConfigurationError, match="5 refits") as caught:
        plan(lab, "policy.risk={cautious: 0.1}")
    assert "spread: 10" in caught.value.next_step


def test_thompson_explores_more_where_an_offer_may_be_best_and_logs_it_exactly(lab: Lab) -> None:
    path = lab.folder / "campaigns" / "winback.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("exploration: 0.1 ", "exploration: 0.15\nexploration_by: thompson\n#"))
    report = plan_campaign(lab, "winback", say=silent)
    rows = report.rows
    assert rows.favoured is not None
    np.testing.assert_allclose(rows.favoured.sum(axis=1), 1)
    np.testing.assert_allclose(rows.propensity.sum(axis=1), 1)
    others = rows.propensity.copy()
    others[np.arange(len(others)), rows.intended] = np.nan
    others[:, 0] = np.nan
    assert np.nanmin(others) >= 0.01 - 1e-12
    assert np.nanmax(others) > np.nanmin(others) + 0.01  # some arms are favoured beyond the least
    again = latest_plan(lab, "winback").rows()
    np.testing.assert_array_equal(again.favoured, rows.favoured)

    launch = launch_campaign(lab, "winback", seed=7)
    drawn = pq.read_table(lab.folder / "data" / "propensities" / f"{launch.experiment}.parquet").to_pylist()
    place = {customer: i for i, customer in enumerate(rows.ids.tolist())}
    for one in drawn:
        logged = rows.propensity[place[one["customer_id"]], rows.arms.index(one["arm"])]
        assert one["propensity"] == pytest.approx(logged)
    explored = [
        row
        for row in pq.read_table(lab.folder / launch.assignments_file).to_pylist()
        if row["role"] == "exploration"
    ]
    share = rows.exploration.mean()
    assert abs(len(explored) - share * len(rows.ids)) < 4 * np.sqrt(share * len(rows.ids))
