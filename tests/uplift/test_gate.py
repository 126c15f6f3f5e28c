import numpy as np
import pytest

from retention_lab.uplift.gate import Gate, GateRule, constant_gate, gate
from retention_lab.uplift.worth import Worth

ARMS = ("none", "coupon", "points")


def held_out(strength: float, seed: int = 1, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Scores and true effects: the coupon helps half of the customers and harms the others."""
    rng = np.random.default_rng(seed)
    effect = strength * np.column_stack([rng.normal(size=rows), rng.normal(size=rows)])
    mean = np.column_stack([np.zeros(rows), effect])
    return mean + rng.normal(size=(rows, 3)), effect


def verdicts(found: Gate) -> dict[str, bool | None]:
    return {one["name"]: one["passed"] for one in found.checks}


def test_a_model_that_finds_the_persuadable_passes_against_every_constant_and_random_spend() -> None:
    found = gate(*held_out(0.5), ARMS, Worth(), GateRule())
    assert found.everyone
    assert found.budget
    assert found.champion is None
    assert found.promotable
    assert list(verdicts(found)) == [
        "G1.none",
        "G1.coupon",
        "G1.points",
        "G2.coupon",
        "G2.points",
        "G3.champion",
    ]
    assert verdicts(found)["G3.champion"] is None


def test_one_constant_that_is_as_good_is_enough_to_fail() -> None:
    gamma, effect = held_out(0.5)
    gamma[:, 1] += 3
    found = gate(gamma, effect + np.array([3.0, 0.0]), ARMS, Worth(), GateRule())
    assert verdicts(found)["G1.none"]
    assert not verdicts(found)["G1.coupon"]
    assert not found.everyone


def test_a_constant_model_never_beats_itself() -> None:
    gamma, _ = held_out(0.5)
    found = gate(gamma, np.tile([0.2, 0.1], (len(gamma), 1)), ARMS, Worth(), GateRule())
    assert not found.better_than_constants


def test_noise_is_let_through_at_most_as_often_as_its_level_says() -> None:
    passed = []
    for seed in range(300):
        gamma, _ = held_out(0.0, seed, 400)
        guess = np.random.default_rng(10_000 + seed).normal(size=(400, 2))
        passed.append(gate(gamma, guess, ARMS, Worth(), GateRule()).better_than_constants)
    assert np.mean(passed) < 0.05 + 0.04  # 3.2 binomial standard errors above two tests of .025


def test_costs_can_turn_a_pass_into_a_refusal() -> None:
    gamma, effect = held_out(0.5)
    dear = gate(gamma, effect, ARMS, Worth(1.0, (0.0, 5.0, 5.0)), GateRule())
    assert (
        not dear.better_than_constants
    )  # nobody is worth an offer: the model chooses none, as a constant does


def test_a_worse_version_is_refused_against_the_champion_and_an_equal_one_too() -> None:
    gamma, effect = held_out(0.5)
    rng = np.random.default_rng(3)
    blurred = effect + rng.normal(size=effect.shape)
    assert gate(gamma, effect, ARMS, Worth(), GateRule(), champion_effect=blurred).champion
    assert gate(gamma, blurred, ARMS, Worth(), GateRule(), champion_effect=effect).champion is False
    assert not gate(gamma, blurred, ARMS, Worth(), GateRule(), champion_effect=effect).promotable
    assert gate(gamma, effect, ARMS, Worth(), GateRule(), champion_effect=effect).champion is False
    assert gate(gamma, effect, ARMS, Worth(), GateRule(tolerance=0.01), champion_effect=effect).champion


def test_a_constant_is_promotable_only_where_it_beats_nothing() -> None:
    gamma, _ = held_out(0.0)
    assert not constant_gate(gamma, 1, ARMS, Worth(), GateRule())["passed"]
    gamma[:, 1] += 0.2
    check = constant_gate(gamma, 1, ARMS, Worth(), GateRule())
    assert check["passed"]
    assert check["name"] == "constant.coupon"
    assert not constant_gate(gamma, 0, ARMS, Worth(), GateRule())["passed"]


def test_checks_carry_the_fields_of_the_json() -> None:
    for one in gate(*held_out(0.5), ARMS, Worth(), GateRule()).checks:
        assert set(one) == {"name", "severity", "passed", "value", "threshold", "detail"}


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_the_share_of_the_rule_is_the_share_that_is_treated(share: float) -> None:
    found = gate(*held_out(0.5), ARMS, Worth(), GateRule(share=share))
    assert f"choice of {share:.0%}" in {one["name"]: one["detail"] for one in found.checks}["G2.coupon"]


def test_an_offer_that_cannot_be_given_costs_nothing_and_is_not_chosen() -> None:
    gamma, effect = held_out(0.5)
    feasible = np.ones((len(gamma), 2), dtype=np.bool_)
    feasible[:, 1] = False
    worth = Worth(1.0, (0.0, 0.1, 1000.0))
    found = {
        one["name"]: one for one in gate(gamma, effect, ARMS, worth, GateRule(), feasible=feasible).checks
    }
    assert found["G1.points"]["value"] == pytest.approx(
        found["G1.none"]["value"]
    )  # points for all is none for all
    assert constant_gate(gamma, 2, ARMS, worth, GateRule(), feasible=feasible)["value"] == 0.0
