"""Regressors on lags, each kept as the numbers that make it up: trees, a forest, a machine, boosted trees."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats, Ints
from retention_lab.tree_arrays import joined_trees, leaves_of

_TREES, _MACHINE, _BOOSTED = "trees.npz", "machine.npz", "model.txt"
_BLOCK = 20_000  # rows whose kernel is held at once


class Regressor(Protocol):
    """A fitted regressor."""

    def predict(self, columns: Floats) -> Floats:
        """(n, d) -> (n,)."""

    def to_files(self) -> dict[str, bytes]:
        """Its files, in open formats."""


@dataclass(frozen=True)
class RegressionTrees:
    """One tree, or the mean of many; see `tree_arrays`. mean: (m,) of the training rows of each node."""

    root: Ints
    left: Ints
    right: Ints
    feature: Ints
    threshold: Floats
    mean: Floats

    def predict(self, columns: Floats) -> Floats:
        """(n, d) -> (n,)."""
        single = columns.astype(np.float32)  # as the trees were grown
        nodes, split = (self.left, self.right), (self.feature, self.threshold)
        total = np.zeros(len(columns))
        for root in self.root:
            total += self.mean[leaves_of(int(root), single, nodes, split)]
        return total / len(self.root)

    def to_files(self) -> dict[str, bytes]:
        """The nodes as npz."""
        names = ("root", "left", "right", "feature", "threshold", "mean")
        return {_TREES: npz_bytes({name: getattr(self, name) for name in names})}


@dataclass(frozen=True)
class KernelRegressor:
    """centre, spread (d,) of the columns; vector (v, d), weight (v,); width of exp(-width x distance²)."""

    centre: Floats
    spread: Floats
    vector: Floats
    weight: Floats
    constant: float
    width: float

    def predict(self, columns: Floats) -> Floats:
        """(n, d) -> (n,)."""
        blocks = [columns[k : k + _BLOCK] for k in range(0, len(columns), _BLOCK)]
        return np.concatenate([self._block(block) for block in blocks]) if blocks else np.zeros(0)

    def _block(self, columns: Floats) -> Floats:
        scaled = (columns - self.centre) / self.spread
        distance = (
            (scaled**2).sum(axis=1)[:, None] + (self.vector**2).sum(axis=1) - 2 * scaled @ self.vector.T
        )
        kernel = np.exp(-self.width * np.maximum(distance, 0.0))
        return np.asarray(kernel @ self.weight + self.constant, dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """All as npz."""
        names = ("centre", "spread", "vector", "weight", "constant", "width")
        return {_MACHINE: npz_bytes({name: np.asarray(getattr(self, name)) for name in names})}


@dataclass(frozen=True)
class BoostedTrees:
    """A model of LightGBM, which is its text."""

    text: str

    def predict(self, columns: Floats) -> Floats:
        """(n, d) -> (n,)."""
        return np.asarray(self._booster.predict(columns, num_threads=1), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The text."""
        return {_BOOSTED: self.text.encode()}

    @cached_property
    def _booster(self) -> Any:
        import lightgbm as lgb  # brings scikit-learn along, which only those pay who use trees

        return lgb.Booster(model_str=self.text)


def read_regressor(files: Mapping[str, bytes]) -> Regressor:
    """The regressor that `to_files` of any kind wrote."""
    if _TREES in files:
        return RegressionTrees(**npz_arrays(files[_TREES]))
    if _MACHINE in files:
        found = npz_arrays(files[_MACHINE])
        constant, width = float(found.pop("constant")), float(found.pop("width"))
        return KernelRegressor(**found, constant=constant, width=width)
    return BoostedTrees(files[_BOOSTED].decode())


def fit_tree(columns: Floats, target: Floats, names: tuple[str, ...], seed: int) -> RegressionTrees:  # noqa: ARG001  # as every regressor is fitted
    """One tree of few leaves. Source: Breiman, Friedman, Olshen, Stone (1984)."""
    from sklearn.tree import DecisionTreeRegressor

    tree = DecisionTreeRegressor(max_leaf_nodes=32, min_samples_leaf=_leaf(len(target)), random_state=seed)
    return _as_arrays([tree.fit(columns, target)])


def fit_forest(columns: Floats, target: Floats, names: tuple[str, ...], seed: int) -> RegressionTrees:  # noqa: ARG001  # as above
    """A hundred trees of other rows and columns. Source: Breiman (2001), doi:10.1023/A:1010933404324."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(
        100, max_features=1 / 3, min_samples_leaf=max(5, _leaf(len(target)) // 4), random_state=seed, n_jobs=1
    )
    return _as_arrays(list(forest.fit(columns, target).estimators_))


def fit_svm(columns: Floats, target: Floats, names: tuple[str, ...], seed: int) -> KernelRegressor:  # noqa: ARG001  # as above
    """A support vector machine with the RBF kernel. Source: Drucker and others (1996), NIPS 9."""
    from sklearn.svm import SVR

    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    width = 1.0 / columns.shape[1]
    deviation = float(target.std())
    machine = SVR(C=deviation, epsilon=0.1 * deviation, gamma=width, cache_size=200)
    machine.fit((columns - centre) / spread, target)
    vectors, weight = np.asarray(machine.support_vectors_), np.asarray(machine.dual_coef_[0])
    return KernelRegressor(centre, spread, vectors, weight, float(machine.intercept_[0]), width)


def fit_lightgbm(columns: Floats, target: Floats, names: tuple[str, ...], seed: int) -> BoostedTrees:
    """Boosted trees, squared error: their forecasts add up to a total that is right on average."""
    import lightgbm as lgb

    settings = {
        "objective": "regression",
        "num_leaves": 15,
        "learning_rate": 0.05,
        "min_data_in_leaf": _leaf(len(target)),
        "lambda_l2": 1.0,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    data = lgb.Dataset(columns, target, feature_name=list(names))
    return BoostedTrees(lgb.train(settings, data, num_boost_round=150).model_to_string())


def _as_arrays(fitted: list[Any]) -> RegressionTrees:
    found = joined_trees(fitted)
    value = found.pop("value")
    return RegressionTrees(mean=value[:, 0], **found)


def _leaf(rows: int) -> int:
    """Rows in a leaf: overlapping windows tell nearly the same several times over."""
    return max(5, min(100, rows // 50))
