"""Kinds that are read and checked though this version does not carry them out."""

from pathlib import Path
from typing import Any

import pytest

from retention_lab import catalog
from retention_lab.config.available import require_engine
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.labs import CAMPAIGN, FLAT, lab_in

GATE = """\
kind: abtest
table: data/cookie_cats.csv.gz
unit: userid
arm: version
control: gate_30
planned_shares: {gate_30: 0.5, gate_40: 0.5}
exposed_at: null
window_days: 14
metrics:
  - {name: retention_7, type: proportion, column: retention_7, role: primary}
  - {name: rounds, type: mean, column: sum_gamerounds, winsorise: 0.999, covariates: [rounds_before]}
  - {name: basket, type: ratio, numerator: revenue, denominator: orders}
  - {name: p90_rounds, type: quantile, column: sum_gamerounds, q: 0.9}
  - {name: profit, type: profit, contribution: contribution,
     redemption_cost: redeemed_cost, contact_cost: sent_cost}
  - {name: complaints, type: proportion, column: complained, role: guardrail,
     better: lower, worse_by_at_most: 0.01}
analysis: {confidence: 0.95, sequential: always_valid, correction: holm, segments: [platform],
           sample_ratio_alpha: 0.001, alternative: two_sided, distribution: t, pooled: false,
           proportion: wald}
plan: {starts: null, days: null, n_per_arm: null, looks: null, mde: null, power: 0.8}
"""

KINDS = {
    "abtest": GATE,
    "churn": 'kind: churn\ntable: telco.csv\nid: customerID\nlabel: {column: Churn, positive: "Yes"}\n'
    "profit: {clv: 200, contact_cost: 1, incentive: 10, acceptance: 0.3}\n",
    "clv": "kind: clv\ntable: cdnow.csv\ncustomer: id\ntime: date\namount: spent\n"
    "calibration_end: 1997-09-30\n",
    "recommend": "kind: recommend\ntable: ratings.csv\ncustomer: user\nitem: item\ntime: at\nweight: rating\n"
    "split: {random_per_user: 0.25}\n",
    "segments": "kind: segments\ntable: a.csv\nid: c\nfeatures: [a, b]\n"
    "method: kmeans\nk: [2, 10]\nscale: standard\n",
    "rules": "kind: rules\ntable: a.csv\nbasket: b\nitem: i\nmin_support: 0.006\n"
    "min_confidence: 0.25\nmax_length: 4\n",
    "demand": "kind: demand\ntable: a.csv\nseries: s\ntime: t\nvalue: v\nperiod: week\n"
    "horizon: 8\nseason: 52\n",
    "feedback": "kind: feedback\ntable: a.csv\ntext: review\n"
    'label: {column: label, positive: "1"}\nlanguage: auto\n',
}


def read(folder: Path, kind: str, *overrides: str) -> Any:
    return read_definition(lab_in(folder, one=KINDS[kind]), "one", overrides)


@pytest.mark.parametrize("kind", KINDS)
def test_the_contracts_example_is_read(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path, kind).kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_without_an_engine_is_refused_plainly(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"'{kind}'.*uplift, campaign") as caught:
        require_engine(read(tmp_path, kind))
    assert caught.value.key == "kind"


@pytest.mark.parametrize("text", [FLAT, CAMPAIGN])
def test_a_kind_with_an_engine_passes(tmp_path: Path, text: str) -> None:
    require_engine(read_definition(lab_in(tmp_path, one=text), "one"))


def test_every_kind_is_tested_here_or_has_an_engine() -> None:
    assert set(KINDS) | set(catalog.ENGINES) == set(catalog.KINDS)


def test_a_bare_yes_is_the_text_that_it_shows(tmp_path: Path) -> None:
    assert read(tmp_path, "churn", "label.positive=Yes").label.positive == "Yes"
    assert read(tmp_path, "churn", "label.positive=1").label.positive == "1"
    assert read(tmp_path, "churn", "label.positive=true").label.positive == "true"


