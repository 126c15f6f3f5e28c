"""The parts of the churn page, each from the page's values to what its template block writes."""

import shlex
from dataclasses import dataclass, replace

from markupsafe import Markup

from retention_lab.churn.tiers import TierMoney
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.bars import bars
from retention_lab.reports.charts.calibration import calibration
from retention_lab.reports.charts.curve import Curve, curve
from retention_lab.reports.charts.heat import HIDDEN
from retention_lab.reports.churn import ChurnPage
from retention_lab.reports.numbers import Unit, count, shown
from retention_lab.reports.tables import (
    Action,
    Drawn,
    Figures,
    ForestTable,
    MeasureTable,
    Row,
    forest_table,
    tally,
    unbroken,
)
from retention_lab.reports.words import Words

_MONEY = ("profit", "mpc", "empc")
_SHARES = ("accuracy", "precision", "recall", "calibration_error")
_MOST_DRIVERS = 12


def about_part(page: ChurnPage, words: Words) -> tuple[Markup, ...]:
    """The line below the title: version, how it was chosen, on how many it learned and was tested."""
    parts = [words("model.version", version=page.version)] if page.version else []
    parts.append(words("churn.winner", winner=page.winner))
    if page.horizon_days:
        parts.append(words("churn.horizon", days=page.horizon_days))
    parts.append(words("model.trained", count=count(page.rows_trained)))
    return (*parts, words("model.held_out", count=count(page.rows_held_out)))


def hero_part(page: ChurnPage, words: Words) -> dict[str, object]:
    """What acting on it earns per customer, or that nobody said what it costs; whether to believe it."""
    careful = any(check["passed"] is False for check in page.checks)
    state = "no" if page.failed else "care" if careful else "yes"
    gain, span, beside, verdict = None, Markup(""), Markup(""), "unpriced"
    if page.profit is not None:
        money = Unit("money", words.language, page.currency)
        gain = shown(page.profit, money)
        verdict = {"gain": "earns", "loss": "loses", "unsure": "unsure"}[gain.tone]
        percent = _percent(page, words)
        span = words("churn.range", low=unbroken(gain.low), high=unbroken(gain.high), percent=percent)
        if page.everybody is not None:
            beside = words("churn.everybody", value=money.show(page.everybody.value, step=gain.step))
    return {
        "verdict": words(f"churn.verdict.{verdict}"),
        "gain": gain,
        "large": gain is not None and gain.tone != "unsure",
        "range": span,
        "beside": beside,
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(page.checks, words),
    }


def candidates_part(page: ChurnPage, words: Words) -> tuple[MeasureTable, ...]:
    """Candidates side by side, one table a measure, in the order of the first candidate."""
    names = dict.fromkeys(name for candidate in page.candidates for name, _ in candidate.metrics)
    tables = []
    for name in names:
        found = [(c.model, dict(c.metrics).get(name)) for c in page.candidates]
        rows = [_row(model, one, page, words) for model, one in found if one is not None]
        if not rows:
            continue
        without = ", ".join(model for model, one in found if one is None)
        missing = words("model.not_computed", names=without) if without else Markup("")
        header = (words.plain("model.candidate"), words.plain("model.value"), _interval(page, words))
        null = {"auc": 0.5, "lift_at_10": 1.0, "lift_at_20": 1.0}.get(name, 0.0)
        table = forest_table(rows, _unit(name, page, words), header, null=null)
        table = table if name in _MONEY else _unsigned(table)
        tables.append(MeasureTable(words.known("metric", name), table, missing))
    return tuple(tables)


def charts_part(page: ChurnPage, words: Words) -> tuple[tuple[str, Drawn], ...]:
    """Whom it finds first, whether chances keep their word, and the ROC curve."""
    charts = []
    if page.gain:
        charts.append((words.plain("churn.gain.title"), _gain(page, words)))
    if page.calibration:
        charts.append((words.plain("churn.calibration.title"), _calibration(page, words)))
    if page.roc:
        charts.append((words.plain("churn.roc.title"), _roc(page, words)))
    return tuple(charts)


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier as `macros.stacked` writes it: a line on wide pages, a small list on narrow ones."""

    name: str
    remark: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TierTable:
    """The table of tiers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[TierRow, ...]


