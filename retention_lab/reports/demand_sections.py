"""The parts of a forecast's page, each from the report object to what its template block writes."""

import shlex

from markupsafe import Markup

from retention_lab.reports.charts.fan import Fan, fan
from retention_lab.reports.demand import DemandPage, SeriesCourse
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

_DIFFERENCES = ("mase_gain", "bias")
_SHARES = ("wape", "bias", "covered")


def about_part(page: DemandPage, words: Words) -> tuple[Markup, ...]:
    """The line below the title: version, model, series, what it learned from and what judged it."""
    version = () if page.version is None else (words("model.version", version=page.version),)
    return (
        *version,
        words("demand.model", model=page.winner),
        words("demand.series", count=count(page.series)),
        words("demand.saw", day=day(page.learned_until, words.language)),
        words("demand.judged", day=day(page.judged_until, words.language)),
    )


def hero_part(page: DemandPage, words: Words) -> dict[str, object]:
    """Better than the same as last season or not, by how much, and whether to believe it."""
    careful = any(check["passed"] is False for check in page.checks)
    state = "no" if page.failed else "care" if careful else "yes"
    better = "better" if page.gain.high < 0 else "worse" if page.gain.low > 0 else "unsure"
    share = Unit("share", words.language)
    gain = shown(page.gain.scaled(-1 / page.baseline_error), share)
    covered = shown(page.covered, share, level=True)
    return {
        "verdict": words("verdict.doubt" if page.failed else f"demand.{better}"),
        "gain": None if page.failed else gain,
        "range": words("demand.gain", low=unbroken(gain.low), high=unbroken(gain.high)),
        "beside": ""
        if page.failed
        else words("demand.covered", covered=covered.value, low=covered.low, high=covered.high),
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(page.checks, words),
    }


def candidates_part(page: DemandPage, words: Words) -> tuple[MeasureTable, ...]:
    """Candidates side by side on the periods that judge, one table a measure."""
    names = dict.fromkeys(name for candidate in page.candidates for name in candidate.metrics)
    found = []
    for name in names:
        sign = -1.0 if name == "mase_gain" else 1.0  # less error is a gain
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
        unit = Unit("share" if name in _SHARES else "number", words.language)
        table = forest_table(rows, unit, header, null=0.0 if name in _DIFFERENCES else None)
        found.append(MeasureTable(words.plain(f"demand.metric.{name}"), table))
    return tuple(found)


def total_part(page: DemandPage, words: Words) -> Drawn | None:
    """The sum of all series, as it was and as it is expected."""
    return None if page.total is None else _course(page, page.total, words, 960)


def largest_part(page: DemandPage, words: Words) -> tuple[Drawn, ...]:
    """The series that sell most."""
    return tuple(_course(page, one, words, 540) for one in page.largest)


def campaign_part(page: DemandPage, words: Words) -> tuple[Markup, ...]:
    """With and without campaigns, and what a holdout shows that they cause: apart, since they differ."""
    found, unit = page.campaign, _unit(page, words)
    if found is None:
        return ()
    said = []
    if found.model is not None and found.start is not None:
        key = "demand.campaign.ahead" if found.ahead else "demand.campaign.back"
        said.append(
            words(
                key,
                model=found.model,
                day=day(found.start, words.language),
                with_campaign=unbroken(unit.show(found.with_campaign)),
                without=unbroken(unit.show(found.without_campaign)),
                difference=unbroken(unit.show(found.with_campaign - found.without_campaign, signed=True)),
            )
        )
        said.append(words("demand.campaign.together"))
    if found.per_contact is not None:
        each = shown(found.per_contact, unit)
        said.append(
            words(
                "demand.campaign.caused",
                value=unbroken(each.value),
                low=unbroken(each.low),
                high=unbroken(each.high),
                days=count(found.days),
                count=count(found.contacts),
            )
        )
    return tuple(said)


def limits_part(page: DemandPage, words: Words) -> tuple[Markup, ...]:
    """What a reader must not take it for."""
    limits = [words("demand.limits.same"), words("demand.limits.cause"), words("demand.limits.stock")]
    if page.held_out_uses and page.held_out_uses > 1:
        limits.append(words("model.limits.uses", count=count(page.held_out_uses)))
    return tuple(limits)


def actions_part(page: DemandPage, words: Words) -> tuple[Action, ...]:
    """What to do next."""
    name = shlex.quote(page.name)
    return (
        Action(words("next.model.promote"), f"lab promote {name} --dry-run"),
        Action(words("next.demand.score"), f"lab score {name} --table LOG --out forecast.csv"),
        Action(words("next.model.compare"), f"lab leaderboard {name}"),
    )


def _course(page: DemandPage, course: SeriesCourse, words: Words, width: float) -> Drawn:
    unit = _unit(page, words)
    title = words.plain("demand.total.title") if course.name is None else course.name
    sold, expected = words.plain("demand.sold"), words.plain("demand.expected")
    labels = (sold, expected, words.plain("demand.without"))
    chart = Fan(
        title, course.days, course.history, course.forecast, course.low, course.high, course.without, labels
    )
    ahead = course.days[len(course.history) :]
    rows = [
        (day(at, words.language), unit.show(value), unit.span(low, high, unit.own_step(high)))
        for at, value, low, high in zip(ahead, course.forecast, course.low, course.high, strict=True)
    ]
    figures = Figures(title, (words.plain("demand.period"), expected, interval_head(words)), tuple(rows))
    caption = words("demand.total.caption") if course.name is None else Markup("")
    return Drawn(fan(chart, unit, width=width), fan(chart, unit, width=350, kind="narrow"), caption, figures)


def _unit(page: DemandPage, words: Words) -> Unit:
    return Unit(page.unit, words.language, page.currency if page.unit == "money" else "")


def _remark(model: str, page: DemandPage, words: Words) -> str:
    if model == page.winner:
        return words.plain("model.chosen")
    return words.plain("demand.baseline") if model == page.baseline else ""
