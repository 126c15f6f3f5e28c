"""The parts of a value model's page, each from the report object to what its template block writes."""

import shlex

from markupsafe import Markup

from retention_lab.reports.charts.calibration import calibration
from retention_lab.reports.charts.grid import Grid, grid
from retention_lab.reports.charts.tracked import Tracked, tracked
from retention_lab.reports.clv import ClvPage
from retention_lab.reports.numbers import Unit, count, day, shown
from retention_lab.reports.tables import (
    Action,
    Drawn,
    Figures,
    MeasureTable,
    Row,
    forest_table,
    interval_head,
    tally,
    unbroken,
)
from retention_lab.reports.words import Words

_DIFFERENCES = ("mae_gain", "bias", "value_bias")
_SHARES = ("bias", "value_bias", "covered")


def about_part(page: ClvPage, words: Words) -> tuple[Markup, ...]:
    """The line below the title: version, model, customers, what it saw and what judged it."""
    version = () if page.version is None else (words("model.version", version=page.version),)
    return (
        *version,
        words("clv.model", model=page.winner),
        words("clv.customers", count=count(page.customers)),
        words("clv.saw", day=day(page.calibration_end, words.language)),
        words("clv.judged", day=day(page.holdout_end, words.language)),
    )


def hero_part(page: ClvPage, words: Words) -> dict[str, object]:
    """Better than everybody's own rate or not, by how much, and whether to believe it."""
    careful = any(check["passed"] is False for check in page.checks)
    state = "no" if page.failed else "care" if careful else "yes"
    better = "better" if page.gain.high < 0 else "worse" if page.gain.low > 0 else "unsure"
    number = Unit("number", words.language)
    gain, bias = shown(page.gain.scaled(-1), number), shown(page.bias, Unit("share", words.language))
    beside = words(
        "clv.total", expected=count(page.expected), made=count(page.made),
        bias=unbroken(bias.value), low=unbroken(bias.low), high=unbroken(bias.high),
    )  # fmt: skip
    return {
        "verdict": words("verdict.doubt" if page.failed else f"clv.{better}"),
        "gain": None if page.failed else gain,
        "range": words("clv.gain", low=unbroken(gain.low), high=unbroken(gain.high)),
        "beside": "" if page.failed else beside,
        "value": _value(page, words),
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(page.checks, words),
    }


def candidates_part(page: ClvPage, words: Words) -> tuple[MeasureTable, ...]:
    """Candidates and baselines side by side, one table a measure."""
    names = dict.fromkeys(name for candidate in page.candidates for name in candidate.metrics)
    found = []
    for name in names:
        sign = -1.0 if name == "mae_gain" else 1.0  # less error is a gain
        rows = [
            Row(
                one.model,
                one.metrics[name].scaled(sign),
                best=one.model == page.winner,
                remark=_remark(one.model, page, words),
            )
            for one in page.candidates
            if name in one.metrics
        ]
        header = (words.plain("model.candidate"), words.plain("model.value"), interval_head(words))
        null = 0.0 if name in _DIFFERENCES else None
        table = forest_table(rows, _unit_of(name, page, words), header, null=null)
        found.append(MeasureTable(words.plain(f"clv.metric.{name}"), table))
    return tuple(found)


def course_part(page: ClvPage, words: Words) -> Drawn | None:
    """Purchases by period, made and expected."""
    if page.course is None:
        return None
    title, unit = words.plain("clv.course.title"), Unit("number", words.language)
    made, expected = words.plain("clv.made"), words.plain("clv.expected")
    chart = Tracked(
        title, page.course.days, page.course.made, page.course.expected, page.calibration_end, made, expected
    )
    rows = [
        (day(at, words.language), count(m), f"{e:,.1f}")
        for at, m, e in zip(page.course.days, page.course.made, page.course.expected, strict=True)
    ]
    figures = Figures(title, (words.plain("clv.period"), made, expected), tuple(rows))
    caption = words("clv.course.caption", day=day(page.calibration_end, words.language))
    return Drawn(
        tracked(chart, unit),
        tracked(chart, unit, width=350, kind="narrow"),
        _of(page, caption, words),
        figures,
    )


