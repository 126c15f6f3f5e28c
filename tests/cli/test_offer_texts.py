"""What people read of next best offers, and of lists that a log values."""

import io

from rich.console import Console

from retention_lab.cli.campaign_texts import offers_text
from retention_lab.cli.recommend_texts import evaluate_text, explain_text
from retention_lab.estimate import normal_estimate
from retention_lab.recommend.policy_value import ListValue
from retention_lab.workflows.explain_recommend import RecommendExplanation
from retention_lab.workflows.logged_value import LoggedValue
from retention_lab.workflows.recommend_report import RecommendEvaluateReport


def console() -> Console:
    return Console(file=io.StringIO(), width=160)


def said(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def test_offers_are_told_by_how_many_they_are_the_best_for() -> None:
    found = {
        "customers": 1_200,
        "eligible": 2_000,
        "best_offer": {"coupon": 900, "message": 300},
        "content": {"customers_with_products": 1_100, "model": "recommend", "model_version": "3"},
        "notes": ["100 customers do not agree to be profiled: they are not in the table."],
        "file": "offers.csv",
        "rows": 2_300,
    }
    here = console()
    offers_text(here, found)
    text = said(here)
    assert "1,200 of 2,000 eligible customers" in text
    assert "1,100 customers have products, by recommend version 3." in text
    assert "Note: 100 customers do not agree" in text
    assert "offers.csv: 2,300 rows" in text
    alone = console()
    offers_text(alone, {**found, "content": None})
    assert "have products" not in said(alone)


def test_logged_values_stand_beside_what_was_shown() -> None:
    value = ListValue(
        normal_estimate(0.5, 0.05), normal_estimate(0.48, 0.04), normal_estimate(0.47, 0.03), 321.4
    )
    logged = LoggedValue(5_000, 40, 7, normal_estimate(0.2, 0.01), {10: value})
    report = RecommendEvaluateReport(
        "offers", "2", 900, {}, {}, {}, {}, None, {}, "time 0.8", 1, "run", logged=logged
    )
    here = console()
    evaluate_text(here, report)
    text = said(here)
    assert "Reward by 5,000 logged rows" in text
    assert "lists of 10" in text
    assert "0.4700" in text
    assert "321" in text
    assert "learned from 40, without a list 7" in text


def test_who_does_not_agree_is_told_of_no_list() -> None:
    found = RecommendExplanation("offers", "2", "ease", "c1", 5, (), reasoned=True, agreed=False)
    here = console()
    explain_text(here, found)
    assert "does not agree to be profiled, so nothing is recommended" in said(here)
