"""One definition of every kind but uplift models and campaigns, as the contract writes them."""

from pathlib import Path
from typing import Any

from retention_lab.config.loading import read_definition
from tests.config.labs import lab_in

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