def groups_part(page: ClvPage, words: Words) -> Drawn | None:
    """Purchases expected and made, from the customers with the lowest forecasts to those with the highest."""
    if not page.groups:
        return None
    title, unit = words.plain("clv.groups.title"), Unit("number", words.language)
    pairs = [(one.expected, one.made) for one in page.groups]
    rows = []
    for place, one in enumerate(page.groups, start=1):
        written = shown(one.made, unit, level=True)
        expected = unit.show(one.expected, step=written.step)
        rows.append((str(place), count(one.customers), expected, written.value, written.interval))
    header = ("clv.group", "clv.group.customers", "clv.expected", "clv.made")
    figures = Figures(title, (*(words.plain(key) for key in header), interval_head(words)), tuple(rows))
    label = words.plain("model.calibration.diagonal")
    return Drawn(
        calibration(title, pairs, unit, label),
        calibration(title, pairs, unit, label, width=350, kind="narrow"),
        words("clv.groups.caption"),
        figures,
    )


def alive_part(page: ClvPage, words: Words) -> Drawn | None:
    """The chance to be a customer still, by number of purchases and how long ago the last one was."""
    if page.alive is None:
        return None
    share, found = Unit("share", words.language), page.alive
    chart = Grid(
        title=words.plain("clv.alive.title"),
        columns=tuple(str(repeats) for repeats in found.repeats),
        rows=tuple(count(pause) for pause in found.pauses),
        shares=found.chances,
        across=words.plain("clv.alive.across"),
        up=words.plain("clv.alive.up"),
    )
    rows = [
        (name, *("" if value is None else share.show(value, step=0.01) for value in values))
        for name, values in zip(chart.rows, chart.shares, strict=True)
    ]
    return Drawn(
        grid(chart, share),
        grid(chart, share, width=350, kind="narrow"),
        _of(page, words("clv.alive.caption"), words),
        Figures(chart.title, (chart.up, *chart.columns), tuple(rows)),
    )


def limits_part(page: ClvPage, words: Words) -> tuple[Markup, ...]:
    """What a reader must not take it for."""
    limits = [words("clv.limits.person"), words("clv.limits.cause"), words("clv.limits.same")]
    judged = (page.holdout_end - page.calibration_end).days
    if page.horizon_days > judged:
        limits.append(words("clv.limits.horizon", days=count(judged), horizon=count(page.horizon_days)))
    if page.value is not None:
        limits.append(words("clv.limits.value"))
    if page.held_out_uses and page.held_out_uses > 1:
        limits.append(words("model.limits.uses", count=count(page.held_out_uses)))
    return tuple(limits)


def actions_part(page: ClvPage, words: Words) -> tuple[Action, ...]:
    """What to do next."""
    name = shlex.quote(page.name)
    return (
        Action(words("next.model.promote"), f"lab promote {name} --dry-run"),
        Action(words("next.clv.score"), f"lab score {name} --table LOG --out scores.csv"),
        Action(words("next.model.compare"), f"lab leaderboard {name}"),
    )


def _value(page: ClvPage, words: Words) -> Markup:
    if page.value is None or page.failed:
        return Markup("")
    share = Unit("share", words.language)
    return words(
        "clv.value",
        value=unbroken(Unit("money", words.language, page.currency).show(page.value)),
        days=count(page.horizon_days),
        rate=share.show(page.discount_rate_year, step=0.001),
    )


def _remark(model: str, page: ClvPage, words: Words) -> str:
    if model == page.winner:
        return words.plain("model.chosen")
    return words.plain("clv.baseline") if model in ("same_rate", "long_term_rate") else ""


def _unit_of(name: str, page: ClvPage, words: Words) -> Unit:
    if name in _SHARES:
        return Unit("share", words.language)
    if name == "value_mae":
        return Unit("money", words.language, page.currency)
    return Unit("number", words.language)


def _of(page: ClvPage, caption: Markup, words: Words) -> Markup:
    """The caption, and whose figures these are where they are not the winner's."""
    if page.based_on is None:
        return caption
    return caption + Markup(" ") + words("clv.based_on", model=page.based_on)
