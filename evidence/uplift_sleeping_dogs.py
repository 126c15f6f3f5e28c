"""Where contact drives every fifth customer away, does the chosen policy leave those alone?

Fixed before any of these seeds was run: the population of `sleeping_population`, where a fifth of the
customers lose by any offer, the others gain or lose nothing, and one feature tells the two apart in part; a
binary outcome in 20,000 rows; the same with two offers, in three equal arms, in 20,000 rows; money with 90 %
zeros and a cost per contact in 72,000 rows; the functions of `lab train` with its default folds and gate, the
candidates stack, constant and t; seeds 0 to 99 in each cell, every cell shown. Sizes were chosen on seeds
from 100,000 on: with half the rows, many runs with three arms or money end in `none_better`.

The chosen policy gives each customer the offer of the highest net effect by the stack, and none where no net
effect is above 0. It may contact the larger of a tenth of the sleeping dogs and 1.5 times the share of them
that the Bayes rule contacts, the best rule on the same features; both are counted on 20,000 further
customers. A cell passes where the mean share over its seeds keeps that bound; `kept` says in which part of
the seeds it was kept, `spread` how much the share varies between them. Beside it stand the version that is
registered, which is a constant where the verdict is not `better`, and the true net values per head, to be
compared over 100 seeds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.sleeping_population import KINDS, customers, experiment, net_effect, share_of_dogs
from evidence.studies import Columns, Numbers
from evidence.training import table_of, train
from retention_lab.uplift.learners import STACK
from retention_lab.uplift.policy import greedy_policy
from retention_lab.workflows.uplift_training import BETTER

CELLS: dict[str, dict[str, Any]] = {
    "binary": {"kind": "binary", "rows": 20_000},
    "three-arms": {"kind": "three-arms", "rows": 20_000},
    "money": {"kind": "money", "rows": 72_000},
}
SEEDS = range(100)
ABOUT = (
    "evidence.training",
    "evidence.sleeping_population",
    "retention_lab.workflows.uplift_training",
    "retention_lab.uplift.policy",
    "retention_lab.uplift.gate",
    "retention_lab.uplift.worth",
    "retention_lab.uplift.selection",
    "retention_lab.uplift.nuisances",
    "retention_lab.uplift.outcomes",
    "retention_lab.uplift.boosting",
    "retention_lab.uplift.learners.stack",
    "retention_lab.uplift.learners.contrast",
    "retention_lab.uplift.learners.ridge_r",
    "retention_lab.uplift.learners.r_learner",
    "retention_lab.uplift.learners.scaled_r",
    "retention_lab.uplift.learners.s_learner",
    "retention_lab.uplift.learners.two_part",
    "retention_lab.off_policy",
)
FEW, TIMES = 0.1, 1.5
AUDIENCE = 20_000


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    kind, rng = KINDS[cell["kind"]], np.random.default_rng(seed)
    fitted = train(experiment(kind, cell["rows"], rng), None, seed).fitted
    stack = next(one.candidate.model for one in fitted.candidates if one.candidate.name == STACK)
    x = customers(rng, AUDIENCE)
    true, scorer = net_effect(kind, x), fitted.scorer
    policies = {
        "chosen": greedy_policy(scorer.worth.net_effect(stack.effect(x))),
        "registered": scorer.policy(scorer.features(table_of(x))),
        "bayes": greedy_policy(true),
    }
    value = np.column_stack([np.zeros(AUDIENCE), true])
    numbers: Numbers = {"better": float(fitted.targeting == BETTER)}
    for name, policy in policies.items():
        numbers[name] = share_of_dogs(x, policy > 0)
        numbers[f"{name}_contacted"] = float(np.mean(policy > 0))
        numbers[f"{name}_value"] = float(value[np.arange(AUDIENCE), policy].mean())
    return numbers | {"best_constant_value": float(value.mean(axis=0).max())}


def summary(columns: Columns) -> dict[str, Any]:
    means = {name: float(values.mean()) for name, values in columns.items()}
    allowed = np.maximum(FEW, TIMES * columns["bayes"])
    bound = max(FEW, TIMES * means["bayes"])
    return {
        "seeds": len(allowed),
        **means,
        "allowed": bound,
        "kept": float(np.mean(columns["chosen"] <= allowed)),
        "spread": float(columns["chosen"].std(ddof=1)),
        "pass": means["chosen"] <= bound,
    }
