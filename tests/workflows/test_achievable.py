import numpy as np

from retention_lab.features import numeric_features
from retention_lab.workflows.achievable import achievable_choice
from retention_lab.workflows.simulated_truth import PlanTruth


def test_the_best_over_the_features_lies_between_chance_and_knowing_everyone() -> None:
    rng = np.random.default_rng(0)
    n = 3_000
    seen, hidden = rng.standard_normal((n, 2)), rng.standard_normal(n)
    gain = (seen[:, 0] + hidden)[:, None]
    known = PlanTruth(gain, np.ones((n, 1)), np.ones((n, 1), dtype=bool), n / 5)
    ids = np.array([f"c{i}" for i in range(n)])
    found = known.earns(achievable_choice(numeric_features(seen), known, ids))
    by_seen = known.earns(known.best(seen[:, :1]))  # the mean given the features, exactly
    assert 0.9 * by_seen < found <= 1.05 * by_seen
    assert found < 0.85 * known.earns(known.best())
