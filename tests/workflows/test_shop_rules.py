"""Whatever the definition's rules are, no list of a command breaks one."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import yaml

from retention_lab.config.recommend import ShopRules
from retention_lab.errors import LabError
from retention_lab.tracking.models import load_version
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.evaluate_recommend import judged_scorer, known_to, what_came_later
from retention_lab.workflows.explain import explain
from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.recommend_report import RecommendTrainReport
from retention_lab.workflows.score import score
from retention_lab.workflows.shop_state import project_histories, shop_state_at
from retention_lab.workflows.train import train
from retention_lab.workflows.train_recommend import trained_definition
from tests.workflows.conftest import silent

CUSTOMERS, PRODUCTS, END = 160, 40, datetime(2026, 3, 1)
CASES = pytest.mark.parametrize("cases", [15, pytest.param(1_000, marks=pytest.mark.slow)])


def shop(folder: Path) -> Lab:
    """A small shop of five categories: stock, margins, consent, showings and contacts all differ."""
    rng = np.random.default_rng(4)
    folder.mkdir()
    (folder / "experiments").mkdir()
    (folder / "data").mkdir()
    (folder / "lab.yaml").write_text("name: s\ncurrency: EUR\ndata: {source: data/}\n", encoding="utf-8")
    customer, product = [f"c{i}" for i in range(CUSTOMERS)], [f"p{i:02}" for i in range(PRODUCTS)]

    def days(count: int) -> pa.Array:
        return pa.array([END - timedelta(days=float(d)) for d in rng.uniform(0, 90, count)])

    lines = CUSTOMERS * 8
    who = np.repeat(np.arange(CUSTOMERS), 8)
    what = np.where(
        rng.random(lines) < 0.7, who % 5 + 5 * rng.integers(0, 8, lines), rng.integers(0, 40, lines)
    )
    amount = rng.uniform(5, 20, lines)
    share = np.linspace(0.05, 0.6, PRODUCTS)[what]
    tables = {
        "customers": pa.table(
            {
                "customer_id": customer,
                "signup_at": [datetime(2025, 1, 1)] * CUSTOMERS,
                "consent_profiling": pa.array(rng.choice([True, True, False, None], CUSTOMERS).tolist()),
            }
        ),
        "products": pa.table(
            {
                "product_id": product,
                "category": [None if i % 11 == 0 else f"k{i % 5}" for i in range(PRODUCTS)],
                "stock": pa.array(
                    [None if i % 13 == 0 else int(rng.integers(0, 3)) for i in range(PRODUCTS)]
                ),
            }
        ),
        "transactions": pa.table(
            {
                "order_id": [f"o{i}" for i in range(lines)],
                "customer_id": [customer[i] for i in who],
                "ordered_at": days(lines),
                "amount": amount,
                "contribution": amount * share,
                "product_id": [product[i] for i in what],
            }
        ),
        "events": pa.table(
            {
                "customer_id": rng.choice(customer, 900),
                "at": days(900),
                "kind": rng.choice(["shown", "view"], 900),
                "product_id": rng.choice(product, 900),
            }
        ),
        "assignments": pa.table(
            {
                "experiment": ["old"] * CUSTOMERS,
                "customer_id": customer,
                "arm": rng.choice(["none", "mail"], CUSTOMERS),
                "propensity": [0.5] * CUSTOMERS,
                "assigned_at": days(CUSTOMERS),
                "role": ["exploration"] * CUSTOMERS,
                "intended_arm": pa.array([None] * CUSTOMERS, pa.string()),
            }
        ),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / "data" / f"{name}.parquet")
    return with_rules(folder)


def with_rules(folder: Path, **rules: object) -> Lab:
    definition: dict[str, object] = {"kind": "recommend", "models": ["item_knn"], "k": [5, 10]}
    if rules:
        definition["rules"] = rules
    (folder / "experiments" / "recommend.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    return open_project(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("rules") / "lab"
    train(shop(found), "recommend", say=silent)
    return found


def table(folder: Path, name: str) -> pa.Table:
    return pq.read_table(folder / "data" / f"{name}.parquet")


def random_rules(rng: np.random.Generator) -> ShopRules:
    def some(value: float) -> float | None:
        return value if rng.random() < 0.5 else None

    return ShopRules.model_validate(
        {
            "in_stock": bool(rng.random() < 0.5),
            "margin_floor": some(round(float(rng.uniform(0, 0.4)), 2)),
            "bought_recently_days": some(int(rng.integers(1, 80))),
            "category_cap": some(int(rng.integers(1, 4))),
            "showings_cap": some(int(rng.integers(1, 3))),
            "contacts_cap": some(1),
            "window_days": int(rng.integers(1, 60)),
            "consent": bool(rng.random() < 0.5),
        }
    )


class Merchant:
    """Asks of one recommendation whether it keeps the rules, from the tables, a rule at a time."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.now = now
        self.agree = {
            row["customer_id"]: row["consent_profiling"] is True
            for row in table(folder, "customers").to_pylist()
        }
        self.product = {row["product_id"]: row for row in table(folder, "products").to_pylist()}
        self.bought: dict[tuple[str, str], list[datetime]] = {}
        sums: dict[str, list[float]] = {}
        for row in table(folder, "transactions").to_pylist():
            self.bought.setdefault((row["customer_id"], row["product_id"]), []).append(row["ordered_at"])
            both = sums.setdefault(row["product_id"], [0.0, 0.0])
            both[0] += row["contribution"]
            both[1] += row["amount"]
        self.margin = {name: gain / paid for name, (gain, paid) in sums.items()}
        self.shown: dict[tuple[str, str], list[datetime]] = {}
        for row in table(folder, "events").to_pylist():
            if row["kind"] == "shown":
                self.shown.setdefault((row["customer_id"], row["product_id"]), []).append(row["at"])
        self.sent = {
            row["customer_id"]: row["assigned_at"]
            for row in table(folder, "assignments").to_pylist()
            if row["arm"] != "none"
        }

    def complaint(self, rules: ShopRules, customer: str, item: str) -> str | None:
        window = timedelta(days=rules.window_days)
        seen = self.bought.get((customer, item), [])
        shown = [at for at in self.shown.get((customer, item), []) if self.now - at < window]
        found = self.product[item]
        broken = {
            "stock": rules.in_stock and not (found["stock"] or 0) >= 1,
            "margin": rules.margin_floor is not None
            and self.margin.get(item, -1) < rules.margin_floor - 1e-9,
            "had": rules.bought_recently_days is None and bool(seen),
            "bought": rules.bought_recently_days is not None
            and any(self.now - at < timedelta(days=rules.bought_recently_days) for at in seen),
            "showings": rules.showings_cap is not None and len(shown) >= rules.showings_cap,
            "contacts": rules.contacts_cap is not None
            and customer in self.sent
            and self.now - self.sent[customer] < window,
            "consent": rules.consent and not self.agree[customer],
        }
        return next((name for name, bad in broken.items() if bad), None)

    def full(self, rules: ShopRules, items: list[str]) -> bool:
        own = [self.product[one]["category"] for one in items]
        return rules.category_cap is not None and any(
            own.count(one) > rules.category_cap for one in set(own) - {None}
        )


