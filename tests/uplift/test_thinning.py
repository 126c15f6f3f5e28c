import numpy as np

from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.thinning import FROM_ROWS, INFLATION, keep_chance


def rare(rows: int = FROM_ROWS, seed: int = 3) -> UpliftSample:
    """A rare outcome, and an experiment whose arms are as nine to one."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    arm = (rng.random(rows) < 0.9).astype(np.int64)
    outcome = (rng.random(rows) < 0.02 + 0.01 * arm).astype(float)
    return UpliftSample(x, arm, outcome, np.tile([0.1, 0.9], (rows, 1)))


def test_the_rows_that_are_kept_stand_for_all_of_them() -> None:
    found = rare()
    task, chance = prepare(found), keep_chance(found)
    assert len(task.sample) < FROM_ROWS / 2
    for values in (lambda s: s.outcome, lambda s: s.arm.astype(float), lambda s: s.features.values[:, 0]):
        every = values(found)
        noise = np.sqrt(np.sum(every**2 * (1 - chance) / chance))  # of a total under draws with these chances
        total = float(task.sample.weight @ values(task.sample))
        assert abs(total - every.sum()) < 4 * noise + 1e-9  # 4 standard errors


def test_the_variance_grows_by_no_more_than_was_allowed() -> None:
    found = rare()
    chance, mean = keep_chance(found), np.array([found.outcome[found.arm == k].mean() for k in (0, 1)])
    influence = (found.outcome - mean[found.arm]) / np.array([0.1, 0.9])[found.arm]
    assert np.sum(influence**2 / chance) / np.sum(influence**2) < INFLATION * 1.01
