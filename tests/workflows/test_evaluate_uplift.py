from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import LabError
from retention_lab.tracking.search import get_run
from retention_lab.workflows.evaluate_uplift import evaluate_uplift
from tests.workflows.flat_labs import PromotedFlat, customers, define, flat_lab, trained


def test_a_version_is_judged_on_customers_it_never_saw(mailed: PromotedFlat) -> None:
    report = evaluate_uplift(mailed.lab, "mail@champion")
    assert (report.version, report.rows, report.dropped) == ("1", 1200, 2800)
    assert report.evidence.estimates["qini"].low > 0
    assert report.as_json()["rows_dropped_as_trained_on"] == 2800
    run = get_run(mailed.lab.open_store(), report.run_id)
    assert run.experiment == "evaluate/mail"
    assert run.metrics["valid.qini"] == report.evidence.estimates["qini"].value


def test_another_table_drops_the_customers_that_were_trained_on(mailed: PromotedFlat, tmp_path: Path) -> None:
    both = pa.concat_tables([customers().slice(0, 1000), customers(1500, seed=2, first=9000)])
    pq.write_table(both, tmp_path / "later.parquet")
    report = evaluate_uplift(mailed.lab, "mail", table=tmp_path / "later.parquet")
    assert report.rows + report.dropped == 2500
    assert 1500 < report.rows < 2000
    assert report.evidence.estimates["qini"].low > 0


def test_fewer_than_a_thousand_new_rows_are_refused(mailed: PromotedFlat, tmp_path: Path) -> None:
    pa_csv.write_csv(customers(999, seed=2, first=9000), tmp_path / "few.csv")
    with pytest.raises(LabError, match="999 of 999 rows are new to the model"):
        evaluate_uplift(mailed.lab, "mail", table=tmp_path / "few.csv")


def test_rows_without_an_id_go_by_their_number_also_once_the_table_has_grown(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers().drop_columns("customer"), id=None)
    trained(lab)
    assert evaluate_uplift(lab, "mail").dropped == 2800
    grown = pa.concat_tables([customers(), customers(500, seed=2)]).drop_columns("customer")
    pa_csv.write_csv(grown, tmp_path / "mail.csv")
    report = evaluate_uplift(lab, "mail")
    assert (report.rows, report.dropped) == (1700, 2800)


def test_the_same_version_differs_from_itself_by_nothing(mailed: PromotedFlat) -> None:
    report = evaluate_uplift(mailed.lab, "mail/1", against="mail@champion")
    assert report.as_json()["against"]["version"] == "1"
    assert {name: one.value for name, one in report.difference.items()} == {"qini": 0.0, "policy_value": 0.0}


def test_a_better_version_shows_in_the_paired_difference_on_rows_new_to_both(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers(8000), validation={"share": 0.5})
    trained(lab, overrides=("learners=[constant]",))
    trained(lab, overrides=("learners=[t]", "validation.seed=8"))
    report = evaluate_uplift(lab, "mail/2", against="mail/1")
    assert abs(report.rows - 2000) < 150  # in neither half
    assert report.difference["policy_value"].low > 0
    assert report.difference["qini"].low > 0


def test_a_version_that_learned_another_outcome_is_not_judged_by_this_one(tmp_path: Path) -> None:
    lab = flat_lab(tmp_path, customers())
    trained(lab)
    define(tmp_path, primary="spend")
    with pytest.raises(LabError, match="asks for 'spend', and version 1 learned 'bought'"):
        evaluate_uplift(lab, "mail")


def test_a_table_with_other_arms_is_refused(mailed: PromotedFlat, tmp_path: Path) -> None:
    pa_csv.write_csv(customers(3000, seed=2, offers=("coupon", "letter")), tmp_path / "arms.csv")
    with pytest.raises(LabError, match="the model knows none, coupon"):
        evaluate_uplift(mailed.lab, "mail", table=tmp_path / "arms.csv")


def test_a_table_without_a_feature_is_refused(mailed: PromotedFlat, tmp_path: Path) -> None:
    pa_csv.write_csv(customers(3000, seed=2, first=9000).drop_columns("age"), tmp_path / "cut.csv")
    with pytest.raises(LabError, match="'age'"):
        evaluate_uplift(mailed.lab, "mail", table=tmp_path / "cut.csv")


def test_a_model_that_does_not_exist_is_named(mailed: PromotedFlat) -> None:
    with pytest.raises(LabError, match="No version of male has been registered"):
        evaluate_uplift(mailed.lab, "male")


def test_the_project_learned_from_its_experiments_takes_no_table(lab: object, tmp_path: Path) -> None:
    pa_csv.write_csv(customers(1500), tmp_path / "mail.csv")
    with pytest.raises(LabError, match="--table has nothing to replace"):
        evaluate_uplift(lab, "winback-uplift", table=tmp_path / "mail.csv")  # type: ignore[arg-type]


def test_uplift_of_everybody_is_the_average_effect(mailed: PromotedFlat) -> None:
    gains = evaluate_uplift(mailed.lab, "mail").evidence.estimates
    nobody, everybody = gains["policy_gain.none"], gains["policy_gain.coupon"]
    assert everybody.value < nobody.value  # the offer helps on average, and more where it is chosen
    assert np.isclose(nobody.value - everybody.value, 0.125, atol=0.08)
