"""Which boosting settings suit a sample: successive halving on the losses by which candidates are judged.

Many settings are tried on a part of the rows, the best third of them on three times as many, and so on to
all rows. Outcome models are tuned first, by the squared error of cross-fitted predictions; then the shallow
models of effects, on the outcome models found, by the cross-fitted loss of their stack.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.estimate import mean_estimate
from retention_lab.uplift.boosting import BoostingParams
from retention_lab.uplift.learners.contrast import evidence
from retention_lab.uplift.learners.stack import stack
from retention_lab.uplift.nuisances import Prepared
from retention_lab.uplift.selection import Candidates

SETTINGS = 27  # tried on the smallest part, the default among them
EFFECT_PARTS = ("boosted_r", "scaled_r")  # the learners whose trees are shallow
_ETA = 3  # how many times more rows the next rung has, and fewer settings
_FEWEST_TOLD = 500  # rows whose outcome is not the usual one: fewer cannot tell settings apart
_FEWEST_IN_ARM = 200


@dataclass(frozen=True, slots=True)
class Space:
    """Ranges of settings, drawn evenly on a log scale.

    leaves: to choose from; travel: rounds x learning rate, how far the model may move from its start.
    """

    leaves: tuple[int, ...]
    travel: tuple[float, float]
    learning_rate: tuple[float, float] = (0.02, 0.2)
    min_rows_in_leaf: tuple[float, float] = (20.0, 2000.0)
    l2: tuple[float, float] = (0.1, 100.0)


OUTCOME_SPACE = Space(leaves=(3, 4, 6, 8, 12, 16, 31), travel=(1.0, 30.0))
EFFECT_SPACE = Space(leaves=(2, 3, 4, 6, 8), travel=(0.5, 15.0))


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: what was tuned, on how many rows, how many settings were tried, and how well the default and
    the best of them did (mean loss, in the outcome's unit squared)."""

    tuned: str
    rows: int
    tried: int
    default_loss: float
    best_loss: float
    best: BoostingParams


@dataclass(frozen=True, slots=True)
class Tuned:
    """The settings to use, and how they were found; finished: whether time sufficed for every rung."""

    params: BoostingParams
    effect_params: BoostingParams
    rungs: tuple[Rung, ...]
    finished: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a run's record."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that may be used: `now` gives seconds on any scale, `until` is a moment on it."""

    now: Callable[[], float]
    until: float

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.until - self.now()

    def share(self, share: float) -> "Clock":
        """A clock that stops after this share of what is left."""
        return replace(self, until=self.now() + share * self.left)


NO_CLOCK = Clock(lambda: 0.0, math.inf)


def tune(task: Prepared, *, seed: int = 7, clock: Clock = NO_CLOCK, effects: bool = True) -> Tuned:
    """Look for settings that beat those of `task`, until the clock stops.

    Others are chosen only where their loss, on the most rows that they were compared on, is lower by more
    than one standard error of the paired difference: of many settings one is always ahead by luck.
    effects: whether the shallow models of effects are tuned too, as the stack uses them (a learner of their
    kind alone may get worse); outcomes then get half of the time. No setting is begun that would end after
    the clock, by what those before took; the first always is. Without a clock the same sample and seed give
    the same answer, whatever the order of the rows.
    Source: Karnin, Koren, Somekh (2013), ICML, "Almost optimal exploration in multi-armed bandits"; Jamieson
    and Talwalkar (2016), AISTATS, arXiv:1502.07943 (successive halving of settings).
    """
    parts, rng = _parts(task), np.random.default_rng(seed)
    time = clock.share(0.5 if effects else 1.0)
    outcomes = _Search("outcomes", outcome_losses, _with_params, parts, time).best_of(
        _settings(task.params, OUTCOME_SPACE, rng)
    )
    if not effects:
        return Tuned(outcomes.best, task.effect_params, outcomes.rungs, outcomes.finished)
    known = tuple(_with_params(part, outcomes.best) for part in parts)
    found = _Search("effects", effect_losses, _with_effect_params, known, clock).best_of(
        _settings(task.effect_params, EFFECT_SPACE, rng)
    )
    rungs, finished = outcomes.rungs + found.rungs, outcomes.finished and found.finished
    return Tuned(outcomes.best, found.best, rungs, finished)


def outcome_losses(task: Prepared) -> Floats:
    """(n,) squared errors of cross-fitted outcomes under the arm received; their mean is the loss."""
    known = task.expected[np.arange(len(task.sample)), task.sample.arm]
    return task.sample.terms((task.target - known) ** 2)