@pytest.mark.parametrize(
    ("kind", "override", "key", "message"),
    [
        ("churn", "label={inactive_days: 90}", "label", "label column"),
        ("churn", "label={column: Churn}", "label", "value that counts as yes"),
        ("churn", "table=null", "label", "no label column"),
        ("churn", "snapshots={count: 3}", "snapshots", "project's tables"),
        ("churn", "models=[logistc]", "models.0", "Did you mean 'logistic'"),
        ("churn", "profit={clv: 200}", "profit.contact_cost", "missing"),
        ("clv", "customer=null", "customer", "needs its `customer` column"),
        ("clv", "table=null", "customer", "belongs to a `table:`"),
        ("clv", "calibration_end=soon", "calibration_end", "a date such as"),
        ("clv", "time_unit=weeks", "time_unit", "Did you mean 'week'"),
        ("recommend", "split={time: 0.8, last: 1}", "split", "in one way"),
        ("segments", "k=[10, 2]", "k", "empty"),
        ("segments", "method=rfm", "features", "RFM"),
        ("rules", "min_support=0", "min_support", "above 0"),
        ("rules", "max_length=1", "max_length", "at least 2"),
        ("demand", "period=quarter", "period", "'day', 'week' or 'month'"),
        ("feedback", "text=null", "text", "needs its `text` column"),
        ("abtest", "experiment=winback-1", "table", "one source"),
        ("abtest", "table=null", "table", "one source"),
        ("abtest", "unit=null", "unit", "needs `unit`"),
        ("abtest", "planned_shares={a: 0.5, b: 0.5}", "planned_shares", "Control has no share"),
        ("abtest", "planned_shares={gate_30: 0.5, gate_40: 0.6}", "planned_shares", "sum to 1.1"),
        ("abtest", "metrics=[]", "metrics", "not empty"),
        ("abtest", "metrics.0.name=rounds", "metrics.1.name", "Two metrics"),
        ("abtest", "metrics.0.typ=mean", "metrics.0.typ", "Did you mean 'type'"),
        ("abtest", "metrics.3.q=90", "metrics.3.q", "below 1"),
        ("abtest", "metrics.0.worse_by_at_most=0.1", "metrics.0.worse_by_at_most", "Only a guardrail"),
        ("abtest", "metrics.5.worse_by_at_most=much", "metrics.5.worse_by_at_most", "2%"),
        ("abtest", "analysis.pooled=no", "analysis.pooled", "Only true and false are booleans"),
        ("abtest", "analysis.correction=hom", "analysis.correction", "Did you mean 'holm'"),
    ],
)
def test_a_wrong_value_is_refused_by_key(
    tmp_path: Path, kind: str, override: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, kind, override)
    assert caught.value.key == key
    assert message in str(caught.value)


def test_a_guardrails_margin_may_be_a_share_of_control(tmp_path: Path) -> None:
    metric = read(tmp_path, "abtest", "metrics.5.worse_by_at_most='2%'").metrics[5]
    assert metric.worse_by_at_most == "2%"


def test_a_test_of_the_projects_own_experiment_knows_its_columns(tmp_path: Path) -> None:
    text = "kind: abtest\nexperiment: winback-2026-03-01\nmetrics: [{name: p, type: mean, column: profit}]\n"
    project = lab_in(tmp_path, own=text)
    assert read_definition(project, "own").name == "own"
    with pytest.raises(ConfigurationError, match="Did you mean 'profit'"):
        read_definition(project, "own", ["metrics.0.column=proft"])
    with pytest.raises(ConfigurationError, match="belongs to a flat"):
        read_definition(project, "own", ["unit=customer_id"])


def test_churn_over_the_projects_tables_needs_no_table(tmp_path: Path) -> None:
    for label in ("{inactive_days: 90}", "{subscription: ended}"):
        project = lab_in(tmp_path, leave=f"kind: churn\nlabel: {label}\n")
        assert read_definition(project, "leave").name == "leave"
