"""One decision tree, cut back by cost-complexity pruning until cutting more would cost accuracy."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.churn.learners.trees import TreeModel, tree_model
from retention_lab.churn.preparation import Prepared, Preparing, prepare
from retention_lab.churn.sample import ChurnSample, require_both

_PENALTIES = 12


@dataclass(frozen=True, slots=True)
class TreeParams:
    """pruning: penalty per leaf, None chooses it by cross-validation. min_rows_in_leaf: at least so many.
    folds: of that cross-validation."""

    pruning: float | None = None
    min_rows_in_leaf: int = 20
    folds: int = 3
    preparing: Preparing = field(default_factory=lambda: Preparing(scale="none"))


@dataclass(frozen=True, slots=True)
class PruningPath:
    """penalty: (p,) rising; log_loss: (p,) cross-validated; best: the largest penalty whose loss is within
    one standard error of the least."""

    penalty: Floats
    log_loss: Floats
    best: float


def fit_tree(sample: ChurnSample, seed: int = 7, params: TreeParams | None = None) -> TreeModel:
    """The easiest to read aloud; it ranks worse than the others.

    Raises LabError unless somebody left and somebody stayed.
    Source: Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees.
    """
    require_both(sample.left)
    used = params or TreeParams()
    prepared = prepare(sample.features, used.preparing)
    columns = prepared.columns(sample.features.values)
    penalty = used.pruning
    if penalty is None:
        penalty = _path(columns, sample.left, seed, used).best
    return tree_model(prepared, [_grown(columns, sample.left, penalty, seed, used)])


def pruning_path(sample: ChurnSample, seed: int = 7, params: TreeParams | None = None) -> PruningPath:
    """What each penalty costs and saves: the trees from the full one down to its root.

    Source: as `fit_tree`, section 3.4, and the one-standard-error rule of 3.4.3.
    """
    require_both(sample.left)
    used = params or TreeParams()
    prepared: Prepared = prepare(sample.features, used.preparing)
    return _path(prepared.columns(sample.features.values), sample.left, seed, used)


def _path(columns: Floats, left: Floats, seed: int, params: TreeParams) -> PruningPath:
    from sklearn.model_selection import StratifiedKFold

    whole = _new_tree(0.0, seed, params)
    found = np.unique(np.maximum(whole.cost_complexity_pruning_path(columns, left).ccp_alphas, 0.0))
    penalties = found[np.unique(np.linspace(0, len(found) - 1, _PENALTIES).round().astype(int))]
    losses = np.empty((len(penalties), len(left)))
    folds = min(params.folds, int(min(left.sum(), len(left) - left.sum())))
    if folds < 2:
        return PruningPath(penalties, np.full(len(penalties), np.nan), float(penalties[-1]))
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(columns, left):
        grown = _grown(columns[train], left[train], 0.0, seed, params).tree_
        for i, penalty in enumerate(penalties):
            found = _pruned_share(grown, columns[test], float(penalty))
            share = np.clip(found, 1e-3, 1 - 1e-3)
            losses[i, test] = -np.where(left[test] == 1, np.log(share), np.log1p(-share))
    mean = losses.mean(axis=1)
    least = int(np.argmin(mean))
    error = float(np.std(losses[least], ddof=1) / np.sqrt(len(left)))
    best = float(penalties[np.flatnonzero(mean <= mean[least] + error)[-1]])
    return PruningPath(penalties, mean, best)


def _grown(columns: Floats, left: Floats, penalty: float, seed: int, params: TreeParams) -> Any:
    return _new_tree(penalty, seed, params).fit(columns, left)


def _pruned_share(grown: Any, columns: Floats, penalty: float) -> Floats:
    """(n,) share of leavers in each row's leaf once a whole tree is cut back to a penalty.

    One growth thus serves all penalties. A node becomes a leaf where its own cost and one penalty are no more
    than the least cost of all below it.
    """
    left, right = grown.children_left, grown.children_right  # -1 for the children of a leaf
    weight = grown.weighted_n_node_samples / grown.weighted_n_node_samples[0]
    least = grown.impurity * weight + penalty  # as a leaf; the costs of the best subtrees, from the leaves up
    cut = np.ones(grown.node_count, dtype=np.bool_)
    for node in range(grown.node_count - 1, -1, -1):  # children come after their parent
        below = least[left[node]] + least[right[node]]
        if left[node] >= 0 and below < least[node]:
            least[node], cut[node] = below, False
    leaf = np.arange(grown.node_count)
    for split in np.flatnonzero(left >= 0):  # from the root down: all below a cut belong to it
        if cut[split]:
            leaf[[left[split], right[split]]] = leaf[split]
            cut[[left[split], right[split]]] = True
    value = grown.value[:, 0, :]
    share = value[:, 1] / value.sum(axis=1)
    return np.asarray(share[leaf[grown.apply(columns.astype(np.float32))]], dtype=np.float64)


def _new_tree(penalty: float, seed: int, params: TreeParams) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(
        ccp_alpha=penalty, min_samples_leaf=params.min_rows_in_leaf, random_state=seed
    )
