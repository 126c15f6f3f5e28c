"""Two stages: simple models score, and boosted trees order what they found, taught by earlier dates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.nested_files import in_folder, of_folder
from retention_lab.recommend.content import Content
from retention_lab.recommend.inner import Lesson, inner_cuts, lessons
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.pair_features import Columns, ItemFacts, item_facts, pair_features
from retention_lab.recommend.parents import Parents, fit_parents, read_parents
from retention_lab.recommend.protocol import Scores

_ABOUT = "rerank.json"
_LAST = np.float32(-1e30)  # of what no stage found
_LARGE = 5_000  # items


@dataclass(frozen=True, slots=True)
class RerankParams:
    """first, step, window: of the inner cuts, as shares of the rows. seeds: as many boosters, averaged.
    negatives: items not taken, per user and cut. candidates: so many per user go to the second stage; in a
    catalogue no larger, all do.

    Many cuts and small trees: the few customers who come back after one date teach what was in fashion then,
    and larger trees learn it by heart.
    """

    first: float = 0.5
    step: float = 0.05
    window: float = 0.2
    rounds: int = 100
    learning_rate: float = 0.05
    leaves: int = 8
    min_rows_in_leaf: int = 100
    l2: float = 10.0
    seeds: int = 3
    negatives: int = 300
    candidates: int = 2_000

    def ends(self, items: int) -> tuple[float, ...]:
        """Shares of the rows at which the inner cuts lie; fewer in a large catalogue, whose models take long.

        >>> RerankParams().ends(100)[:3], len(RerankParams().ends(100)), len(RerankParams().ends(8_000))
        ((0.5, 0.55, 0.6), 7, 3)
        """
        step = self.step if items <= _LARGE else 3 * self.step
        count = int((1 - self.window - self.first) / step + 1e-9) + 1
        return tuple(round(self.first + i * step, 6) for i in range(count))


@dataclass(frozen=True)
class Rerank:
    """parents: the first stage, fitted to all. facts: of the items. texts: the boosters, whose scores are
    averaged. candidates: items per user that reach the second stage."""

    parents: Parents
    facts: ItemFacts
    texts: tuple[str, ...]
    candidates: int

    def scores(self, history: Interactions) -> Scores:
        """The candidates' score by the trees, and as much again by what sold in the last days: what few
        returning customers taught is held to what everybody does. Far below them, everything else. Without a
        history all is 0.
        """
        parents = self.parents.scores(history)
        users, items = history.user_count, history.item_count
        found: Scores = np.full((users, items), _LAST, dtype=np.float32)
        had = np.bincount(history.user, minlength=users) > 0
        found[~had] = 0.0
        user, item = _candidates(parents, np.flatnonzero(had), self.candidates)
        if len(user):
            learned = self._predict(pair_features(self.facts, parents, history, user, item))
            found[user, item] = _alike(learned, user) + _alike(self.facts.lately[item], user)
        return found

    def to_files(self) -> dict[str, bytes]:
        """LightGBM's text, arrays, and the parents in a folder each."""
        about = {"parents": self.parents.names, "candidates": self.candidates, "boosters": len(self.texts)}
        texts = {f"booster-{i}.txt": text.encode() for i, text in enumerate(self.texts)}
        return {
            _ABOUT: json.dumps(about).encode(),
            **texts,
            **self.facts.to_files(),
            **in_folder("parents", self.parents.to_files()),
        }

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Rerank":
        """The model that `to_files` wrote."""
        about = json.loads(files[_ABOUT])
        parents = read_parents(tuple(about["parents"]), of_folder("parents", files))
        texts = tuple(files[f"booster-{i}.txt"].decode() for i in range(about["boosters"]))
        return Rerank(parents, ItemFacts.from_files(files), texts, about["candidates"])

    @cached_property
    def _boosters(self) -> tuple[Any, ...]:
        import lightgbm as lgb

        return tuple(lgb.Booster(model_str=text) for text in self.texts)

    def _predict(self, columns: Columns) -> Floats:
        total = np.zeros(len(columns))
        for one in self._boosters:
            total += np.asarray(one.predict(columns, num_threads=1))
        return total / len(self._boosters)


