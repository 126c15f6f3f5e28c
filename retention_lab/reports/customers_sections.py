"""The parts of the customers page, each from the report object to what its template block writes."""

from collections.abc import Sequence

from markupsafe import Markup

from retention_lab.estimate import Estimate
from retention_lab.reports.charts.heat import HIDDEN, Cell, HeatMap, heat_map
from retention_lab.reports.charts.steps import Step, steps_chart
from retention_lab.reports.customers import CustomersReport, FunnelPart
from retention_lab.reports.numbers import Unit, count, day, shown
from retention_lab.reports.tables import Action, Drawn, Figures, ForestTable, Row, forest_table
from retention_lab.reports.words import Words

_MOST_AFTER = 12
_MEANS = ("purchase_frequency", "purchase_value", "customer_value", "duration_days", "satisfaction")
_SHARES = ("repeat_purchase_rate", "retention_rate", "referral_rate", "referred_rate")
_MONEY = ("purchase_value", "customer_value")
_AT_RISK = ("at_risk", "churned")


def about_part(report: CustomersReport, words: Words) -> tuple[Markup | str, ...]:
    """The line below the title: when, and how many."""
    return (
        words("customers.as_of", date=day(report.as_of, words.language)),
        words("customers.count", count=count(report.customers)),
        words("customers.buyers", count=count(report.buyers)),
    )


def hero_part(report: CustomersReport, words: Words) -> dict[str, object]:
    """Who comes back, and the two or three sentences that a person would say aloud."""
    found = report.metrics["repeat_purchase_rate"]
    unit = Unit("share", words.language)
    known = report.customers - report.stages.get("not_known", 0)
    sentences = []
    for stage in ("active", *_AT_RISK):
        if known and not _small(report.stages.get(stage, 0), report):
            share = unit.show(report.stages[stage] / known, step=0.01)
            sentences.append(words(f"customers.say.{stage}", count=count(report.stages[stage]), share=share))
    if isinstance(found, str):
        return {"verdict": words("customers.verdict.none"), "value": None, "range": "", "says": sentences}
    written = shown(found, unit)
    value = unit.show(found.value, step=written.step)
    return {
        "verdict": words("customers.verdict"),
        "value": value,
        "range": words("customers.range", low=written.low, high=written.high),
        "says": sentences,
    }


def stages_part(report: CustomersReport, words: Words) -> dict[str, object]:
    """How many are at which stage, and what each stage means."""
    known = sum(n for stage, n in report.stages.items() if stage != "not_known")
    unit = Unit("share", words.language)
    rows = []
    for stage, n in report.stages.items():
        hidden = _small(n, report)
        share = unit.show(n / known, step=0.001) if known and stage != "not_known" else ""
        rows.append(
            {
                "name": words.known("stage", stage),
                "remark": words(f"stage.{stage}.means"),
                "cells": (_count(n, report), HIDDEN if hidden else share),
            }
        )
    header = tuple(words.plain(key) for key in ("customers.stage", "customers.customers", "share"))
    return {"title": words.plain("customers.stages.title"), "header": header, "rows": rows}


def moves_part(report: CustomersReport, words: Words) -> Drawn | None:
    """Of those who were at a stage, the share now at each."""
    moves = report.moves
    there = [i for i, row in enumerate(moves.counts) if sum(row)]
    to = [j for j in range(len(moves.states)) if any(row[j] for row in moves.counts)]
    if not there or not to:
        return None
    names = [words.known("stage", state) for state in moves.states]
    title = words.plain("customers.moves.title", date=day(moves.before, words.language))
    cells, figures = [], []
    for i in there:
        of = sum(moves.counts[i])
        cells.append(tuple(_share_cell(moves.counts[i][j], of, report) for j in to))
        figures.append((names[i], *(_count(moves.counts[i][j], report) for j in to)))
    chart = HeatMap(
        title, tuple(names[j] for j in to), tuple(names[i] for i in there), tuple(cells),
        words.plain("customers.moves.now"),
    )  # fmt: skip
    header = (words.plain("customers.stage"), *(names[j] for j in to))
    caption = words("customers.moves.caption", least=report.min_cell)
    return _drawn(chart, caption, Figures(title, header, tuple(figures)))


