from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.cleaning import CleaningRule
from retention_lab.config.churn import ChurnDefinition
from retention_lab.config.loading import read_definition
from retention_lab.errors import LabError
from retention_lab.tracking.models import load_version
from retention_lab.workflows.churn_looks import read_churn_looks
from retention_lab.workflows.churn_rows import ChurnRows
from retention_lab.workflows.churn_training import split_rows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_churn import train_churn
from tests.workflows.churn_labs import shop

LEAVE = "kind: churn\nlabel: {inactive_days: 60}\nsnapshots: {every_days: 30, count: 4}\nmodels: [logistic]\n"
DAY = 86_400_000_000


def looks(lab: Lab, name: str = "leave", as_of: datetime | None = None) -> ChurnRows:
    definition = read_definition(lab.project, name)
    assert isinstance(definition, ChurnDefinition)
    with lab.open_tables() as tables:
        return read_churn_looks(tables, definition, as_of)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return shop(tmp_path_factory.mktemp("shop"), leave=LEAVE)


def test_labels_agree_with_the_orders_themselves(lab: Lab) -> None:
    rows = looks(lab)
    assert rows.as_of is not None
    orders = pa_csv.read_csv(lab.folder / "data" / "transactions.csv")
    at = np.asarray(orders["ordered_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy())
    who = np.array(orders["customer_id"].to_pylist())
    for i in range(0, len(rows), 97):
        mine, now = at[who == rows.unit[i]], rows.as_of[i]
        assert ((mine >= now - 60 * DAY) & (mine < now)).any()  # was at risk
        stayed = ((mine >= now) & (mine < now + 60 * DAY)).any()
        assert rows.left[i] == (0.0 if stayed else 1.0)


def test_nothing_after_a_look_moves_its_features(lab: Lab, tmp_path: Path) -> None:
    rows = looks(lab)
    assert rows.as_of is not None
    first = rows.as_of == rows.as_of.min()
    until = datetime.fromtimestamp(int(rows.as_of.min()) / 1e6, UTC) + timedelta(days=60)
    early = looks(lab, as_of=until)
    assert early.as_of is not None
    again = early.rows(early.as_of == rows.as_of.min())
    assert again.table.equals(rows.rows(first).table)


def test_held_out_customers_are_of_a_time_after_the_training_labels(lab: Lab) -> None:
    rows = looks(lab)
    parts = split_rows(rows, 0.3, 7)
    assert rows.as_of is not None
    assert rows.label_end is not None
    assert parts.later
    assert rows.label_end[parts.training].max() <= rows.as_of[parts.validation].min()
    assert not set(rows.unit[parts.training]) & set(rows.unit[parts.validation])
    assert len(set(rows.unit[parts.validation])) == parts.validation.sum()


def test_looks_too_close_for_that_are_said_to_be(tmp_path: Path) -> None:
    close = LEAVE.replace("every_days: 30", "every_days: 10")
    found = train_churn(shop(tmp_path, leave=close), "leave", register=False, say=lambda _: None)
    later = next(one for one in found.checks if one["name"] == "later_look")
    assert later["passed"] is False


def test_a_subscription_that_is_followed_by_another_has_not_ended(tmp_path: Path) -> None:
    lab = shop(tmp_path, leave="kind: churn\nlabel: {subscription: ended}\nsnapshots: {count: 1}\n")
    (tmp_path / "data" / "subscriptions.csv").write_text(
        "customer_id,started_at,ended_at\n"
        "c0000,2025-01-05,\n"  # runs on
        "c0002,2025-01-05,2025-11-15\n"  # ends within the last 90 days
        "c0004,2025-01-05,2025-11-15\nc0004,2025-11-20,\n"  # and takes another
        "c0006,2025-01-05,2025-02-15\n"  # ended long ago: not at risk
    )
    rows = looks(lab)
    assert dict(zip(rows.unit.tolist(), rows.left.tolist(), strict=True)) == {
        "c0000": 0.0,
        "c0002": 1.0,
        "c0004": 0.0,
    }


def test_a_date_after_the_data_and_a_feature_that_is_not_there_are_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="The data end"):
        looks(lab, as_of=datetime(2030, 1, 1, tzinfo=UTC))
    with pytest.raises(LabError, match="no feature 'recenzy_days'"):
        looks(shop(tmp_path, leave=LEAVE + "exclude: [recenzy_days]\n"))


def test_looks_before_there_were_customers_are_refused(tmp_path: Path) -> None:
    early = LEAVE.replace("count: 4", "count: 1").replace("every_days: 30", "every_days: 30, gap_days: 2000")
    with pytest.raises(LabError, match="Nobody was at risk"):
        looks(shop(tmp_path, leave=early))


def test_candidates_are_compared_on_later_looks_and_cleaned_inside_them(tmp_path: Path) -> None:
    text = LEAVE.replace("count: 4", "count: 6").replace("[logistic]", "[logistic, hazard]")
    text += "validation: {rolling: 1}\ncleaning: {missing: median, cap: 0.99}\n"
    shop_lab = shop(tmp_path, leave=text)
    report = train_churn(shop_lab, "leave", say=lambda _: None)
    [said] = [one["detail"] for one in report.checks if one["name"] == "rolling_looks"]
    assert "of 1 looks" in said
    model = load_version(shop_lab.open_store(), "leave", "@challenger").model
    assert model.model.cleaning.rule == CleaningRule("median", 0.99)
    assert report.metrics["auc"]["value"] > 0.6


def test_looks_that_no_label_precedes_cannot_be_rolled_over(tmp_path: Path) -> None:
    shop_lab = shop(tmp_path, leave=LEAVE + "validation: {rolling: 1}\n")
    with pytest.raises(LabError, match="comes after a completed label"):
        train_churn(shop_lab, "leave", say=lambda _: None)