def fit_rerank(
    data: Interactions, content: Content | None = None, seed: int = 7, params: RerankParams | None = None
) -> Rerank:
    """LambdaRank over pairs at inner cuts: features from before each, and what the user took after it.

    Raises LabError where no time is known, or nobody comes back inside the data.
    Sources: Burges (2010), "From RankNet to LambdaRank to LambdaMART", MSR-TR-2010-82; Ke et al. (2017),
    NeurIPS 30.
    """
    used = params or RerankParams()
    data.timed()
    cuts = inner_cuts(data, used.ends(data.item_count), used.window, seed)
    parts = [_pairs(one, content, used, seed) for one in lessons(data, cuts, seed)]
    if not parts:
        raise LabError(
            "No customer comes back inside what is learned from, so nothing teaches an order.",
            "Provide a longer log, or leave `rerank` out.",
            key="models",
        )
    columns = np.concatenate([part.columns for part in parts])
    taken = np.concatenate([part.taken for part in parts])
    sizes = np.concatenate([part.sizes for part in parts])
    texts = tuple(_boost(columns, taken, sizes, used, seed + i) for i in range(used.seeds))
    return Rerank(fit_parents(data, content), item_facts(data), texts, used.candidates)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """columns: (n, d). taken: (n,) whether the user took the item. sizes: rows of each user, in order."""

    columns: Columns
    taken: Bools
    sizes: Ints


def _pairs(taught: Lesson, content: Content | None, params: RerankParams, seed: int) -> _Pairs:
    """Of one inner cut: what each user took, and some of what the user could have taken."""
    rng = np.random.default_rng(seed)
    parents = fit_parents(taught.before, content).scores(taught.history)
    had = taught.history.seen()
    users, items, sizes = [], [], []
    for row in range(len(taught.wanted.user)):
        took = taught.wanted.item[taught.wanted.start[row] : taught.wanted.start[row + 1]]
        free = taught.offered.copy()
        free[had.indices[had.indptr[row] : had.indptr[row + 1]]] = False
        free[took] = False
        others = np.flatnonzero(free)
        if len(others) > params.negatives:
            others = rng.choice(others, params.negatives, replace=False)
        both = np.sort(np.concatenate([took, others]))
        users.append(np.full(len(both), row))
        items.append(both)
        sizes.append(len(both))
    user, item = np.concatenate(users), np.concatenate(items)
    width = taught.history.item_count
    taken = np.isin(user * width + item, taught.wanted.rows() * width + taught.wanted.item)
    columns = pair_features(item_facts(taught.before), parents, taught.history, user, item)
    return _Pairs(columns, taken, np.array(sizes, dtype=np.int64))


def _boost(columns: Columns, taken: Bools, sizes: Ints, params: RerankParams, seed: int) -> str:
    import lightgbm as lgb

    settings = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 20,
        "learning_rate": params.learning_rate,
        "num_leaves": params.leaves,
        "min_data_in_leaf": max(1, min(params.min_rows_in_leaf, len(columns) // 20)),
        "lambda_l2": params.l2,
        "max_bin": 63,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    rows = lgb.Dataset(columns, label=taken.astype(np.int64), group=sizes)
    text: str = lgb.train(settings, rows, num_boost_round=params.rounds).model_to_string()
    return text


def _alike(score: Floats | Columns, user: Ints) -> Floats:
    """(n,) less the mean over the rows of the same user, over their deviation."""
    count = np.bincount(user).clip(1)
    centred = score - (np.bincount(user, score) / count)[user]
    spread = np.sqrt(np.bincount(user, centred**2) / count)[user]
    return np.asarray(centred / np.where(spread > 0, spread, 1.0), dtype=np.float64)


def _candidates(parents: Mapping[str, Scores], users: Ints, most: int) -> tuple[Ints, Ints]:
    """Pairs for the second stage: of each user all items, or those that any parent puts high."""
    width = next(iter(parents.values())).shape[1]
    if width <= most:
        return np.repeat(users, width), np.tile(np.arange(width), len(users))
    each = most // len(parents)
    chosen = np.zeros((len(users), width), dtype=np.bool_)
    for scores in parents.values():
        top = np.argpartition(-scores[users], each, axis=1)[:, :each]
        np.put_along_axis(chosen, top, True, axis=1)
    row, item = np.nonzero(chosen)
    return users[row], item.astype(np.int64)
