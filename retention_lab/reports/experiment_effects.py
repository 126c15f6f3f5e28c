"""The parts of the A/B test's page that compare: the forest of effects, the figures, the segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup

from retention_lab.reports.charts.forest import whiskers
from retention_lab.reports.experiment import ExperimentReport, Interaction, Range, Result, Segment
from retention_lab.reports.experiment_numbers import Writer, whisker, written
from retention_lab.reports.experiment_sections import reason_of
from retention_lab.reports.numbers import Tone, Unit, count
from retention_lab.reports.tables import ForestTable, WrittenRow, p_value

_HINT = 0.05  # of one interaction by itself


@dataclass(frozen=True, slots=True)
class WideRow:
    """A row of a table with many columns; remark: small, below the name."""

    name: str
    remark: str
    cells: tuple[Markup | str, ...]


@dataclass(frozen=True, slots=True)
class WideTable:
    """Many columns side by side, or one below the other on a phone; the first one names rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[WideRow, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One row to be drawn. margin: on the scale of the range."""

    name: str
    remark: str
    found: Range
    tone: Tone
    margin: float | None = None


def effects_part(report: ExperimentReport, writer: Writer) -> dict[str, object] | None:
    """Relative changes of all metrics on one scale, and why some have none."""
    words = writer.words
    if not report.results:
        return None
    rows, notes = [], []
    for one in report.results:
        if one.effect is None:
            key, reason = "experiment.effects.not_computed", reason_of(one, writer)
            notes.append(words(key, metric=one.measure.name, arm=one.arm, reason=reason))
        elif one.relative is None:
            notes.append(words("experiment.effects.no_relative", metric=one.measure.name, arm=one.arm))
        else:
            rows.append(_relative_row(one, one.relative, writer))
    if report.further:
        notes.append(words("experiment.effects.further", count=count(report.further)))
    title = words.plain("experiment.effects.title", control=report.control)
    header = (words.plain("experiment.metric"), words.plain("experiment.change"), writer.interval)
    return {
        "title": title,
        "table": _table(rows, writer.shares, header) if rows else None,
        "caption": _caption(report, rows, writer),
        "notes": notes,
    }


def figures_part(report: ExperimentReport, writer: Writer) -> dict[str, object] | None:
    """Every comparison with all its numbers."""
    words = writer.words
    computed = [one for one in report.results if one.effect is not None]
    if not computed:
        return None
    saved = any(one.variance_reduction is not None for one in computed)
    adjusted = report.corrected > 1
    believed = any(one.believed is not None for one in computed)
    header = [
        words.plain("experiment.metric"),
        report.control,
        words.plain("experiment.figures.arm") if len(report.others) > 1 else report.others[0],
        words.plain("experiment.figures.difference"),
        writer.interval,
        words.plain("experiment.figures.relative"),
        words.plain("experiment.figures.p"),
        *([words.plain("experiment.figures.adjusted")] if adjusted else []),
        *([words.plain("experiment.figures.saved")] if saved else []),
        *([words.plain("experiment.figures.chance")] if believed else []),
        *([words.plain("experiment.figures.loss")] if believed else []),
    ]
    title = words.plain("experiment.figures.title")
    rows = [_figures(one, writer, adjusted=adjusted, saved=saved, believed=believed) for one in computed]
    caption = [words("experiment.figures.caption")]
    if any(one.margin is not None for one in computed):
        caption.append(words("experiment.figures.caption.margin"))
    if saved:
        caption.append(words("experiment.figures.caption.saved"))
    if believed:
        caption.append(words("experiment.figures.caption.believed"))
    return {
        "table": WideTable(title, tuple(header), tuple(rows)),
        "caption": writer.joined(caption),
    }


def segments_part(report: ExperimentReport, writer: Writer) -> tuple[dict[str, object], ...]:
    """For each column a small forest of its levels, below what is said of their differences."""
    return tuple(_segment(one, report, writer) for one in report.segments)


def _relative_row(one: Result, relative: Range, writer: Writer) -> _Drawn:
    words = writer.words
    judged = writer.report.judged and one.measure.role != "diagnostic"
    state = one.state if judged else "unjudged"
    remark = words.plain(
        "experiment.remark",
        role=words.plain(f"experiment.role.{one.measure.role}"),
        state=words.plain(f"experiment.state.{state}"),
    )
    margin = None
    if one.margin is not None and one.mean_control:
        margin = one.margin / one.mean_control * (-1 if one.measure.higher_is_better else 1)
    return _Drawn(writer.named(one.measure, one.arm), remark, relative, writer.tone(one), margin)


def _table(rows: Sequence[_Drawn], unit: Unit, header: tuple[str, ...]) -> ForestTable:
    drawn = whiskers([whisker(row.found, row.tone, row.margin) for row in rows], unit)
    return ForestTable(
        header,
        tuple(
            WrittenRow(row.name, row.remark, False, written(row.found, unit, row.tone), plot)
            for row, plot in zip(rows, drawn.rows, strict=True)
        ),
        drawn.axis,
    )


def _caption(report: ExperimentReport, rows: Sequence[_Drawn], writer: Writer) -> Markup:
    words = writer.words
    said = [words("experiment.effects.caption", percent=writer.percent)]
    if not report.judged:
        doubt, early = "experiment.effects.caption.doubt", "experiment.effects.caption.before_end"
        return writer.joined([*said, words(doubt if report.failed else early)])
    said.append(words("experiment.effects.caption.colour"))
    if report.corrected > 1:
        said.append(words("experiment.effects.caption.corrected", count=count(report.corrected)))
    if any(row.margin is not None for row in rows):
        said.append(words("experiment.effects.caption.margin"))
    return writer.joined(said)


def _figures(one: Result, writer: Writer, *, adjusted: bool, saved: bool, believed: bool) -> WideRow:
    words, found = writer.words, one.effect
    if found is None:
        raise TypeError("A comparison without an effect has no figures")
    shown = written(found, writer.difference(one.measure), "unsure")
    relative = "–" if one.relative is None else written(one.relative, writer.shares, "unsure").value
    cells: list[Markup | str] = [
        writer.mean(one.mean_control, one),
        writer.mean(one.mean_arm, one),
        shown.value,
        shown.interval,
        relative,
        writer.p_value(one.p_value),
    ]
    cells += [writer.p_value(one.p_value_adjusted)] if adjusted else []
    if saved:
        took = one.variance_reduction
        cells.append("–" if took is None else writer.shares.show(took, step=0.01))
    cells += _believed(one, writer) if believed else []
    role = words.plain(f"experiment.role.{one.measure.role}")
    return WideRow(writer.named(one.measure, one.arm), role, tuple(cells))


def _believed(one: Result, writer: Writer) -> list[Markup | str]:
    if one.believed is None:
        return ["–", "–"]
    chance, loss = one.believed
    unit = writer.difference(one.measure)
    step = max(10.0 ** (floor(log10(loss)) - 1), unit.smallest_step()) if loss > 0 else 1.0
    return [writer.shares.show(chance, step=0.001), unit.show(loss, step=step)]


def _segment(segment: Segment, report: ExperimentReport, writer: Writer) -> dict[str, object]:
    words = writer.words
    measures = {(one.measure.name, one.arm): one for _, one in segment.results}
    header = (words.plain("experiment.segments.level"), words.plain("experiment.figures.difference"))
    parts = []
    for (metric, arm), first in measures.items():
        rows = [
            _Drawn(level, _sizes(one, writer), one.effect, writer.tone(one))
            for level, one in segment.results
            if (one.measure.name, one.arm) == (metric, arm) and one.effect is not None
        ]
        asked = [one for one in segment.interactions if (one.metric, one.arm) == (metric, arm)]
        unit = writer.difference(first.measure)
        parts.append(
            {
                "says": [_interaction(one, report, writer) for one in asked],
                "title": f"{metric} · {arm}",
                "table": _table(rows, unit, (*header, writer.interval)) if rows else None,
            }
        )
    notes = []
    if parts and report.judged:
        notes.append(words("experiment.segments.caption"))
    if segment.together:
        notes.append(words("experiment.segments.together"))
    if segment.small:
        notes.append(words("experiment.segments.small", count=count(segment.small)))
    if segment.rest:
        notes.append(words("experiment.effects.further", count=count(segment.rest)))
    title = words.plain("experiment.segments.title", column=segment.column)
    return {"title": title, "parts": parts, "notes": notes}


def _sizes(one: Result, writer: Writer) -> str:
    return writer.words.plain("experiment.units", count=count(sum(one.units)))


def _interaction(one: Interaction, report: ExperimentReport, writer: Writer) -> Markup:
    """That effects differ is claimed only where it holds among all the tests that were made."""
    words = writer.words
    if one.p_value is None:
        return words("experiment.segments.unasked", metric=one.metric, arm=one.arm)
    tests = max(report.interactions, 1)
    if not report.judged:
        key = "experiment.segments.unjudged"
    elif one.p_value >= _HINT:
        key = "experiment.segments.alike"
    elif one.p_value * tests < 1 - report.confidence:
        key = "experiment.segments.apart"
    else:
        key = "experiment.segments.hint"
    p = p_value(one.p_value, words)
    return words(key, metric=one.metric, arm=one.arm, p=p, count=count(tests))
