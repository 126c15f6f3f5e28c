from pathlib import Path

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.tracking.models import load_version
from retention_lab.workflows.explain_uplift import explain_uplift
from retention_lab.workflows.project import Lab
from tests.cli.running import lab_json
from tests.workflows.flat_labs import PromotedFlat, customers, flat_lab, trained


def test_the_reasons_of_one_customer_sum_to_the_effect_that_is_scored(mailed: PromotedFlat) -> None:
    found = explain_uplift(mailed.lab, "mail", "c000123")
    (coupon,) = found.offers
    added = coupon.base + sum(one.contribution for one in coupon.reasons) + coupon.rest
    assert added == pytest.approx(coupon.effect)
    scores = load_version(mailed.lab.open_store(), "mail", "/1").model.predict(customers().slice(123, 1))
    assert coupon.effect == pytest.approx(scores["effect.coupon"][0].as_py())
    assert found.best_arm == scores["best_arm"][0].as_py()
    row = customers().slice(123, 1).to_pylist()[0]
    assert {one.feature: one.value for one in coupon.reasons} == {
        name: row[name] for name in ("age", "before", "city")
    }


def test_age_is_the_first_reason_for_most(mailed: PromotedFlat) -> None:
    first = [
        explain_uplift(mailed.lab, "mail", f"c{i:06d}").offers[0].reasons[0].feature for i in range(0, 60, 10)
    ]
    assert np.mean([feature == "age" for feature in first]) > 0.8


def test_an_unknown_customer_is_refused_with_exit_3_and_without_repeating_the_id(
    mailed: PromotedFlat, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("explain", "mail", "--customer", "c999999", "--project", str(mailed.lab.folder))
    code, document = lab_json(capsys, *words)
    assert code == 3
    assert document["error"]["key"] == "customer"
    assert "c999999" not in document["error"]["message"]


def test_the_command_answers_with_each_offer(
    mailed: PromotedFlat, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("explain", "mail", "--customer", "c000005", "--project", str(mailed.lab.folder))
    code, document = lab_json(capsys, *words)
    assert code == 0
    result = document["result"]
    assert [one["arm"] for one in result["offers"]] == ["coupon"]
    assert {"feature", "value", "contribution"} == set(result["offers"][0]["reasons"][0])


def test_a_version_that_gives_one_offer_to_all_says_so(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(2000, effect=0.0), learners=["constant"])
    trained(lab)
    found = explain_uplift(lab, "mail", "c000001")
    assert found.constant_arm == "coupon"
    assert all(one.contribution == 0 for one in found.offers[0].reasons)


def test_rows_without_ids_are_not_explained(tmp_path: Path) -> None:
    lab: Lab = flat_lab(tmp_path, customers(2000), id=None, exclude=["customer"])
    trained(lab)
    with pytest.raises(LabError, match="no ids"):
        explain_uplift(lab, "mail", "c000001")
