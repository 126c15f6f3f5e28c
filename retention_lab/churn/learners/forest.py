"""A random forest: the average of many trees, each of other rows and columns."""

from dataclasses import dataclass, field

from retention_lab.churn.learners.trees import TreeModel, tree_model
from retention_lab.churn.preparation import Preparing, prepare
from retention_lab.churn.sample import ChurnSample, require_both


@dataclass(frozen=True, slots=True)
class ForestParams:
    """trees: how many; min_rows_in_leaf: large leaves give probabilities, small ones votes."""

    trees: int = 200
    min_rows_in_leaf: int = 10
    features_per_split: float | None = None  # share of the columns; None: their root
    preparing: Preparing = field(default_factory=lambda: Preparing(scale="none"))


def fit_forest(sample: ChurnSample, seed: int = 7, params: ForestParams | None = None) -> TreeModel:
    """Robust without tuning; large on disk.

    Raises LabError unless somebody left and somebody stayed.
    Source: Breiman (2001), Machine Learning 45(1), doi:10.1023/A:1010933404324.
    """
    from sklearn.ensemble import RandomForestClassifier

    require_both(sample.left)
    used = params or ForestParams()
    prepared = prepare(sample.features, used.preparing)
    forest = RandomForestClassifier(
        used.trees,
        min_samples_leaf=used.min_rows_in_leaf,
        max_features="sqrt" if used.features_per_split is None else used.features_per_split,
        random_state=seed,
        n_jobs=1,
    )
    forest.fit(prepared.columns(sample.features.values), sample.left)
    return tree_model(prepared, list(forest.estimators_))
