from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention_lab.data.offer_limits import (
    contacts_made,
    product_facts,
    products_shown,
    profiling_agreed,
    tracks_profiling,
    tracks_stock,
)
from tests.data.shops import opened, project

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
LINES = (
    "order_id,customer_id,ordered_at,amount,contribution,product_id\n"
    "1,001,2026-05-01,10,4,tea\n2,002,2026-06-01,30,6,tea\n3,002,2026-06-02,-10,-4,tea\n"
    "4,001,2026-07-01,10,9,tea\n5,001,2026-06-01,8,2,cup\n6,001,2026-06-01,8,2,\n"
)
PRODUCTS = "product_id,category,stock\ntea,drinks,3\nmug,,\n"


def test_margins_are_of_what_was_sold_before_and_of_no_return(tmp_path: Path) -> None:
    with opened(project(tmp_path, transactions=LINES, products=PRODUCTS)) as tables:
        found = product_facts(tables, UNTIL).to_pylist()
        assert tracks_stock(tables)
    assert found == [
        {"product_id": "cup", "stock": None, "margin": 0.25, "category": None},
        {"product_id": "mug", "stock": None, "margin": None, "category": None},
        {"product_id": "tea", "stock": 3.0, "margin": 0.25, "category": "drinks"},
    ]


def test_without_a_table_of_products_only_what_was_sold_is_known(tmp_path: Path) -> None:
    with opened(project(tmp_path, transactions=LINES)) as tables:
        found = product_facts(tables, UNTIL)
        assert not tracks_stock(tables)
    assert found["product_id"].to_pylist() == ["cup", "tea"]
    assert found["stock"].null_count == found["category"].null_count == 2


def test_without_contributions_margins_are_those_of_the_project_or_none(tmp_path: Path) -> None:
    lines = LINES.replace("contribution", "other")
    with opened(project(tmp_path, transactions=lines)) as tables:
        assert product_facts(tables, UNTIL)["margin"].null_count == 2
    with opened(project(tmp_path, transactions=lines), margin_share=0.4) as tables:
        assert product_facts(tables, UNTIL)["margin"].to_pylist() == pytest.approx([0.4, 0.4])


def test_who_was_not_asked_does_not_agree(tmp_path: Path) -> None:
    with opened(project(tmp_path)) as tables:
        assert not tracks_profiling(tables)
    people = "customer_id,signup_at,consent_profiling\n1,2026-01-01,true\n2,2026-01-01,\n3,2026-01-01,false\n"
    with opened(project(tmp_path, customers=people)) as tables:
        assert tracks_profiling(tables)
        assert profiling_agreed(tables).to_pylist() == ["1"]


def test_contacts_and_showings_are_those_before_the_date(tmp_path: Path) -> None:
    assigned = (
        "experiment,customer_id,arm,propensity,assigned_at,role,intended_arm\n"
        "a,001,mail,0.5,2026-06-01,policy,mail\na,002,none,0.5,2026-06-01,holdout,none\n"
        "b,002,mail,0.5,2026-07-01,policy,mail\n"
    )
    events = (
        "customer_id,at,kind,product_id\n001,2026-06-01,shown,tea\n001,2026-06-02,view,tea\n"
        "001,2026-06-03,shown,\n001,2026-07-01,shown,tea\n"
    )
    with opened(project(tmp_path)) as tables:
        assert contacts_made(tables, UNTIL).num_rows == 0
    with opened(project(tmp_path, assignments=assigned, events=events)) as tables:
        assert contacts_made(tables, UNTIL)["customer_id"].to_pylist() == ["001"]
        found = products_shown(tables, "shown", UNTIL).to_pylist()
    assert [(one["product_id"], one["shown_at"]) for one in found] == [("tea", datetime(2026, 6, 1))]
