from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import GateError, LabError
from retention_lab.tracking.journal import champion_is_gated, promotions
from retention_lab.tracking.registry import CHAMPION, challenger, champion, set_alias
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote, rollback
from tests.workflows.flat_labs import PromotedFlat, customers, flat_lab, trained


def aliases(lab: Lab) -> tuple[str | None, str | None]:
    store = lab.open_store()
    found = champion(store, "mail"), challenger(store, "mail")
    return tuple(None if one is None else one.version for one in found)  # type: ignore[return-value]


def test_a_model_that_beats_every_constant_becomes_champion(mailed: PromotedFlat) -> None:
    found = mailed.promotion.as_json()
    assert (found["promoted"], found["version"], found["previous"]) == (True, "1", None)
    assert all(one["passed"] for one in found["gate"] if one["name"].startswith("G1"))
    assert found["gate"][-1] | {"detail": ""} == {
        "name": "G3.champion",
        "severity": "hard",
        "passed": None,
        "value": None,
        "threshold": 0.0,
        "detail": "",
    }
    assert aliases(mailed.lab) == ("1", None)
    assert champion_is_gated(mailed.lab.open_store(), "mail")
    assert promotions(mailed.lab.open_store(), "mail")[0].why == "the first"


def test_a_dry_run_says_what_would_happen_and_changes_nothing(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers())
    trained(lab)
    report = promote(lab, PromotionRequest("mail", dry_run=True))
    assert (report.passed, report.promoted) == (True, False)
    assert aliases(lab) == (None, "1")
    assert promotions(lab.open_store(), "mail") == []


def test_a_placebo_is_refused(tmp_path: Path) -> None:
    table = customers(5000, effect=0.0, seed=4)
    lab = flat_lab(tmp_path, table)
    assert trained(lab).targeting == "none_better"
    report = promote(lab, PromotionRequest("mail"))
    assert (report.passed, report.promoted) == (False, False)
    assert report.gate[0]["name"] == "constant.coupon"
    assert report.gate[0]["passed"] is False
    assert aliases(lab) == (None, "1")


def test_one_offer_that_helps_everybody_alike_may_become_champion(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    sent = rng.integers(0, 2, 5000)
    table = pa.table(
        {
            "age": rng.integers(18, 82, 5000),
            "arm": np.array(["none", "coupon"])[sent],
            "bought": (rng.random(5000) < 0.2 + 0.2 * sent).astype(int),
        }
    )
    lab = flat_lab(tmp_path, table, id=None, outcomes={"bought": "binary"})
    assert trained(lab).targeting == "none_better"
    assert promote(lab, PromotionRequest("mail")).promoted


def test_a_later_version_must_not_be_worse_than_the_champion(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(6000))
    trained(lab, overrides=("learners=[t]",))
    assert promote(lab, PromotionRequest("mail")).promoted
    trained(lab, overrides=("learners=[constant]",))
    refused = promote(lab, PromotionRequest("mail"))
    assert {one["name"]: one["passed"] for one in refused.gate}["G3.champion"] is False
    assert not refused.promoted
    assert aliases(lab) == ("1", "2")


def test_promotion_and_rollback_are_journalled(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(6000))
    trained(lab, overrides=("learners=[constant]",))  # .35 for one half, -.1 for the other: helps on average
    assert promote(lab, PromotionRequest("mail", why="a start")).promoted
    trained(lab, overrides=("learners=[t]",))
    better = promote(lab, PromotionRequest("mail", why="chooses"))
    assert (better.promoted, better.previous) == (True, "1")
    assert {one["name"]: one["passed"] for one in better.gate}["G3.champion"] is True
    assert rollback(lab, "mail", "complaints") == {"name": "mail", "version": "1", "previous": "2"}
    assert aliases(lab)[0] == "1"
    assert [one.why for one in promotions(lab.open_store(), "mail")] == ["complaints", "chooses", "a start"]


def test_rollback_does_not_go_back_to_what_never_passed_the_gate(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(6000))
    trained(lab, overrides=("learners=[constant]",))
    trained(lab, overrides=("learners=[t]",))
    set_alias(lab.open_store(), "mail", CHAMPION, "1")  # as in MLflow's own UI
    assert promote(lab, PromotionRequest("mail")).promoted
    with pytest.raises(GateError, match="without having passed the gate"):
        rollback(lab, "mail", "")
    assert aliases(lab)[0] == "2"


def test_a_rollback_needs_an_earlier_champion(mailed: PromotedFlat) -> None:
    with pytest.raises(LabError, match="no champion of mail before"):
        rollback(mailed.lab, "mail", "")


def test_the_champion_is_not_promoted_again_and_a_challenger_is_needed(mailed: PromotedFlat) -> None:
    with pytest.raises(LabError, match="champion already"):
        promote(mailed.lab, PromotionRequest("mail", version="1"))
    with pytest.raises(LabError, match="No version of mail bears the alias challenger"):
        promote(mailed.lab, PromotionRequest("mail"))
    with pytest.raises(LabError, match="no version 9"):
        promote(mailed.lab, PromotionRequest("mail", version="9"))


def test_an_observational_model_needs_someone_to_accept_it(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(), propensity="estimate")
    assert trained(lab).causal_basis == "assumed"
    refused = promote(lab, PromotionRequest("mail"))
    assert (refused.promoted, refused.gate[-1]["name"]) == (False, "observational")
    accepted = promote(lab, PromotionRequest("mail", accept_observational=True))
    assert accepted.promoted
