import numpy as np
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.decide import Decision, Progress
from retention_lab.abtest.summarise import summarise
from tests.abtest.units import MEAN, arms, spec

SAFE = {"name": "complaints", "type": "mean", "column": "complaints", "role": "guardrail", "better": "lower"}


def decision(
    effect: float, harm: float = 0.0, *, margin: str | None = None, end: bool | None = True
) -> Decision:
    rng = np.random.default_rng(1)
    complaints = np.concatenate([rng.normal(1, 1, 2_000), rng.normal(1 + harm, 1, 2_000)])
    table = arms(rng.normal(5, 1, 2_000), rng.normal(5 + effect, 1, 2_000), complaints=complaints)
    guard = SAFE if margin is None else {**SAFE, "worse_by_at_most": margin}
    asked = spec(MEAN, guard)
    return analyze(summarise(table, asked), asked, Progress(end, "500 more units")).decision


@pytest.mark.parametrize(
    ("effect", "harm", "margin", "end", "verdict"),
    [
        (0.3, 0.0, None, True, "ship"),
        (-0.3, 0.0, None, True, "stop"),
        (0.3, 0.5, None, True, "stop"),  # what it gains is paid for in complaints
        (0.3, 0.0, "0.2", True, "ship"),
        (0.3, 0.0, "0.001", True, "stop"),  # nobody can show so little harm by the planned end
        (0.3, 0.0, "0.001", None, "keep_running"),
        (0.0, 0.0, None, None, "keep_running"),
        (0.0, 0.0, None, True, "stop"),
        (0.3, 0.0, None, False, "keep_running"),  # a fixed test says nothing before its end
    ],
)
def test_the_verdict_follows_the_rules(
    effect: float, harm: float, margin: str | None, end: bool | None, verdict: str
) -> None:
    found = decision(effect, harm, margin=margin, end=end)
    assert found.verdict == verdict
    assert found.reasons
    assert (found.arm == "b") is (verdict == "ship")


def test_the_best_of_several_good_arms_is_shipped() -> None:
    rng = np.random.default_rng(2)
    table = {
        "arm": np.repeat(["a", "b", "c"], 1_000),
        "spend": np.concatenate([rng.normal(m, 1, 1_000) for m in (0.0, 0.5, 1.0)]),
    }
    found = analyze(summarise(table, spec()), spec()).decision
    assert (found.verdict, found.arm) == ("ship", "c")


def test_a_metric_that_is_better_lower_ships_where_it_falls() -> None:
    rng = np.random.default_rng(3)
    asked = spec({**MEAN, "better": "lower"})
    found = analyze(summarise(arms(rng.normal(5, 1, 900), rng.normal(4, 1, 900)), asked), asked).decision
    assert found.verdict == "ship"


def test_without_a_primary_metric_nothing_decides() -> None:
    asked = spec({**MEAN, "role": "secondary"})
    found = analyze(summarise(arms(np.arange(99.0), np.arange(99.0)), asked), asked).decision
    assert found.verdict == "keep_running"
    assert "No metric is primary" in found.reasons[0]
