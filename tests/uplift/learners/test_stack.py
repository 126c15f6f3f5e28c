from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from retention_lab.uplift.learners.constant import ConstantEffect
from retention_lab.uplift.learners.protocol import UpliftModel
from retention_lab.uplift.learners.stack import MONEY_PARTS, PARTS, Stack, stack
from retention_lab.uplift.nuisances import Prepared, prepare
from retention_lab.uplift.selection import Candidates, effect_loss
from tests.uplift.populations import (
    Population,
    buyers,
    confounded,
    on_log_odds,
    partly_feasible,
    population,
    straight_line,
)

NO_MODELS: Mapping[str, UpliftModel] = {name: ConstantEffect((0.0, 0.0)) for name in "abcd"}


def weights(
    task: Prepared, average: list[float], effects: Mapping[str, np.ndarray]
) -> Mapping[str, tuple[float, ...]]:
    return stack(task, np.array(average), NO_MODELS, effects).model.weights


def fitted(found: Population, name: str = "stack") -> tuple[Stack, Candidates]:
    candidates = Candidates(prepare(found.sample))
    model = candidates.fit(name).model
    assert isinstance(model, Stack)
    return model, candidates


def test_the_truth_gets_a_weight_of_one_and_noise_none() -> None:
    found = population(20_000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    noise = np.random.default_rng(1).normal(size=truth.shape)
    got = weights(task, truth.mean(axis=0).tolist(), {"a": truth, "b": noise})
    # 20,000 rows of noise 1 know a weight to about 1 / (.45 x .6 sqrt(n)) = .03: 4 of them
    np.testing.assert_allclose(got["a"], 1.0, atol=0.15)
    assert max(got.get("b", (0.0,))) < 0.05


def test_half_the_truth_counts_double_and_its_opposite_not_at_all() -> None:
    found = population(20_000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    average = truth.mean(axis=0).tolist()
    whole = np.array(weights(task, average, {"a": truth})["a"])
    np.testing.assert_allclose(weights(task, average, {"a": truth / 2})["a"], 2 * whole)
    np.testing.assert_allclose(weights(task, average, {"a": truth + 7})["a"], whole)
    assert weights(task, average, {"a": -truth}) == {}


def test_each_offer_has_weights_of_its_own() -> None:
    found = population(20_000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    left, right = truth * np.array([1.0, 0.0]), truth * np.array([0.0, 1.0])
    got = weights(task, truth.mean(axis=0).tolist(), {"a": left, "b": right})
    assert got["a"][0] > 0.8 > 0.1 > got["a"][1] == 0
    assert got["b"][1] > 0.8 > 0.1 > got["b"][0] == 0


def test_parts_that_say_the_same_share_the_weight_and_none_is_negative() -> None:
    found = population(5000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    flat = np.zeros_like(truth)
    got = weights(task, truth.mean(axis=0).tolist(), {"a": truth, "b": truth, "c": 3 * truth, "d": flat})
    total = sum(np.array(got.get(name, (0.0, 0.0))) * by for name, by in (("a", 1), ("b", 1), ("c", 3)))
    alone = weights(task, truth.mean(axis=0).tolist(), {"a": truth})["a"]
    np.testing.assert_allclose(total, alone, atol=1e-3)
    assert "d" not in got
    assert all(min(one) >= 0 for one in got.values())


def test_weights_have_not_seen_the_rows_that_they_are_judged_on() -> None:
    found = population(1500, strength=0.0)
    task = prepare(found.sample, folds=3)
    noise = {name: np.random.default_rng(i).normal(size=(1500, 2)) for i, name in enumerate("abcd")}
    constant = Candidates(task).fit("constant").effect
    judged = stack(task, constant[0], NO_MODELS, noise)
    seen = np.tile(constant[0], (1500, 1))
    for name, weight in judged.model.weights.items():
        seen += np.array(weight) * (noise[name] - np.array(judged.model.centres[name]))
    assert (
        effect_loss(task.whole, seen)
        <= effect_loss(task.whole, constant)
        < effect_loss(task.whole, judged.effect)
    )


def test_the_average_effect_is_kept() -> None:
    found = population(4000)
    model, candidates = fitted(found)
    average = candidates.fit("constant").effect[0]
    np.testing.assert_array_equal(model.average, average)
    cross_fitted = np.tile(average, (4000, 1))
    for name, weight in model.weights.items():
        cross_fitted += np.array(weight) * (candidates.fit(name).effect - np.array(model.centres[name]))
    np.testing.assert_allclose(cross_fitted.mean(axis=0), average, atol=1e-9)


def test_the_average_is_of_those_who_could_get_the_offer() -> None:
    found = partly_feasible(3000)
    task = prepare(found.sample)
    effects = {"a": found.effect[task.rows] + 5.0 * (task.sample.features.values[:, 3:] > 0)}
    got = stack(task, np.array([0.1, 0.2]), NO_MODELS, effects).model
    able = task.feasible
    for k in range(2):
        part = got.weights["a"][k] * (effects["a"][able[:, k], k] - got.centres["a"][k])
        assert part.mean() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("binary", [False, True])
def test_where_all_respond_alike_it_stays_close_to_the_constant(seed: int, binary: bool) -> None:
    found = population(3000, seed, strength=0.0, binary=binary)
    candidates = Candidates(prepare(found.sample))
    losses = [candidates.fit(name).loss for name in ("stack", "constant", "t")]
    # what four weights fitted to noise may cost: some residual variance over the rows of a fold
    assert losses[0] - losses[1] < 10 / 3000 * losses[1]
    assert losses[0] < losses[2]


@pytest.mark.slow
def test_parts_on_the_scale_of_log_odds_lead_where_effects_add_on_it() -> None:
    """The scaled R-learner among those that fit residuals; the S-learner's log-loss has that scale too."""
    model, candidates = fitted(on_log_odds(20_000))
    moved = {n: model.weights[n][0] * candidates.fit(n).effect[:, 0].std() for n in model.parts}
    assert max((n for n in moved if n != "s"), key=lambda n: moved[n]) == "scaled_r"
    assert moved["scaled_r"] + moved["s"] > 0.8 * sum(moved.values())
    assert model.weights["scaled_r"][0] > 0.2


@pytest.mark.slow
def test_the_straight_part_helps_where_effects_are_straight_lines() -> None:
    found = straight_line(10_000)
    model, candidates = fitted(found)
    moved = {n: model.weights[n][0] * candidates.fit(n).effect[:, 0].std() for n in model.parts}
    assert moved["ridge_r"] > 0.5 * sum(moved.values())
    task, average = candidates.task, candidates.fit("constant").effect[0]
    others = {name: candidates.fit(name) for name in PARTS if name != "ridge_r"}
    without = stack(
        task, average, {n: c.model for n, c in others.items()}, {n: c.effect for n, c in others.items()}
    )
    test = straight_line(10_000, seed=2)
    errors = [
        np.mean((one.effect(test.sample.features) - test.effect) ** 2) for one in (model, without.model)
    ]
    assert errors[0] < 0.5 * errors[1]


def test_money_with_many_zeros_has_a_part_for_who_buys() -> None:
    candidates = Candidates(prepare(buyers(4000).sample))
    candidates.fit("stack")
    assert set(candidates._fitted) == {*MONEY_PARTS, "constant", "stack"}
    plain = Candidates(prepare(population(1000).sample))
    plain.fit("stack")
    assert set(plain._fitted) == {*PARTS, "constant", "stack"}


def test_where_chances_are_estimated_weights_come_from_doubly_robust_scores() -> None:
    found = confounded(20_000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    got = weights(task, [float(truth.mean())], {"a": truth, "b": task.sample.features.values[:, :1]})
    assert got["a"][0] == pytest.approx(1.0, abs=0.15)
    assert got.get("b", (0.0,))[0] < 0.1


def test_rows_count_as_much_as_they_stand_for() -> None:
    found = population(5000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    sign = np.where(task.sample.features.values[:, 3:] > 0, 1.0, -1.0)
    effects = {"a": truth * sign}  # right for half of them
    for side, wanted in ((1.0, 1.0), (-1.0, 0.0)):
        weight = np.where(sign[:, 0] == side, 1.0, 1e-6)
        weighed = replace(task, sample=task.sample.weighing(weight))
        got = weights(weighed, truth.mean(axis=0).tolist(), effects).get("a", (0.0, 0.0))
        np.testing.assert_allclose(got, wanted, atol=0.25)


def test_parts_of_the_effect_sum_to_it() -> None:
    names, x = ("a", "b"), np.zeros((3, 2))
    parts = {"a": ConstantEffect((1.0, 2.0)), "b": ConstantEffect((5.0, 6.0))}
    model = Stack(parts, (0.5, 0.7), {"a": (0.3, 0.4), "b": (0.0, 1.0)}, dict.fromkeys(names, (0.9, 1.1)))
    np.testing.assert_allclose(model.effect(x)[0], [0.5 + 0.3 * 0.1, 0.7 + 0.4 * 0.9 + 4.9])
    np.testing.assert_allclose(model.contributions(x).sum(axis=2), model.effect(x))


def test_a_stack_without_parts_is_the_average() -> None:
    model = Stack({}, (0.5, 0.7), {}, {})
    np.testing.assert_array_equal(model.effect(np.zeros((2, 3))), [[0.5, 0.7]] * 2)
    again = Stack.from_files(model.to_files(), lambda _, files: ConstantEffect.from_files(files))
    assert again == model