@CASES
def test_no_list_of_a_trained_version_breaks_a_random_rule(folder: Path, cases: int) -> None:
    kept = 0
    rng = np.random.default_rng(1)
    lab = open_project(folder)
    loaded = load_version(lab.open_store(), "recommend")
    users = tuple(f"c{i}" for i in range(CUSTOMERS))
    with lab.open_tables() as tables:
        at = tables.data_end() + timedelta(microseconds=1)
        merchant = Merchant(folder, at.replace(tzinfo=None))
        history = project_histories(tables, loaded.model, users, at)
        for _ in range(cases):
            rules = random_rules(rng)
            definition = trained_definition(lab, loaded).model_copy(update={"rules": rules})
            shop = shop_state_at(tables, definition, loaded.model, users, at)
            lists = shop.lists(history, 5).item
            for customer, row in zip(users, lists, strict=True):
                items = [loaded.model.items[code] for code in row if code >= 0]
                kept += len(items)
                assert [merchant.complaint(rules, customer, one) for one in items] == [None] * len(items)
                assert not merchant.full(rules, items)
    assert kept > cases * 20  # empty lists would keep every rule


def test_scores_and_explanations_keep_the_rules_of_the_training(folder: Path, tmp_path: Path) -> None:
    lab = with_rules(folder, margin_floor=0.3, category_cap=2, bought_recently_days=20)
    train(lab, "recommend", say=silent)
    rules = ShopRules(margin_floor=0.3, category_cap=2, bought_recently_days=20)
    merchant = Merchant(folder, max(table(folder, "transactions")["ordered_at"].to_pylist()))
    bought = table(folder, "transactions").select(["customer_id", "product_id", "ordered_at"])
    pq.write_table(bought, tmp_path / "log.parquet")
    out = tmp_path / "out.csv"
    score(lab, "recommend", table=tmp_path / "log.parquet", out=out, id_column=None)
    rows = pa_csv.read_csv(out).to_pylist()
    assert rows
    assert {merchant.complaint(rules, row["id"], row["item"]) for row in rows} == {None}
    assert {row["id"] for row in rows} <= {name for name, agrees in merchant.agree.items() if agrees}
    agreed = next(name for name, agrees in merchant.agree.items() if agrees)
    document = explain(lab, "recommend", agreed).as_json()
    items = [one["item"] for one in document["offers"]]
    assert items == [row["item"] for row in rows if row["id"] == agreed]
    assert not merchant.full(rules, items)


