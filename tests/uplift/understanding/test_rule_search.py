import numpy as np
import pytest

from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.understanding.conditions import questions
from retention_lab.uplift.understanding.rule_search import Leaf, Node, Search, best_tree

SMALLEST = 9


def customers(seed: int, rows: int = 90) -> tuple[Features, np.ndarray, Search]:
    """Numbers with gaps, levels, and advantages that are noise: any tree may be the best."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=rows), rng.integers(0, 4, rows), rng.normal(size=rows)])
    x[rng.random(rows) < 0.2, 0] = np.nan
    features = Features(x, FeatureSchema(("a", "c", "b"), (None, tuple("wxyz"), None)))
    advantage = rng.normal(size=(rows, 2))
    asked = tuple(questions(features, j, advantage, cuts=4) for j in range(3))
    return features, advantage, Search(advantage, asked, SMALLEST, columns=3)


def leaves(node: Node, rows: np.ndarray, values: np.ndarray) -> list[tuple[np.ndarray, int]]:
    if isinstance(node, Leaf):
        return [(rows, node.arm)]
    holds = node.condition.holds(values)
    return leaves(node.yes, rows & holds, values) + leaves(node.no, rows & ~holds, values)


def worth(advantage: np.ndarray, found: list[tuple[np.ndarray, int]]) -> float:
    return float(sum(advantage[rows, arm - 1].sum() for rows, arm in found if arm > 0))


def by_trying(advantage: np.ndarray, asked: list[np.ndarray], depth: int) -> float:
    def best(rows: np.ndarray, left: int) -> float:
        if rows.sum() < SMALLEST:
            return -np.inf
        found = max(0.0, float(advantage[rows].sum(axis=0).max()))
        if left > 0:
            found = max([found, *(best(rows & c, left - 1) + best(rows & ~c, left - 1) for c in asked)])
        return found

    return best(np.ones(len(advantage), dtype=bool), depth)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_no_other_tree_of_the_same_questions_is_worth_more(depth: int, seed: int) -> None:
    features, advantage, search = customers(seed)
    found = leaves(best_tree(search, depth), np.ones(90, dtype=bool), features.values)
    asked = [c.holds(features.values) for one in search.asked for c in one.conditions]
    assert worth(advantage, found) == pytest.approx(by_trying(advantage, asked, depth))
    assert min(rows.sum() for rows, _ in found) >= SMALLEST


def test_a_second_question_is_found_where_the_first_alone_gains_nothing() -> None:
    # an offer that helps where exactly one of two flags is set: neither flag alone says anything
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 25, dtype=float)
    advantage = np.where(x[:, :1] != x[:, 1:], 1.0, -1.0)
    features = Features(x, FeatureSchema(("a", "b"), (None, None)))
    asked = tuple(questions(features, j, advantage, cuts=4) for j in range(2))
    search = Search(advantage, asked, SMALLEST, columns=2)
    everybody = np.ones(100, dtype=bool)
    value = [worth(advantage, leaves(best_tree(search, depth), everybody, x)) for depth in (1, 2)]
    assert value == [0.0, 50.0]


def test_a_question_that_gains_nothing_is_left_out() -> None:
    _, _, search = customers(1)
    same = Search(np.full((90, 2), [0.5, 1.0]), search.asked, SMALLEST, columns=3)
    assert best_tree(same, 2) == Leaf(2)
    assert best_tree(Search(-same.advantage, search.asked, SMALLEST, columns=3), 2) == Leaf(0)
