from pathlib import Path

import pytest

from retention_lab.errors import LabError
from retention_lab.workflows.leaderboard import leaderboard
from tests.workflows.flat_labs import PromotedFlat, customers, define, flat_lab, trained


def test_candidates_stand_by_their_cross_fitted_loss_and_versions_below(mailed: PromotedFlat) -> None:
    found = leaderboard(mailed.lab, "mail")
    losses = [one["cross_fitted_loss"] for one in found["candidates"]]
    assert losses == sorted(losses)
    assert found["best"] == found["winner"] == found["candidates"][0]["model"] == "t"
    assert [(one["version"], one["aliases"]) for one in found["versions"]] == [("1", ["champion"])]


def test_a_training_that_a_hard_check_ended_is_not_the_latest(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(1500), learners=["constant"])
    with pytest.raises(LabError, match="No training of 'mail' has finished"):
        leaderboard(lab, "mail")
    first = trained(lab)
    define(tmp_path, planned_shares={"none": 0.8, "coupon": 0.2})
    assert not trained(lab).trusted
    assert leaderboard(lab, "mail")["run_id"] == first.run_id
