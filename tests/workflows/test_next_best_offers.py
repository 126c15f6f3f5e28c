"""Offers, products and values together, on the simulated retailer."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.config.loading import read_project
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.simulate import Retailer
from retention_lab.workflows.export_campaign import export_campaign
from retention_lab.workflows.launch_campaign import launch_campaign
from retention_lab.workflows.next_best_offers import OffersRequest, next_best_offers
from retention_lab.workflows.plan_campaign import PlanReport, plan_campaign
from retention_lab.workflows.project import Lab
from retention_lab.workflows.promote import PromotionRequest, promote
from retention_lab.workflows.train import train
from tests.workflows.conftest import copied, silent

pytestmark = pytest.mark.slow
PRODUCTS = ("product_1", "product_2", "product_3")
CONTENT = "content: {recommend: recommend@champion, products: 3}\n"


@pytest.fixture(scope="module")
def stocked(promoted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The promoted project with a recommender and a value model as champions; coupons of three products."""
    folder = tmp_path_factory.mktemp("stocked") / "lab"
    lab = copied(promoted, folder)
    train(lab, "recommend", overrides=["models=[ease]"], say=silent)
    train(lab, "clv", overrides=["models=[beta_geo]"], say=silent)
    for name in ("recommend", "clv"):
        assert promote(lab, PromotionRequest(name, why="a test")).promoted
    with (folder / "campaigns" / "winback.yaml").open("a", encoding="utf-8") as file:
        file.write(CONTENT)
    return folder


@pytest.fixture(scope="module")
def offered(stocked: Path) -> tuple[dict[str, object], pa.Table]:
    lab = Lab(read_project(stocked))
    out = stocked / "offers.parquet"
    return next_best_offers(lab, OffersRequest("winback", out, most=2), say=silent), pq.read_table(out)


@pytest.fixture(scope="module")
def planned(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, PlanReport]:
    lab = copied(stocked, tmp_path_factory.mktemp("planned") / "lab")
    return lab, plan_campaign(lab, "winback", say=silent)


def customers_of(lab_folder: Path) -> dict[str, bool]:
    rows = pq.read_table(lab_folder / "data" / "customers.parquet").to_pylist()
    return {row["customer_id"]: row["consent_profiling"] is True for row in rows}


def stock_of(lab_folder: Path) -> dict[str, int]:
    rows = pq.read_table(lab_folder / "data" / "products.parquet").to_pylist()
    return {row["product_id"]: row["stock"] for row in rows}


def test_offers_of_a_customer_are_worth_making_and_the_best_comes_first(
    offered: tuple[dict[str, object], pa.Table],
) -> None:
    result, table = offered
    assert table.column_names[:4] == ["customer_id", "rank", "offer", "expected_net_value"]
    assert table.num_rows == result["rows"]
    best: dict[str, list[tuple[int, str, float]]] = {}
    for row in table.to_pylist():
        best.setdefault(row["customer_id"], []).append((row["rank"], row["offer"], row["expected_net_value"]))
    for found in best.values():
        ranks, names, values = zip(*found, strict=True)
        assert ranks == tuple(range(1, len(found) + 1))
        assert len(set(names)) == len(names) <= 2
        assert values == tuple(sorted(values, reverse=True))
        assert values[-1] > 0


def test_the_best_offers_bring_more_than_any_one_offer_for_all(
    offered: tuple[dict[str, object], pa.Table], shop: Retailer
) -> None:
    _, table = offered
    truth = shop.truth
    place = {customer: i for i, customer in enumerate(truth.customer_ids.to_pylist())}
    first = [row for row in table.to_pylist() if row["rank"] == 1]
    at = np.array([place[row["customer_id"]] for row in first])
    gain = truth.expected_profit[at] - truth.expected_profit[at][:, :1]
    ours = gain[np.arange(len(at)), [truth.arms.index(row["offer"]) for row in first]].mean()
    assert ours > gain.mean(axis=0).max()


def test_products_are_in_stock_new_to_the_customer_and_explained(
    offered: tuple[dict[str, object], pa.Table], stocked: Path
) -> None:
    _, table = offered
    stock = stock_of(stocked)
    lines = pq.read_table(stocked / "data" / "transactions.parquet").to_pylist()
    had = {(row["customer_id"], row["product_id"]) for row in lines}
    rows = table.to_pylist()
    for row in rows:
        products = [row[name] for name in PRODUCTS]
        assert len(set(products)) == 3
        assert all(stock[one] >= 1 for one in products)
        assert not any((row["customer_id"], one) in had for one in products)
        reasons = row["reasons"].split("; ")
        assert reasons[0] == f"expected to bring {row['expected_net_value']:.2f} EUR more than no offer"
        for reason in (one for one in reasons if "because of" in one):
            product, bought = reason.split(" because of ")
            assert product in products
            assert (row["customer_id"], bought) in had
    assert sum("because of" in row["reasons"] for row in rows) > 0.9 * len(rows)
    assert all(row["customer_value"] is None or row["customer_value"] >= 0 for row in rows)
    assert sum(row["customer_value"] is not None for row in rows) > 0.9 * len(rows)