def tiers_part(page: ChurnPage, words: Words) -> TierTable | None:
    """What each tier holds and lost, in money where it is known."""
    if not page.tiers:
        return None
    keys = ["tier", "customers", "probability", "left", "expected", "observed"]
    plain = "" if page.profit else ".plain"
    names = [f"churn.tiers.{key}{plain if key in ('expected', 'observed') else ''}" for key in keys]
    rows = tuple(_tier(tier, page, words) for tier in page.tiers)
    return TierTable(words.plain("churn.tiers.title"), tuple(words.plain(name) for name in names), rows)


def tiers_caption(page: ChurnPage, words: Words) -> Markup:
    """What tiers go by, and that small ones are not told where one is small."""
    caption = words("churn.tiers.caption" if page.profit else "churn.tiers.caption.plain")
    if not any(_small(tier, page) for tier in page.tiers):
        return caption
    return caption + Markup(" ") + words("churn.tiers.hidden", least=count(page.min_cell))


@dataclass(frozen=True, slots=True)
class DriverRow:
    """A feature as the table of `macros.drivers` writes it."""

    name: str
    direction: str
    share: str
    strength: str
    plot: Markup


@dataclass(frozen=True, slots=True)
class Drivers:
    """The table of drivers."""

    title: str
    rows: tuple[DriverRow, ...]
    caption: Markup


def drivers_part(page: ChurnPage, words: Words) -> Drivers | None:
    """The features that move the risk most, each with its reason."""
    total = sum(driver.size for driver in page.drivers)
    if total <= 0:
        return None
    some = page.drivers[:_MOST_DRIVERS]
    share, number = Unit("share", words.language), Unit("number", words.language)
    rows = tuple(
        DriverRow(
            driver.feature,
            words.known("churn.reason", driver.group) if driver.group != "other" else "",
            share.show(driver.size / total, step=0.01),
            number.show(driver.size, step=0.001),
            plot,
        )
        for driver, plot in zip(some, bars([driver.size for driver in some]), strict=True)
    )
    caption = words("churn.drivers.caption" if page.sizes_are_parts else "churn.drivers.caption.nats")
    return Drivers(words.plain("churn.drivers.title"), rows, caption)


def survival_part(page: ChurnPage, words: Words) -> tuple[str, Drawn] | None:
    """How many are still there, period after period, if nothing is done."""
    if page.survival is None:
        return None
    title = words.plain("churn.survival.title")
    number, share = Unit("number", words.language), Unit("share", words.language)
    points = tuple((float(k), one) for k, one in enumerate(page.survival.everybody))
    chart = Curve(title, points, number, share)
    tiers = page.survival.tiers
    header = (
        words.plain("churn.survival.period"),
        words.plain("churn.survival.all"),
        *(words.known("churn.tier", name) for name, _ in tiers),
    )
    rows = tuple(
        (str(k), share.show(one.value, step=0.001), *(share.show(kept[k], step=0.001) for _, kept in tiers))
        for k, one in enumerate(page.survival.everybody)
    )
    return title, _drawn(chart, words("churn.survival.caption"), Figures(title, header, rows))


def limits_part(page: ChurnPage, words: Words) -> tuple[Markup, ...]:
    """What a reader must not take it for."""
    limits = [words("churn.limits.cause"), words("churn.limits.person"), words("churn.limits.reasons")]
    if page.profit is not None:
        limits.append(words("churn.limits.acceptance"))
    if not page.later:
        limits.append(words("churn.limits.time"))
    if page.held_out_uses > 1:
        limits.append(words("model.limits.uses", count=count(page.held_out_uses)))
    return tuple(limits)


def actions_part(page: ChurnPage, words: Words) -> tuple[Action, ...]:
    """What to do next."""
    name = shlex.quote(page.name)
    priced = () if page.profit is not None else (Action(words("churn.next.price")),)
    return (
        *priced,
        Action(words("next.model.promote"), f"lab promote {name} --dry-run"),
        Action(words("churn.next.explain"), f"lab explain {name} --customer ID"),
        Action(words("next.model.compare"), f"lab leaderboard {name}"),
    )


def _row(model: str, estimate: Estimate, page: ChurnPage, words: Words) -> Row:
    best = model == page.winner
    return Row(model, estimate, remark=words.plain("model.chosen") if best else "", best=best)


