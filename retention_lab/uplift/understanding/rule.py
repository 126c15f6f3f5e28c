"""A rule for choosing offers that a marketer can read, and what it is worth on rows it was not made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.features import Features, matrix
from retention_lab.off_policy import policy_difference, policy_value
from retention_lab.uplift.understanding.conditions import Above, AtMost, Condition, questions
from retention_lab.uplift.understanding.rule_search import Leaf, Node, Search, best_tree


@dataclass(frozen=True, slots=True)
class RuleParams:
    """depth: questions in a row, 1 or 2; cuts: limits tried per number, and levels per category;
    smallest_share: of the rows that a leaf holds at least; rows: a random part is used where there are more;
    columns: how many are searched in pairs, the most promising first."""

    depth: int = 2
    cuts: int = 30
    smallest_share: float = 0.05
    rows: int = 200_000
    columns: int = 40
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Step:
    """If all conditions hold (none: always), and no earlier step applied: the arm."""

    conditions: tuple[Condition, ...]
    arm: int

    def applies(self, values: Floats) -> Bools:
        """(n, d) -> (n,)."""
        found = np.ones(len(values), dtype=np.bool_)
        for condition in self.conditions:
            found &= condition.holds(values)
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """steps: the first that applies decides, and the last always applies; arms: names, control first.

    best_constant: the arm that was worth most if given to all rows the rule was made from.
    """

    steps: tuple[Step, ...]
    arms: tuple[str, ...]
    best_constant: int

    def step(self, features: Features | Floats) -> Ints:
        """(n, d) -> (n,) number of the step that decides for each customer."""
        values = matrix(features)
        return np.asarray(np.argmax([one.applies(values) for one in self.steps], axis=0), dtype=np.int64)

    def policy(self, features: Features | Floats) -> Ints:
        """(n, d) -> (n,) arm of each customer, 0 = control."""
        return np.array([one.arm for one in self.steps], dtype=np.int64)[self.step(features)]

    @property
    def lines(self) -> tuple[str, ...]:
        """One line a step, in the features' names and levels: `if recency > 60: coupon`, `else: none`."""
        return tuple(self._line(i) for i in range(len(self.steps)))

    def __str__(self) -> str:
        return ", ".join(line if i == 0 else _continued(line) for i, line in enumerate(self.lines))

    def _line(self, i: int) -> str:
        name, asked = self.arms[self.steps[i].arm], self.steps[i].conditions
        if asked:
            return f"if {' and '.join(map(str, asked))}: {name}"
        return f"else: {name}" if i > 0 else f"everybody: {name}"


@dataclass(frozen=True, slots=True)
class StepValue:
    """share: of the customers that this step decides for; effect: net value per head of its arm over none, on
    them (None where they are fewer than two, or get none)."""

    line: str
    arm: str
    share: float
    effect: Estimate | None


@dataclass(frozen=True, slots=True)
class RuleValue:
    """Net value per head: of the rule, and over each arm for everybody; by the name of that arm.

    over[arms[0]] is the gain over contacting nobody; over[best_constant] that over the arm which looked best
    for all on the rows the rule was made from, so that it was not picked by these rows.
    """

    value: Estimate
    over: Mapping[str, Estimate]
    best_constant: str
    steps: tuple[StepValue, ...]