def test_nobody_without_consent_to_profiling_is_recommended_anything(
    offered: tuple[dict[str, object], pa.Table], planned: tuple[Lab, PlanReport], stocked: Path
) -> None:
    agrees = customers_of(stocked)
    result, table = offered
    assert all(agrees[one] for one in table["customer_id"].to_pylist())
    rows = planned[1].rows
    assert rows.products is not None
    silent_ones = np.array([not agrees[one] for one in rows.ids.tolist()])
    assert result["customers_without_consent"] == silent_ones.sum() > 0
    assert all(one is None for one in rows.products[silent_ones].ravel())
    assert all(one is not None for one in rows.products[~silent_ones, 0])
    assert any("do not agree to be profiled" in note for note in planned[1].notes)


def test_the_plan_and_the_table_show_the_same_products(
    offered: tuple[dict[str, object], pa.Table], planned: tuple[Lab, PlanReport]
) -> None:
    rows = planned[1].rows
    assert rows.products is not None
    plan = dict(zip(rows.ids.tolist(), rows.products.tolist(), strict=True))
    for row in offered[1].to_pylist():
        assert plan[row["customer_id"]] == [row[name] for name in PRODUCTS]
    assert planned[1].result["content"]["model"] == "recommend"


def test_the_send_file_carries_the_coupons_products_and_consent_of_now(
    planned: tuple[Lab, PlanReport], tmp_path: Path
) -> None:
    lab = copied(planned[0].folder, tmp_path / "lab")
    rows = planned[1].rows
    assert rows.products is not None
    plan = dict(zip(rows.ids.tolist(), rows.products.tolist(), strict=True))
    launch_campaign(lab, "winback", seed=7)
    report = export_campaign(lab, "winback")
    sent = send_rows(lab)
    assert sent
    for row in sent:
        assert [row[name] or None for name in PRODUCTS] == plan[row["customer_id"]]
    manifest = json.loads((lab.folder / report.manifest).read_text())
    assert manifest["columns"][-3:] == list(PRODUCTS)
    assert manifest["content"]["model_version"] == "1"
    withdrew = next(row["customer_id"] for row in sent if row["product_1"])
    path = lab.folder / "data" / "customers.parquet"
    found = pq.read_table(path)
    edited = [
        {**row, "consent_profiling": row["consent_profiling"] and row["customer_id"] != withdrew}
        for row in found.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(edited, schema=found.schema), path)
    export_campaign(lab, "winback")
    again = next(row for row in send_rows(lab) if row["customer_id"] == withdrew)
    assert [again[name] for name in PRODUCTS] == ["", "", ""]


def send_rows(lab: Lab) -> list[dict[str, str]]:
    with (lab.folder / "campaigns" / "winback" / "send" / "winback-2026-03-01.csv").open() as file:
        return list(csv.DictReader(file))


def test_without_a_champion_coupons_are_empty_and_the_plan_says_so(promoted: Path, tmp_path: Path) -> None:
    lab = copied(promoted, tmp_path / "lab")
    with (lab.folder / "campaigns" / "winback.yaml").open("a", encoding="utf-8") as file:
        file.write(CONTENT)
    report = plan_campaign(lab, "winback", say=silent)
    assert report.result["content"] is None
    assert any("No version of 'recommend' is champion yet" in note for note in report.notes)


def test_a_model_of_another_kind_is_refused_as_content(stocked: Path, tmp_path: Path) -> None:
    lab = copied(stocked, tmp_path / "lab")
    with pytest.raises(ConfigurationError, match="another kind") as caught:
        plan_campaign(lab, "winback", overrides=["content.recommend=clv"], say=silent)
    assert caught.value.key == "content.recommend"


def test_without_a_model_that_chooses_no_offer_is_called_best(
    simulated: tuple[Path, Retailer], tmp_path: Path
) -> None:
    shutil.copytree(simulated[0], tmp_path / "lab")
    lab = Lab(read_project(tmp_path / "lab"))
    with pytest.raises(LabError, match="is champion yet"):
        next_best_offers(lab, OffersRequest("winback", tmp_path / "out.csv"), say=silent)
    assert not (tmp_path / "out.csv").exists()