def effect_losses(task: Prepared) -> Floats:
    """(n,) terms of the loss of the stacked shallow models (as `selection.effect_loss`, whose value is their
    mean): the R-loss, or the DR-loss where propensities are estimated."""
    candidates = Candidates(task)
    fitted = {name: candidates.fit(name) for name in EFFECT_PARTS}
    average = candidates.fit("constant").effect[0]
    models, effects = ({n: getattr(c, what) for n, c in fitted.items()} for what in ("model", "effect"))
    effect = stack(task, average, models, effects).effect
    found = np.zeros(len(task.sample))
    for k in range(1, task.sample.arm_count):
        one = evidence(task.whole, k)
        squares = one.weight * (one.residual - one.surprise * effect[one.rows, k - 1]) ** 2
        found[one.rows] += squares / one.weight.sum() * len(found) / (task.sample.arm_count - 1)
    return found


@dataclass(frozen=True, slots=True)
class _Found:
    """What one search came to."""

    best: BoostingParams
    rungs: tuple[Rung, ...]
    finished: bool


@dataclass(frozen=True, slots=True)
class _Search:
    """tuned: what is tuned, for the record; losses: of rows; fitted_with: rows under other settings; parts:
    of the rows, growing; clock: when to stop."""

    tuned: str
    losses: Callable[[Prepared], Floats]
    fitted_with: Callable[[Prepared, BoostingParams], Prepared]
    parts: tuple[Prepared, ...]
    clock: Clock

    def best_of(self, settings: list[BoostingParams]) -> _Found:
        """Successive halving; the default, first of the settings, is on every rung."""
        default, wanted = settings[0], len(settings)
        best, rungs, finished, pace = default, [], True, 0.0
        for i, part in enumerate(self.parts):
            clock = self.clock.share(1 / (len(self.parts) - i))
            losses, pace = self._losses(part, settings, clock, pace)
            finished = finished and len(losses) == len(settings)
            if len(losses) < 2:
                break
            order = sorted(range(len(losses)), key=lambda at: float(losses[at].mean()))
            rungs.append(self._rung(part, losses, settings[order[0]], losses[order[0]]))
            best = settings[order[0]] if _ahead(losses[0], losses[order[0]], part) else default
            wanted = max(2, wanted // _ETA)
            settings = [default, *(settings[at] for at in order if at > 0)][:wanted]
        return _Found(best, tuple(rungs), finished)

    def _losses(
        self, part: Prepared, settings: list[BoostingParams], clock: Clock, pace: float
    ) -> tuple[list[Floats], float]:
        """Losses of as many settings as there is time for, in order, and the seconds that a unit of work
        took. pace: those of the rung before; 0 where nothing is known yet."""
        found: list[Floats] = []
        start, done = clock.now(), 0.0
        for setting in settings:
            work = len(part.sample) * setting.rounds * math.log2(setting.leaves)
            if clock.left <= pace * work:
                break
            found.append(self.losses(self.fitted_with(part, setting)))
            done += work
            pace = (clock.now() - start) / done
        return found, pace

    def _rung(self, part: Prepared, losses: list[Floats], best: BoostingParams, least: Floats) -> Rung:
        rows = len(part.sample)
        return Rung(self.tuned, rows, len(losses), float(losses[0].mean()), float(least.mean()), best)


def _ahead(default: Floats, best: Floats, part: Prepared) -> bool:
    gain = mean_estimate(default - best, part.sample.group)
    return gain.value > gain.se


def _with_params(part: Prepared, params: BoostingParams) -> Prepared:
    return part.with_settings(params, part.effect_params)


def _with_effect_params(part: Prepared, params: BoostingParams) -> Prepared:
    return part.with_settings(part.params, params)


def _parts(task: Prepared) -> tuple[Prepared, ...]:
    """Growing parts of the rows, from the smallest that can tell settings apart to all."""
    rows = len(task.sample)
    told = np.count_nonzero(task.target != np.median(task.target))
    in_arm = np.bincount(task.sample.arm).min()
    shares = [1 / _ETA**i for i in (2, 1)]
    able = [share for share in shares if share * told >= _FEWEST_TOLD and share * in_arm >= _FEWEST_IN_ARM]
    return (*(task.part(int(share * rows)) for share in able), task)


def _settings(default: BoostingParams, space: Space, rng: np.random.Generator) -> list[BoostingParams]:
    """The default, and others drawn from the space."""

    def drawn(limits: tuple[float, float]) -> float:
        return float(np.exp(rng.uniform(*np.log(limits))))

    found = [default]
    while len(found) < SETTINGS:
        rate = drawn(space.learning_rate)
        found.append(
            replace(
                default,
                learning_rate=rate,
                rounds=int(np.clip(round(drawn(space.travel) / rate), 10, 300)),
                leaves=int(rng.choice(space.leaves)),
                min_rows_in_leaf=round(drawn(space.min_rows_in_leaf)),
                l2=drawn(space.l2),
            )
        )
    return found