def test_who_does_not_agree_is_told_so_and_offered_nothing(folder: Path) -> None:
    lab = with_rules(folder)
    train(lab, "recommend", say=silent)
    customers = table(folder, "customers").to_pylist()
    refused = next(row["customer_id"] for row in customers if row["consent_profiling"] is None)
    document = explain(lab, "recommend", refused).as_json()
    assert document["agreed"] is False
    assert document["offers"] == []


def test_the_registered_model_wants_to_know_who_agrees(folder: Path) -> None:
    lab = with_rules(folder)
    train(lab, "recommend", say=silent)
    model = load_version(lab.open_store(), "recommend").model
    log = pa.table(
        {
            "customer_id": ["a", "b", "c"],
            "product_id": ["p01", "p02", "p03"],
            "ordered_at": [END] * 3,
        }
    )
    with pytest.raises(LabError, match="consent_profiling"):
        model.predict(log)
    asked = log.append_column("consent_profiling", pa.array([True, False, None]))
    assert set(model.predict(asked)["id"].to_pylist()) == {"a"}


def test_training_and_evaluation_judge_lists_within_margins_and_caps(folder: Path) -> None:
    lab = with_rules(folder, margin_floor=0.4, category_cap=1)
    report = train(lab, "recommend", say=silent)
    assert isinstance(report, RecommendTrainReport)
    trained = report.candidates[0]["metrics"]["ndcg_at_10"]["value"]
    assert evaluate(lab, "recommend").as_json()["metrics"]["ndcg_at_10"]["value"] == pytest.approx(trained)
    loaded = load_version(lab.open_store(), "recommend")
    later = what_came_later(lab, [loaded])
    model = loaded.model
    merchant = Merchant(folder, END)
    rules = ShopRules(in_stock=False, margin_floor=0.4, bought_recently_days=1, category_cap=1, consent=False)
    mine = judged_scorer(model, later.held).lists(known_to(model, later.held.history), 10).item
    np.testing.assert_array_equal(mine, later.held.lists(model.model))
    for row in mine:
        items = [model.items[code] for code in row if code >= 0]
        assert len(items) >= 4  # of five categories and of what has none
        assert all(merchant.margin[one] >= 0.4 for one in items)
        assert not merchant.full(rules, items)