def _unit(name: str, page: ChurnPage, words: Words) -> Unit:
    if name in _MONEY:
        return Unit("money", words.language, page.currency)
    return Unit("share" if name in _SHARES else "number", words.language)


def _unsigned(table: ForestTable) -> ForestTable:
    """A measure's level is no change: it has no plus."""
    rows = tuple(
        replace(row, shown=replace(row.shown, value=row.shown.value.removeprefix("+"))) for row in table.rows
    )
    return replace(table, rows=rows)


def _gain(page: ChurnPage, words: Words) -> Drawn:
    title, share = words.plain("churn.gain.title"), Unit("share", words.language)
    points = ((0.0, Estimate(0.0, 0.0, 0.0, 0.0)), *page.gain)
    random = words.plain("model.curve.random")
    chart = Curve(title, points, share, share, (), ((0.0, 0.0), (1.0, 1.0)), random)
    rows = tuple(
        (
            share.show(x, step=0.01),
            *(share.show(value, step=0.001) for value in (one.value, one.low, one.high)),
        )
        for x, one in page.gain
    )
    header = ("churn.gain.share", "churn.gain.leavers", "low", "high")
    figures = Figures(title, tuple(words.plain(key) for key in header), rows)
    return _drawn(chart, words("churn.gain.caption"), figures)


def _roc(page: ChurnPage, words: Words) -> Drawn:
    title, share = words.plain("churn.roc.title"), Unit("share", words.language)
    points = tuple((x, Estimate(y, 0.0, y, y)) for x, y in page.roc)
    random = words.plain("model.curve.random")
    chart = Curve(title, points, share, share, (), ((0.0, 0.0), (1.0, 1.0)), random)
    some = page.roc[:: max(1, len(page.roc) // 20)]
    rows = tuple((share.show(x, step=0.001), share.show(y, step=0.001)) for x, y in some)
    header = (words.plain("churn.roc.stayers"), words.plain("churn.roc.leavers"))
    return _drawn(chart, words("churn.roc.caption"), Figures(title, header, rows))


def _drawn(chart: Curve, caption: Markup, figures: Figures) -> Drawn:
    return Drawn(curve(chart), curve(chart, width=350, kind="narrow"), caption, figures)


def _calibration(page: ChurnPage, words: Words) -> Drawn:
    title, share = words.plain("churn.calibration.title"), Unit("share", words.language)
    diagonal = words.plain("model.calibration.diagonal")
    rows = []
    for predicted, observed in page.calibration:
        written = shown(observed, share)
        value = written.value.removeprefix("+")
        rows.append((share.show(predicted, step=written.step), value, written.low, written.high))
    header = ("model.predicted", "churn.calibration.observed", "low", "high")
    figures = Figures(title, tuple(words.plain(key) for key in header), tuple(rows))
    caption = words("churn.calibration.caption", method=words.known("churn.calibrated", page.calibrated))
    wide = calibration(title, page.calibration, share, diagonal)
    narrow = calibration(title, page.calibration, share, diagonal, width=350, kind="narrow")
    return Drawn(wide, narrow, caption, figures)


def _tier(tier: TierMoney, page: ChurnPage, words: Words) -> TierRow:
    share = Unit("share", words.language)
    priced = page.profit is not None
    unit = Unit("money", words.language, page.currency) if priced else Unit("number", words.language)
    observed = "–"
    if tier.observed_loss is not None:
        written = shown(tier.observed_loss, unit)
        observed = f"{written.value.removeprefix('+')} ({written.interval})"
    cells = (
        count(tier.customers),
        share.show(tier.probability, step=0.001),
        share.show(tier.left, step=0.001),
        unit.show(tier.expected_loss),
        observed,
    )
    told = tuple(HIDDEN for _ in cells) if _small(tier, page) else cells
    return TierRow(words.known("churn.tier", tier.name), "", told)


def _small(tier: TierMoney, page: ChurnPage) -> bool:
    return 0 < tier.customers < page.min_cell


def _percent(page: ChurnPage, words: Words) -> str:
    return Unit("share", words.language).show(page.confidence, step=0.01)


def _interval(page: ChurnPage, words: Words) -> str:
    return words.plain("interval", percent=_percent(page, words))
