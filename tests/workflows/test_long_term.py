from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.config.loading import read_project
from retention_lab.data.eligibility import GlobalHoldout, in_global_holdout
from retention_lab.workflows.long_term import LongTerm, long_term_effect
from retention_lab.workflows.project import Lab

STARTS = datetime(2026, 1, 1, tzinfo=UTC)
HOLDOUT = GlobalHoldout(0.2, "acme", STARTS)
IDS = [f"c{i}" for i in range(1_500)]
NEW = 300  # of them signed up after the start


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Every customer brings 20 a quarter give or take; campaigns add 3 to whoever is not held out."""
    folder = tmp_path_factory.mktemp("long") / "lab"
    (folder / "data").mkdir(parents=True)
    (folder / "lab.yaml").write_text("name: shop\n")
    rng = np.random.default_rng(1)
    level = rng.normal(20, 6, len(IDS))
    held = in_global_holdout(IDS, HOLDOUT)
    old = np.arange(len(IDS)) >= NEW
    orders = [
        *_orders(
            [one for one, known in zip(IDS, old, strict=True) if known], level[old], datetime(2025, 11, 1)
        ),
        *_orders(IDS, level + rng.normal(0, 2, len(IDS)) + np.where(held, 0, 3.0), datetime(2026, 2, 1)),
        *_orders(IDS, np.where(held, 500.0, 0.0), datetime(2026, 3, 15)),  # once the holdout has rotated
        *_orders(IDS[:1], np.zeros(1), datetime(2026, 4, 1)),
    ]
    pq.write_table(pa.Table.from_pylist(orders), folder / "data" / "transactions.parquet")
    signup = [datetime(2025, 10, 1) if known else datetime(2026, 1, 20) for known in old]
    customers = pa.table({"customer_id": IDS, "signup_at": pa.array(signup, pa.timestamp("us"))})
    pq.write_table(customers, folder / "data" / "customers.parquet")
    return Lab(read_project(folder))


def _orders(ids: Sequence[str], amount: np.ndarray, at: datetime) -> list[dict[str, object]]:
    return [
        {
            "order_id": f"{one}-{at:%m}",
            "customer_id": one,
            "ordered_at": at,
            "amount": float(value),
            "contribution": float(value),
        }
        for one, value in zip(ids, amount, strict=True)
    ]


def effect(shop: Lab, holdout: GlobalHoldout | None) -> LongTerm | None:
    with shop.open_tables() as tables:
        return long_term_effect(tables, holdout)


def test_the_rest_brings_more_a_head_by_what_campaigns_add(shop: Lab) -> None:
    found = effect(shop, GlobalHoldout(0.2, "acme", STARTS, datetime(2026, 3, 1, tzinfo=UTC)))
    assert found is not None
    assert found.per_head is not None
    assert found.per_head.low < 3 < found.per_head.high
    assert found.per_head.se < 0.6
    assert found.customers + found.held_out == len(IDS)  # who signed up later counts too


def test_a_rotation_ends_the_analysis(shop: Lab) -> None:
    """What the held-out do once they are in campaigns again would turn the answer round."""
    until = effect(shop, GlobalHoldout(0.2, "acme", STARTS, datetime(2026, 3, 1, tzinfo=UTC)))
    beyond = effect(shop, HOLDOUT)
    assert until is not None
    assert beyond is not None
    assert until.ends == datetime(2026, 3, 1, tzinfo=UTC)
    assert beyond.per_head is not None
    assert until.per_head is not None
    assert beyond.per_head.value < 0 < until.per_head.value


def test_without_a_holdout_or_before_it_there_is_nothing_to_say(shop: Lab) -> None:
    assert effect(shop, None) is None
    assert effect(shop, GlobalHoldout(0.2, "acme", STARTS + timedelta(days=900))) is None


def test_too_few_who_are_held_out_give_no_number(shop: Lab) -> None:
    found = effect(shop, GlobalHoldout(0.005, "acme", STARTS))
    assert found is not None
    assert found.per_head is None
    assert "too few" in found.as_json()["contribution_per_head"]["reason"]