def rfm_part(report: CustomersReport, words: Words) -> Drawn | None:
    """The grid with the cells' names; the darkest cell has most customers."""
    rfm = report.rfm
    if rfm is None:
        return None
    largest = max(max(row) for row in rfm.counts)
    title = words.plain("customers.rfm.title")
    rows, columns = range(4, -1, -1), range(5)
    cells = tuple(tuple(_count_cell(rfm.counts[r][f], largest, report) for f in columns) for r in rows)
    chart = HeatMap(
        title,
        tuple(words.plain("customers.rfm.frequency", score=f + 1) for f in columns),
        tuple(words.plain("customers.rfm.recency", score=r + 1) for r in rows),
        cells,
    )
    unit = Unit("share", words.language)
    figures = tuple(
        (
            words.known("cell", name),
            _count(n, report),
            HIDDEN if _small(n, report) else unit.show(n / report.buyers, step=0.001),
            _revenue_share(rfm.revenue_share[name], n, report, unit),
        )
        for name, n in rfm.cells.items()
    )
    keys = ("customers.cell", "customers.customers", "share", "customers.revenue_share")
    header = tuple(words.plain(key) for key in keys)
    return _drawn(
        chart, words("customers.rfm.caption", least=report.min_cell), Figures(title, header, figures)
    )


def cohorts_part(report: CustomersReport, words: Words) -> Drawn | None:
    """Of each cohort the share that ordered, month by month."""
    found = report.cohorts
    if found is None:
        return None
    width = len(found.active[0])
    title = words.plain("customers.cohorts.title")
    cells, figures = [], []
    for size, active, complete in zip(found.sizes, found.active, found.complete, strict=True):
        row = [
            Cell(None, "") if n is None else _share_cell(n, size, report, running=not over)
            for n, over in zip(active, complete, strict=True)
        ]
        cells.append(tuple(row))
    for name, size, active in zip(found.names, found.sizes, found.active, strict=True):
        shown_counts = ("" if n is None else _count(n, report) for n in active)
        figures.append((name, _count(size, report), *shown_counts))
    chart = HeatMap(
        title,
        tuple(str(k) for k in range(width)),
        found.names,
        tuple(cells),
        words.plain("customers.cohorts.months"),
    )
    header = (
        words.plain("customers.cohort"), words.plain("customers.customers"), *(str(k) for k in range(width))
    )  # fmt: skip
    caption = words("customers.cohorts.caption", least=report.min_cell)
    return _drawn(chart, caption, Figures(title, header, tuple(figures)))


def after_part(report: CustomersReport, words: Words) -> ForestTable | None:
    """Retention after so many months, over all cohorts, with intervals."""
    if report.cohorts is None or not report.cohorts.after:
        return None
    months = list(report.cohorts.after.items())[:_MOST_AFTER]
    rows = [Row(words.plain("customers.after.month", months=k), found) for k, found in months]
    return _table(rows, Unit("share", words.language), "customers.after.since", words)


def metrics_part(report: CustomersReport, words: Words) -> list[dict[str, object]]:
    """The loyalty metrics: shares on one scale, sizes each on its own."""
    shares = [
        Row(
            words.plain(f"loyalty.{name}"),
            found,
            words.plain(f"loyalty.{name}.means", days=report.window_days),
        )
        for name in _SHARES
        if isinstance(found := report.metrics.get(name), Estimate)
    ]
    parts: list[dict[str, object]] = []
    if shares:
        table = _table(shares, Unit("share", words.language), "loyalty.share", words)
        parts.append({"title": words.plain("loyalty.shares"), "table": table, "figures": None})
    sizes = []
    for name in _MEANS:
        found = report.metrics.get(name)
        if isinstance(found, Estimate):
            unit = Unit("money" if name in _MONEY else "number", words.language, report.currency)
            sizes.append(
                (
                    words.plain(f"loyalty.{name}"),
                    unit.show(found.value, step=shown(found, unit).step),
                    shown(found, unit).interval,
                )
            )
    if sizes:
        header = tuple(words.plain(key) for key in ("loyalty.metric", "loyalty.mean", "loyalty.interval"))
        parts.append(
            {
                "title": words.plain("loyalty.sizes"),
                "table": None,
                "figures": Figures(header[0], header, tuple(sizes)),
            }
        )
    return parts


def missing_part(report: CustomersReport, words: Words) -> list[Markup]:
    """Metrics that have no number, and why."""
    return [
        words("loyalty.missing", name=words.plain(f"loyalty.{name}"))
        for name, found in report.metrics.items()
        if isinstance(found, str)
    ]


