"""Candidates of a forecast, chosen by a backtest inside what they may see, judged by what came after it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.checks import Check, check
from retention_lab.demand.accuracy import absolute_share, period_mean, scaled_error, total_error
from retention_lab.demand.backtest import Rolled, Split, roll, split_of
from retention_lab.demand.intervals import LEVEL, fit_spread
from retention_lab.demand.learners import fit_learner
from retention_lab.demand.naive import Repeat
from retention_lab.demand.panel import Panel
from retention_lab.demand.scale import error_scale
from retention_lab.demand.scorer import Columns, DemandScorer
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

_NEAR = 0.05  # of the level, that intervals may cover less
_OFF = 0.1  # of the total


@dataclass(frozen=True, slots=True)
class Question:
    """panel: all series. horizon, season: in periods, as the definition has them."""

    panel: Panel
    horizon: int
    season: int
    columns: Columns
    seed: int


@dataclass(frozen=True, slots=True)
class Held:
    """What came after a version's learning: the series that had begun by then, what each error is measured
    in (s,), and how the last season would have forecast it."""

    panel: Panel
    cut: int
    scale: Floats
    season: int
    baseline: Rolled


@dataclass(frozen=True, slots=True)
class Candidate:
    """loss: mean scaled error on the periods that choose. evidence: on those that judge. rolled: its
    forecasts of them."""

    name: str
    scorer: DemandScorer
    loss: float
    seconds: float
    evidence: dict[str, Estimate]
    rolled: Rolled


@dataclass(frozen=True, slots=True)
class Fitted:
    """winner: the candidate with the least loss. baseline: same as last season. refused: what could not be
    fitted, and why."""

    candidates: tuple[Candidate, ...]
    baseline: Candidate
    winner: Candidate
    held: Held
    split: Split
    refused: dict[str, str]

    @property
    def beaten(self) -> bool:
        """Whether the winner surely errs less than the same as last season."""
        return self.winner.evidence["mase_gain"].high < 0


def fit(question: Question, names: Sequence[str], say: Callable[[str], None]) -> Fitted:
    """Fit all candidates, choose by earlier periods alone, then look at those that judge.

    Raises LabError where the series are too short, or none can be fitted.
    """
    split = split_of(question.panel.length, question.horizon, question.season)
    held = held_out(question.panel, split.cut, split.season, question.horizon)
    learned = replace(question.panel, values=question.panel.values[:, : split.cut])
    parts = held_out(learned, split.inner, split.season, question.horizon), held
    found, refused = [], {}
    for name in names:
        say(f"fitting {name}")
        try:
            found.append(_candidate(question, name, split, parts))
        except LabError as error:
            refused[name] = error.found
    if not found:
        raise LabError(
            f"No candidate could be fitted: {'; '.join(f'{n}: {why}' for n, why in refused.items())}",
            "Provide a longer log, or name other models.",
        )
    own = baseline_name(split.season)
    baseline = next((one for one in found if one.name == own), None)
    winner = min(found, key=lambda one: one.loss)
    return Fitted(
        tuple(found), baseline or _candidate(question, own, split, parts), winner, held, split, refused
    )


def baseline_name(season: int) -> str:
    """The same as last season, or as last period where no season was seen."""
    return "seasonal_naive" if season > 1 else "naive"


def held_out(panel: Panel, cut: int, season: int, horizon: int) -> Held:
    """What came after the first `cut` periods.

    Raises LabError where too little came, or no series had changed by then.
    """
    known = panel.rows(np.flatnonzero(~np.isnan(panel.values[:, :cut]).all(axis=1)))
    scale = error_scale(known.before(cut), season)
    if not np.isfinite(scale).any():
        raise LabError("No series ever changed, so there is nothing to forecast.", "Provide other series.")
    return Held(known, cut, scale, season, roll(Repeat(season), known, cut, known.length, horizon))


def judge(scorer: DemandScorer, held: Held) -> tuple[dict[str, Estimate], Rolled]:
    """Errors on what came after, each with its interval over periods, and the forecasts themselves.

    mase: absolute error over the mean change from season to season so far; mase_gain: less that of the same
    as last season; wape: absolute errors over what was sold; bias: forecast total over the actual, less 1;
    covered: values within their 95 % interval.
    """
    rolled = roll(scorer.model, held.panel, held.cut, held.panel.length, held.baseline.horizon)
    forecast, low, high = scorer.spread.around(held.panel, rolled.origins, rolled.forecast)
    rolled = replace(rolled, forecast=forecast)
    error, before = scaled_error(rolled, held.scale), scaled_error(held.baseline, held.scale)
    inside = np.where(np.isfinite(forecast), (low <= rolled.actual) & (rolled.actual <= high), np.nan)
    evidence = {
        "mase": period_mean(error, rolled),
        "mase_gain": period_mean(error - before, rolled),
        "wape": absolute_share(rolled),
        "bias": total_error(rolled),
        "covered": _within_one(period_mean(inside, rolled)),
    }
    return evidence, rolled


def checks_of(question: Question, fitted: Fitted, left_out: int) -> list[Check]:
    """What a reader should know before believing the figures."""
    gain, covered = fitted.winner.evidence["mase_gain"], fitted.winner.evidence["covered"]
    bias, seen = fitted.winner.evidence["bias"], fitted.split.season > 1 or question.season == 1
    refused = "; ".join(f"{name}: {why}" for name, why in fitted.refused.items())
    told = f"Scaled error differs by {gain.value:+.3f}, from {gain.low:+.3f} to {gain.high:+.3f}."
    short = f"{question.panel.length} {question.panel.period}s hold no {question.season} to learn a season "
    return [
        check("better_than_last_season", "soft", fitted.beaten, gain.high, 0.0, told),
        check(
            "season_seen", "soft", seen, float(fitted.split.inner), float(question.season),
            "" if seen else f"{short}from; the baseline is the same as last {question.panel.period}.",
        ),
        check(
            "intervals_hold", "soft", covered.value >= LEVEL - _NEAR, covered.value, LEVEL,
            f"{covered.value:.1%} of the values lay within their {LEVEL:.0%} interval.",
        ),
        check(
            "forecast_total_close", "soft", abs(bias.value) <= _OFF, bias.value, _OFF,
            f"The forecast total is {bias.value:+.1%} off, from {bias.low:+.1%} to {bias.high:+.1%}.",
        ),
        check(
            "all_series_forecast", "soft", left_out == 0, float(left_out), 0.0,
            f"{left_out} more series sell less and are left out; `most_series` says how many are kept."
            if left_out else f"All {len(question.panel.names)} series are forecast.",
        ),
        check("candidates_fitted", "soft", not refused, None, None, refused or "Every candidate was fitted."),
    ]  # fmt: skip


def _within_one(share: Estimate) -> Estimate:
    """A share's interval ends where shares do."""
    return replace(share, low=max(share.low, 0.0), high=min(share.high, 1.0))


def _candidate(question: Question, name: str, split: Split, parts: tuple[Held, Held]) -> Candidate:
    """Fitted twice: to what lay before the choosing periods, to choose and learn how far it errs; and to what
    lay before the judging ones, which is the version that is judged and registered.

    parts: the choosing and the judging periods.
    """
    seen, held = parts
    start = time.perf_counter()
    first = fit_learner(name, seen.panel.before(split.inner), split.season, question.horizon, question.seed)
    chosen_by = roll(first, seen.panel, split.inner, split.cut, question.horizon)
    scorer = DemandScorer(
        learner=name,
        model=fit_learner(name, held.panel.before(split.cut), split.season, question.horizon, question.seed),
        spread=fit_spread(seen.panel, chosen_by),
        period=question.panel.period,
        horizon=question.horizon,
        season=split.season,
        seen_until=question.panel.first + split.cut,
        columns=question.columns,
        id_column=question.columns.series,
    )
    seconds = time.perf_counter() - start
    loss = float(np.nanmean(scaled_error(chosen_by, seen.scale)))
    evidence, rolled = judge(scorer, held)
    return Candidate(name, scorer, loss, seconds, evidence, rolled)
