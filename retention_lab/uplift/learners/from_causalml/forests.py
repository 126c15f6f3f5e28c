"""causalml's uplift random forest and causal random forest.

They read every column as a number: a category's codes are compared by size. Missing values go to the side of
each split that suited them best. Both are slow, so above `MOST_ROWS` rows they
are fitted on a random part of the customers, and say so in `fitted_on`; trees are fewer than rounds of
boosting for the same reason.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.uplift.learners.from_causalml.quiet import quietly
from retention_lab.uplift.learners.from_causalml.training_part import TrainingPart, in_places, training_part
from retention_lab.uplift.learners.from_causalml.trees import Trees, from_nodes
from retention_lab.uplift.nuisances import Task

MOST_ROWS = 20_000  # of which three fits take about 10 seconds of one core
UPLIFT_TREES = 30
CAUSAL_TREES = 40
DEPTH = 5
_TREES, _ABOUT = "trees.npz", "about.json"


@dataclass(frozen=True, slots=True)
class CausalmlForest:
    """trees: of either forest; columns: (K,) where each offer stands in them; fitted_on: number of rows that
    causalml was given."""

    trees: Trees
    columns: tuple[int, ...]
    fitted_on: int

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): mean outcome with each offer less without one, over the leaves of a customer."""
        return self.trees.effect(matrix(features))[:, self.columns]

    def to_files(self) -> dict[str, bytes]:
        """The trees as npz, the places of the offers, and the number of rows."""
        about = {"fitted_on": self.fitted_on, "columns": list(self.columns)}
        return {_TREES: self.trees.to_bytes(), _ABOUT: json.dumps(about).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "CausalmlForest":
        """The forest that `to_files` wrote."""
        about = json.loads(files[_ABOUT])
        columns = tuple(int(k) for k in about["columns"])
        return CausalmlForest(Trees.from_bytes(files[_TREES]), columns, int(about["fitted_on"]))


def fit_causalml_uplift_forest(task: Task) -> CausalmlForest:
    """Trees whose splits drive the arms' rates apart, by Kullback-Leibler divergence; outcomes are 0 or 1.

    Weights would not reach its leaves as they should, so where chances varied it is fitted on rows drawn with
    replacement in each arm, in proportion to the arm's share over the row's propensity.
    Raises LabError for other outcomes, for infinite features, or when the rows fitted on lack an arm.
    Source: Rzepakowski, Jaroszewicz (2012), Knowledge and Information Systems 32(2),
    doi:10.1007/s10115-011-0434-0.
    """
    part = in_places(training_part(task, MOST_ROWS), task.outcomes.places)
    if not part.sample.binary:
        raise LabError(
            "causalml's uplift forest reads outcomes of 0 and 1 only, and there are others.",
            "Take 'causalml.causal_forest' for money, or make the outcome binary.",
            key="learners",
        )
    rows = np.arange(len(part.sample)) if part.constant else _alike_arms(part, task.params.seed)
    with quietly():
        from causalml.inference.tree import UpliftRandomForestClassifier

        forest = UpliftRandomForestClassifier(
            control_name=0,
            n_estimators=UPLIFT_TREES,
            max_depth=DEPTH,
            min_samples_leaf=_leaf_rows(task, part),
            max_features="sqrt",
            random_state=task.params.seed,
            n_jobs=1,
        )
        forest.fit(X=_values(part)[rows], treatment=part.sample.arm[rows], y=part.sample.outcome[rows])
    return CausalmlForest(_uplift_trees(forest), _columns(task), len(part.sample))


def fit_causalml_causal_forest(task: Task) -> CausalmlForest:
    """Honest trees whose splits drive effects apart: half of the rows, at random, splits, the rest estimates.

    Where chances varied, rows are weighted by the arm's share over their propensity. Two defaults are not
    taken. The bootstrap enters causalml's trees as weights, whose sums it divides by counts of rows, so that
    means are too large wherever no row re-estimates them. The penalty on arms of unequal size counts rows in
    the outcome's squared unit, so that cents would be split otherwise than euros.
    Raises LabError for infinite features, or when the rows fitted on lack an arm.
    Source: Athey, Imbens (2016), PNAS 113(27), doi:10.1073/pnas.1510489113.
    """
    part = in_places(training_part(task, MOST_ROWS), task.outcomes.places)
    leaf = _leaf_rows(task, part)
    with quietly():
        from causalml.inference.tree import CausalRandomForestRegressor

        forest = CausalRandomForestRegressor(
            control_name=0,
            n_estimators=CAUSAL_TREES,
            max_depth=DEPTH,
            min_samples_leaf=leaf,
            min_group_samples=max(1, leaf // 4),
            max_features=0.5,
            bootstrap=False,
            groups_penalty=0.0,
            groups_cnt=False,  # counts for plots, row by row
            random_state=task.params.seed,
            n_jobs=1,
        )
        forest.fit(
            X=_values(part),
            treatment=part.sample.arm,
            y=part.sample.outcome,
            sample_weight=None if part.constant else part.weight,
        )
    return CausalmlForest(_causal_trees(forest, part), _columns(task), len(part.sample))


def _columns(task: Task) -> tuple[int, ...]:
    return tuple(place - 1 for place in task.outcomes.places[1:])


def _values(part: TrainingPart) -> Floats:
    values = part.sample.features.values
    if np.any(np.abs(values) > np.finfo(np.float32).max):
        raise LabError(
            "A feature holds infinite values, or ones beyond 3.4e38, which causalml's forests cannot read.",
            "Correct or exclude it, or take causalml's forests off the list.",
            key="learners",
        )
    return values


def _leaf_rows(task: Task, part: TrainingPart) -> int:
    return max(1, min(task.params.min_rows_in_leaf, len(part.sample) // 20))  # as in boosting


def _alike_arms(part: TrainingPart, seed: int) -> Ints:
    rng, arm, weight = np.random.default_rng(seed), part.sample.arm, part.weight
    drawn = []
    for k in range(part.sample.arm_count):
        members = np.flatnonzero(arm == k)
        drawn.append(rng.choice(members, len(members), p=weight[members] / weight[members].sum()))
    return np.asarray(np.sort(np.concatenate(drawn)), dtype=np.int64)


def _uplift_trees(forest: Any) -> Trees:
    # a tree's rows, drawn with replacement, may lack an arm: causalml then counts its rate as 0
    arms = [int(arm) for arm in forest.classes_]
    trees = []
    for tree in forest.estimators_:
        value = np.zeros((tree.tree_.node_count, len(arms)))
        value[:, [int(arm) for arm in tree.classes_]] = np.nan_to_num(tree.tree_.value[:, :, 0])
        trees.append(_nodes(tree.tree_, value))
    return from_nodes(trees)


def _causal_trees(forest: Any, part: TrainingPart) -> Trees:
    sample = part.sample
    overall = np.array([sample.outcome[sample.arm == k].mean() for k in range(sample.arm_count)])
    return from_nodes([_nodes(tree.tree_, _without_gaps(tree.tree_, overall)) for tree in forest.estimators_])


def _without_gaps(tree: Any, overall: Floats) -> Floats:
    # a leaf without rows of an arm has no mean, and causalml predicts nothing there: the node above has one
    value = tree.value[:, :, 0].copy()
    value[0] = np.where(np.isnan(value[0]), overall, value[0])
    for node in np.flatnonzero(tree.children_left >= 0):  # a node comes before its children
        for child in (tree.children_left[node], tree.children_right[node]):
            value[child] = np.where(np.isnan(value[child]), value[node], value[child])
    return np.asarray(value, dtype=np.float64)


def _nodes(tree: Any, value: Floats) -> dict[str, np.ndarray]:
    return {
        "left": tree.children_left,
        "right": tree.children_right,
        "feature": tree.feature,
        "threshold": tree.threshold,
        "missing_left": tree.missing_go_to_left,
        "value": value,
    }