def funnel_part(report: CustomersReport, words: Words) -> Drawn | None:
    """The funnel of everybody; nothing where nobody viewed, or too few did."""
    found = next((one for one in report.funnels if one.group == "all"), None)
    if found is None or found.view < max(report.min_cell, 1):
        return None
    unit = Unit("share", words.language)
    title = words.plain("customers.funnel.title", days=report.window_days)
    steps = [Step(words.plain("funnel.view"), found.view, count(found.view))]
    rows = [(words.plain("funnel.view"), count(found.view), "", "")]
    before = found.view
    for key, n, share in (("cart", found.carts, found.cart), ("order", found.orders, found.order)):
        name, hidden = words.plain(f"funnel.{key}"), _small(n, report)
        if share is None or hidden:
            rows.append((name, _count(n, report), HIDDEN, HIDDEN))
            break
        part = unit.show(share.value, step=shown(share, unit).step)
        steps.append(Step(name, n, f"{count(n)} · {part}", share.low * before, share.high * before))
        rows.append((name, count(n), part, shown(share, unit).interval))
        before = n
    keys = ("customers.step", "customers.customers", "customers.of_before", "loyalty.interval")
    figures = Figures(title, tuple(words.plain(key) for key in keys), tuple(rows))
    wide = steps_chart(title, steps)
    narrow = steps_chart(title, steps, width=350, kind="narrow")
    return Drawn(wide, narrow, words("customers.funnel.caption"), figures)


def ways_parts(report: CustomersReport, words: Words) -> list[dict[str, object]]:
    """From a view to an order by group: one table for each way of grouping."""
    parts: list[dict[str, object]] = []
    groups = dict.fromkeys(one.group for one in report.funnels if one.group != "all")
    for group in groups:
        told = [one for one in report.funnels if one.group == group and _told(one, report)]
        if told:
            title = words.plain("customers.ways.title", group=words.known("group", group))
            rows = [_way_row(one, words) for one in told]
            table = _table(rows, Unit("share", words.language), "customers.ways.whole", words)
            parts.append({"title": title, "table": table})
    return parts


def actions_part(words: Words) -> tuple[Action, ...]:
    """What to do next, each with its command."""
    return (
        Action(words("next.customers.segments"), "lab train segments"),
        Action(words("next.customers.winback"), "lab campaign plan winback"),
        Action(words("next.customers.one"), "lab customers profile ID"),
    )


def _told(one: FunnelPart, report: CustomersReport) -> bool:
    return one.whole is not None and one.view >= report.min_cell and not _small(one.orders, report)


def _way_row(one: FunnelPart, words: Words) -> Row:
    assert one.whole is not None
    name = words.plain("customers.no_group") if one.level is None else _level(one, words)
    remark = words.plain("customers.ways.remark", views=count(one.view), orders=count(one.orders))
    return Row(name, one.whole, remark)


def _level(one: FunnelPart, words: Words) -> str:
    for prefix in ("stage", "cell"):
        if words.knows(f"{prefix}.{one.level}") and one.group in ("lifecycle", "rfm"):
            return words.known(prefix, str(one.level))
    return str(one.level)


def _table(rows: Sequence[Row], unit: Unit, first: str, words: Words) -> ForestTable:
    header = (words.plain(first), words.plain("share"), words.plain("interval", percent="95%"))
    return forest_table(rows, unit, header, null=None)


def _drawn(chart: HeatMap, caption: Markup, figures: Figures) -> Drawn:
    return Drawn(heat_map(chart), heat_map(chart, width=350, kind="narrow"), caption, figures)


def _small(n: int, report: CustomersReport) -> bool:
    return 0 < n < report.min_cell


def _count(n: int, report: CustomersReport) -> str:
    return HIDDEN if _small(n, report) else count(n)


def _share_cell(n: int, of: int, report: CustomersReport, *, running: bool = False) -> Cell:
    """Per cent without its sign, which the caption says once; a running month is not shaded."""
    if of == 0:
        return Cell(None, "")
    if _small(n, report) or _small(of, report):
        return Cell(None, HIDDEN)
    return Cell(None if running else n / of, f"{100 * n / of:.0f}")


def _count_cell(n: int, largest: int, report: CustomersReport) -> Cell:
    return Cell(None, HIDDEN) if _small(n, report) else Cell(n / largest if largest else 0.0, count(n))


def _revenue_share(share: float | None, n: int, report: CustomersReport, unit: Unit) -> str:
    if _small(n, report):
        return HIDDEN
    return "–" if share is None else unit.show(share, step=0.001)
