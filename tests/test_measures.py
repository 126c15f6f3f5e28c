from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics

from retention_lab import measures
from retention_lab.errors import LabError
from retention_lab.estimate import mean_estimate

RNG = np.random.default_rng(4)
LEFT = (RNG.random(700) < 0.3).astype(float)
SCORE = np.clip(0.3 * LEFT + 0.25 + 0.22 * RNG.normal(size=700), 0.01, 0.99)
TIED = np.round(SCORE, 1).clip(0.1, 0.9)
Terms = Callable[[np.ndarray, np.ndarray], np.ndarray]

THEIRS: dict[str, tuple[Terms, Callable[..., float]]] = {
    "accuracy": (measures.accuracy_terms, lambda y, p: metrics.accuracy_score(y, p >= 0.5)),
    "brier": (measures.brier_terms, metrics.brier_score_loss),
    "log_loss": (measures.log_loss_terms, metrics.log_loss),
    "precision": (measures.precision_terms, lambda y, p: metrics.precision_score(y, p >= 0.5)),
    "recall": (measures.recall_terms, lambda y, p: metrics.recall_score(y, p >= 0.5)),
    "f1": (measures.f1_terms, lambda y, p: metrics.f1_score(y, p >= 0.5)),
    "auc": (measures.auc_terms, metrics.roc_auc_score),
    "average_precision": (measures.average_precision_terms, metrics.average_precision_score),
}


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("score", [SCORE, TIED])
def test_values_are_those_of_scikit_learn(name: str, score: np.ndarray) -> None:
    ours, theirs = THEIRS[name]
    assert ours(LEFT, score).mean() == pytest.approx(theirs(LEFT, score), abs=1e-12)


@pytest.mark.parametrize("name", ["auc", "average_precision", "f1", "precision"])
@pytest.mark.parametrize("score", [SCORE, TIED])
def test_terms_are_what_repeating_a_row_does_to_the_value(name: str, score: np.ndarray) -> None:
    ours, theirs = THEIRS[name]
    terms, value = ours(LEFT, score), theirs(LEFT, score)
    step = 1e-6
    for row in range(0, 700, 97):
        weight = np.ones(700)
        weight[row] += step
        kept = score if name in ("auc", "average_precision") else score >= 0.5
        call = {
            "auc": metrics.roc_auc_score,
            "average_precision": metrics.average_precision_score,
            "f1": metrics.f1_score,
            "precision": metrics.precision_score,
        }[name]
        slope = (call(LEFT, kept, sample_weight=weight) - value) / step
        assert terms[row] - value == pytest.approx(700 * slope, abs=1e-3)


def test_the_error_of_the_auc_is_delongs() -> None:
    """By the definition: placements of leavers among stayers, and the other way round."""
    leavers, stayers = SCORE[LEFT == 1], SCORE[LEFT == 0]
    above = (leavers[:, None] > stayers).astype(float) + 0.5 * (leavers[:, None] == stayers)
    variance = above.mean(axis=1).var(ddof=1) / len(leavers) + above.mean(axis=0).var(ddof=1) / len(stayers)
    assert mean_estimate(measures.auc_terms(LEFT, SCORE)).se == pytest.approx(np.sqrt(variance), rel=0.01)


def test_lift_counts_leavers_at_the_top() -> None:
    order = np.argsort(-SCORE)
    wanted = LEFT[order[:70]].mean() / LEFT.mean()
    assert measures.lift_terms(LEFT, SCORE, 0.1).mean() == pytest.approx(wanted, abs=1e-12)
    assert measures.lift_terms(LEFT, SCORE, 1.0).mean() == pytest.approx(1.0, abs=1e-12)


def test_a_constant_score_has_a_lift_of_one_and_an_auc_of_a_half() -> None:
    flat = np.full(700, 0.3)
    assert measures.lift_terms(LEFT, flat, 0.1).mean() == pytest.approx(1.0)
    assert measures.auc_terms(LEFT, flat).mean() == pytest.approx(0.5)


@pytest.mark.parametrize("terms", [measures.auc_terms, measures.recall_terms, measures.f1_terms])
def test_one_label_alone_is_refused(terms: Terms) -> None:
    with pytest.raises(LabError, match="same label"):
        terms(np.zeros(5), np.linspace(0, 1, 5))


def test_no_precision_where_nobody_is_called() -> None:
    with pytest.raises(LabError, match="No probability"):
        measures.precision_terms(LEFT, np.full(700, 0.1))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["auc", "average_precision", "f1", "lift"])
def test_intervals_cover_the_truth_as_often_as_they_say(name: str) -> None:
    terms: Terms = {**{key: one for key, (one, _) in THEIRS.items()}, "lift": _lift}[name]
    truth = float(terms(*_drawn(np.random.default_rng(0), 400_000)).mean())
    covered = 0
    for seed in range(100_000, 101_000):
        found = mean_estimate(terms(*_drawn(np.random.default_rng(seed), 800)))
        covered += found.low <= truth <= found.high
    assert abs(covered / 1000 - 0.95) < 0.023  # 3.3 binomial standard errors


def _lift(left: np.ndarray, probability: np.ndarray) -> np.ndarray:
    return measures.lift_terms(left, probability, 0.1)


def _drawn(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    p = 1 / (1 + np.exp(-rng.normal(-1, 1.2, rows)))
    return (rng.random(rows) < p).astype(float), p