def fit_rule(
    features: Features, gamma: Floats, arms: Sequence[str], params: RuleParams | None = None
) -> Rule:
    """The rule of at most `depth` questions in a row whose choices have the highest mean score.

    gamma: (n, K + 1) cross-fitted doubly robust scores of net value (`Worth.net_scores`), control first.
    arms: names, control first. Exact over the questions tried. Where a value is missing, no condition on it
    holds but that it is missing. On noise it finds a pattern all the same: judge it by `rule_value` on other
    rows.

    Raises LabError where rows and scores do not match, a score is missing, or the depth is neither 1 nor 2.
    Source: Athey and Wager (2021), Econometrica 89(1), doi:10.3982/ECTA15732; Zhou, Athey, Wager (2023),
    Operations Research 71(1), doi:10.1287/opre.2022.2271.
    """
    params = params or RuleParams()
    _require(features, gamma, arms)
    if params.depth not in (1, 2):
        raise LabError(f"A rule of depth {params.depth} was asked for.", "Set 1 or 2.", key="depth")
    if len(features) > params.rows:
        chosen = np.random.default_rng(params.seed).choice(len(features), params.rows, replace=False)
        features, gamma = features.rows(np.sort(chosen)), gamma[np.sort(chosen)]
    advantage = gamma[:, 1:] - gamma[:, :1]
    columns = range(len(features.schema.names))
    asked = tuple(questions(features, j, advantage, params.cuts) for j in columns)
    smallest = max(1, int(np.ceil(params.smallest_share * len(features))))
    tree = best_tree(Search(advantage, asked, smallest, params.columns), params.depth)
    return Rule(_steps(tree), tuple(arms), int(np.argmax(gamma.mean(axis=0))))


def rule_value(
    rule: Rule,
    features: Features,
    gamma: Floats,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> RuleValue:
    """What the rule earns on rows that it was not made from; gamma: (n, K + 1) scores of net value.

    group: (n,) customer of each row, or None. Raises LabError where rows and scores do not match.
    """
    _require(features, gamma, rule.arms)
    policy = rule.policy(features)
    over = {
        name: policy_difference(gamma, policy, np.full(len(gamma), k), group, confidence=confidence)
        for k, name in enumerate(rule.arms)
    }
    step = rule.step(features)
    steps = tuple(_step_value(rule, i, step == i, gamma, group, confidence) for i in range(len(rule.steps)))
    value = policy_value(gamma, policy, group, confidence=confidence)
    return RuleValue(value, over, rule.arms[rule.best_constant], steps)


def _step_value(
    rule: Rule, i: int, rows: Bools, gamma: Floats, group: np.ndarray | None, confidence: float
) -> StepValue:
    arm = rule.steps[i].arm
    members = None if group is None else group[rows]
    units = int(rows.sum()) if members is None else len(np.unique(members))
    effect = None
    if arm > 0 and units >= 2:
        effect = mean_estimate(gamma[rows, arm] - gamma[rows, 0], members, confidence=confidence)
    return StepValue(rule.lines[i], rule.arms[arm], float(rows.mean()), effect)


def _steps(tree: Node) -> tuple[Step, ...]:
    """The tree as a list in which the first step that applies decides: its `no` needs no words."""
    found = _walk(tree, ())
    while len(found) > 1 and found[-2].arm == found[-1].arm:
        del found[-2]  # what comes last says it too
    return tuple(found)


def _narrowest(held: tuple[Condition, ...], asked: Condition) -> tuple[Condition, ...]:
    """All of them, where one above a higher limit takes the place of one above a lower, and so on."""
    for i, one in enumerate(held):
        if type(one) is type(asked) and one.column == asked.column:
            if isinstance(one, Above) and isinstance(asked, Above):
                return (*held[:i], max(one, asked, key=lambda x: x.limit), *held[i + 1 :])
            if isinstance(one, AtMost) and isinstance(asked, AtMost):
                return (*held[:i], min(one, asked, key=lambda x: x.limit), *held[i + 1 :])
    return (*held, asked)


def _walk(node: Node, held: tuple[Condition, ...]) -> list[Step]:
    if isinstance(node, Leaf):
        return [Step(held, node.arm)]
    return [*_walk(node.yes, _narrowest(held, node.condition)), *_walk(node.no, held)]


def _continued(line: str) -> str:
    return line.replace("else: ", "else ", 1) if line.startswith("else: ") else f"else {line}"


def _require(features: Features, gamma: Floats, arms: Sequence[str]) -> None:
    wanted = (len(features), len(arms))
    if gamma.shape != wanted or len(features) == 0:
        raise LabError(
            f"The scores have shape {gamma.shape}; rows and arms ask for {wanted}, with at least one row.",
            "Give one score per row and arm, control first.",
        )
    if not np.isfinite(gamma).all():
        raise LabError(
            f"{int((~np.isfinite(gamma)).any(axis=1).sum())} rows have a missing or infinite score.",
            "Remove or correct those rows.",
        )
