"""A real transaction log with returns and nameless customers, from the file to the customer view by commands
alone; every figure is found again with pandas in the file itself.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.running import lab_json
from tests.shared_data import shared_file

pytestmark = pytest.mark.slow
FILE = "online_retail/online_retail_sample.parquet"
AS_OF = pd.Timestamp("2011-12-10")
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file's rows, equal ones once, with their amounts; nameless ones are still there."""
    rows = pd.read_parquet(shared_file(FILE))
    # the published figures of this half, so that the file is the one that is meant
    assert len(rows) == 281_096
    assert (rows["Quantity"] * rows["UnitPrice"]).sum() == pytest.approx(5_062_043.572, abs=0.01)
    rows = rows.drop_duplicates()
    return rows.assign(amount=(rows["Quantity"] * rows["UnitPrice"]).round(4))


@pytest.fixture(scope="module")
def lines(raw: pd.DataFrame) -> pd.DataFrame:
    return raw.dropna(subset=["CustomerID"])


@pytest.fixture(scope="module")
def orders(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per order: customer, invoice, when."""
    sold = lines[lines["amount"] > 0]
    return sold.groupby(["CustomerID", "InvoiceNo"], as_index=False)["InvoiceDate"].min()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("retail") / "lab"


@pytest.fixture
def ask(lab: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The result of a command in the project, which is made and filled first."""

    def answer(command: str, *words: str, code: int = 0) -> Any:
        if not lab.exists():
            file = str(shared_file(FILE))
            for step in (
                ("init", str(lab)),
                ("data", "import", "transactions", file, "--preset", "online_retail", "--project", str(lab)),
                ("data", "import", "customers", file, "--preset", "online_retail", "--project", str(lab)),
            ):
                assert lab_json(capsys, *step)[0] == 0
        found, document = lab_json(capsys, *command.split(), *words, "--project", str(lab))
        assert found == code, document
        return document["result"]

    return answer


def test_the_quality_report_counts_what_is_there(ask: Any, raw: pd.DataFrame, lines: pd.DataFrame) -> None:
    found = ask("data check")
    assert found["tables"]["transactions"]["rows"] == len(lines)
    assert found["tables"]["customers"]["rows"] == 2_200 == lines["CustomerID"].nunique()
    checks = {one["name"]: one for one in found["checks"]}
    assert checks["transactions.missing"]["passed"]
    # a cancellation has an invoice of its own, so no return finds the order that it belongs to
    assert checks["transactions.returns"]["passed"] is False
    assert f"{int((lines['amount'] < 0).sum()):,}" in checks["transactions.returns"]["detail"]
    file = str(shared_file(FILE))
    again = ask("data import", "transactions", file, "--preset", "online_retail", "--append")
    assert again["rows_written"] == 0
    assert again["refused"] == {"customer_id is missing": int(raw["CustomerID"].isna().sum())}
    assert again["duplicates"] == 281_096 - len(raw)


def test_rfm_is_of_everybody_who_bought(ask: Any, lines: pd.DataFrame, orders: pd.DataFrame) -> None:
    found = ask("customers rfm")
    assert found["as_of"][:10] == "2011-12-10"
    buyers = orders.groupby("CustomerID").agg(last=("InvoiceDate", "max"), count=("InvoiceNo", "size"))
    assert found["customers"] == 2_200
    assert found["without_orders"] == 2_200 - len(buyers) == 11  # they only ever sent things back
    revenue = lines.groupby("CustomerID")["amount"].sum().loc[buyers.index]
    assert sum(row["revenue"] for row in found["rows"]) == pytest.approx(revenue.sum(), abs=0.01)
    days = (AS_OF - buyers["last"]) / DAY
    cuts = days.quantile([0.2, 0.4, 0.6, 0.8], interpolation="higher")
    np.testing.assert_allclose(found["cuts"]["recency_days"], cuts, rtol=0.02)
    latest = sum(row["customers"] for row in found["rows"] if row["recency"] == 5)
    assert latest == (days < found["cuts"]["recency_days"][0]).sum()
    assert latest == pytest.approx(len(buyers) / 5, abs=5)
    once = buyers["count"] == 1  # over a third, so the two lowest scores of frequency are one
    lowest = sum(row["customers"] for row in found["rows"] if row["frequency"] == 1)
    assert lowest == once.sum()


def test_stages_follow_from_each_customers_own_rhythm(ask: Any, orders: pd.DataFrame, tmp_path: Path) -> None:
    out = tmp_path / "stages.parquet"
    found = ask("customers lifecycle", "--before", "2011-09-01", "--out", str(out))
    assert sum(row["customers"] for row in found["rows"]) == 2_200
    assert sum(row["customers"] for row in found["transitions"]) == 2_200
    stages = pd.read_parquet(out).set_index("customer_id")["lifecycle"]
    times = orders.groupby("CustomerID")["InvoiceDate"].agg(["min", "max", "size"])
    regular = times[times["size"] >= 3]
    gap = ((regular["max"] - regular["min"]) / DAY / (regular["size"] - 1)).clip(lower=1)
    overdue = (AS_OF - regular["max"]) / DAY / gap
    expected = np.select([overdue > 4, overdue > 2], ["churned", "at_risk"], "here")
    told = stages.loc[regular.index].replace({"active": "here", "returned": "here"})
    assert (told == expected).all()
    assert set(stages.loc[times.index[times["size"] == 1]]) <= {"new", "at_risk", "churned"}
    assert (stages == "prospect").sum() == 11


def test_cohorts_are_the_ones_that_pandas_finds(ask: Any, lines: pd.DataFrame, orders: pd.DataFrame) -> None:
    month = orders["InvoiceDate"].dt.year * 12 + orders["InvoiceDate"].dt.month - 1
    cohort = month.groupby(orders["CustomerID"]).transform("min")
    active = orders.groupby([cohort, month - cohort])["CustomerID"].nunique()
    found = ask("customers cohorts")
    rows = {(row["cohort"], row["months_since"]): row for row in found["rows"]}
    for (first, since), count in active.items():
        name = f"{first // 12}-{first % 12 + 1:02d}"
        assert rows.pop((name, since))["active"] == count
    assert all(row["active"] == 0 for row in rows.values())
    assert found["customers"] == orders["CustomerID"].nunique()
    when = lines["InvoiceDate"].dt.year * 12 + lines["InvoiceDate"].dt.month - 1
    first = lines["CustomerID"].map(cohort.groupby(orders["CustomerID"]).first())
    total = lines.loc[when >= first, "amount"].sum()
    assert sum(row["revenue"] for row in found["rows"]) == pytest.approx(total, abs=0.01)
    assert {row["cohort"] for row in found["rows"] if not row["complete"]} == {
        row["cohort"] for row in found["rows"]
    }  # the log ends on 9 December, so the last month of every cohort is running


def test_loyalty_rates_are_the_ones_that_pandas_finds(ask: Any, orders: pd.DataFrame) -> None:
    whole = ask("customers loyalty", "--by", "region", "--window", "120")["rows"][0]
    counts = orders.groupby("CustomerID").size()
    assert whole["repeat_purchase_rate"]["value"] == pytest.approx((counts >= 2).mean())
    later, earlier = AS_OF - 120 * DAY, AS_OF - 240 * DAY
    now = set(orders.loc[orders["InvoiceDate"] >= later, "CustomerID"])
    between = (orders["InvoiceDate"] >= earlier) & (orders["InvoiceDate"] < later)
    before = set(orders.loc[between, "CustomerID"])
    assert whole["retention_rate"]["value"] == pytest.approx(len(now & before) / len(before))
    recent = orders[orders["InvoiceDate"] >= AS_OF - 365 * DAY].groupby("CustomerID").size()
    assert whole["purchase_frequency"]["value"] == pytest.approx(recent.sum() / len(counts))
    assert whole["satisfaction"]["value"] is None  # nobody was asked
    assert "reason" in whole["satisfaction"]


def test_one_customer_is_shown_with_orders_and_returns(
    ask: Any, lines: pd.DataFrame, orders: pd.DataFrame
) -> None:
    returned = lines[lines["amount"] < 0].groupby("CustomerID")["amount"].count()
    someone = str((returned * orders.groupby("CustomerID").size()).idxmax())
    found = ask("customers profile", someone)
    facts = {row["name"]: row["value"] for row in found["rows"]}
    own = lines[lines["CustomerID"] == someone]
    assert facts["orders"] == (orders["CustomerID"] == someone).sum()
    assert facts["revenue"] == pytest.approx(own["amount"].sum(), abs=0.005)
    assert facts["region"] == own.sort_values("InvoiceDate")["Country"].iloc[0]
    assert len(found["orders"]) == 10
    paid = own[own["amount"] > 0].groupby("InvoiceNo")["amount"].sum()
    for order in found["orders"]:
        assert order["paid"] == pytest.approx(paid.get(order["order_id"], 0.0), abs=0.005)


def test_segments_and_the_page_are_made_of_it(ask: Any, lab: Path) -> None:
    found = ask("train", "segments", "--set", "k=[3, 4]", "--set", "resamples=5", "--set", "scale=log")
    assert found["customers"] == 2_200
    assert found["left_out"] == 11
    assert found["metrics"]["stability"]["value"] > 0.8
    assert ask("customers segments")["in_no_segment"] == 11
    page = (lab / ask("customers report", "--by", "segments")["file"]).read_text(encoding="utf-8")
    assert "2,189 have bought" in page


def test_who_leaves_is_learned_from_looks_at_it(ask: Any, orders: pd.DataFrame) -> None:
    found = ask("train", "churn", "--set", "models=[logistic]")
    looks = next(one["detail"] for one in found["checks"] if one["name"] == "looks")
    first = pd.Timestamp(looks.split(": ")[1])
    recent = orders[(orders["InvoiceDate"] < first) & (orders["InvoiceDate"] >= first - 90 * DAY)]
    at_risk = recent["CustomerID"].nunique()
    assert f"{first:%Y-%m-%d}: {at_risk} customers" in looks
    auc = found["metrics"]["auc"]
    assert auc["ci_low"] > 0.58  # who bought often and lately comes back: far from chance, also on 300 rows
    assert found["model_version"] == "1"


def test_what_customers_are_worth_is_learned_from_it(ask: Any, orders: pd.DataFrame) -> None:
    found = ask("train", "clv", "--set", "models=[beta_geo]", "--set", "calibration_end=2011-09-06")
    seen = orders[orders["InvoiceDate"] < pd.Timestamp("2011-09-07")]
    assert found["customers"] == seen["CustomerID"].nunique()
    (model,) = (one for one in found["candidates"] if one["model"] == "beta_geo")
    # Christmas lies in the holdout, which no steady rate foresees: the forecast is low, and says so
    assert -0.35 < model["metrics"]["bias"]["value"] < -0.15
    check = next(one for one in found["checks"] if one["name"] == "total_close")
    assert check["passed"] is False
