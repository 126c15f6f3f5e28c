"""Tables as values: figures behind a chart, rows with whiskers, and the list of checks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from retention_lab.checks import Check
from retention_lab.estimate import Estimate
from retention_lab.reports.charts.forest import forest
from retention_lab.reports.numbers import Shown, Unit, count, day, plain_number, shown
from retention_lab.reports.parts import Origin
from retention_lab.reports.words import Words


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers behind a chart, for screen readers and the curious; the first column names rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart for wide pages, the same for narrow ones, a caption, and its figures."""

    wide: Markup
    narrow: Markup
    caption: Markup
    figures: Figures


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do next, and the command that does it ("" where none does)."""

    says: Markup
    command: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What a forest row says: a name, perhaps a remark, and the estimate; key: of the colour beside it."""

    name: str
    estimate: Estimate
    remark: str = ""
    best: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row as the template writes it."""

    name: str
    remark: str
    best: bool
    shown: Shown
    plot: Markup
    key: str = ""


@dataclass(frozen=True, slots=True)
class ForestTable:
    """A table whose last column draws the interval; `header` is name, mean, interval."""

    header: tuple[str, ...]
    rows: tuple[WrittenRow, ...]
    axis: Markup


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """One measure, over all candidates or all groups; missing: names those for which it is not known."""

    title: str
    table: ForestTable
    missing: Markup = field(default_factory=Markup)


def interval_head(words: Words) -> str:
    """The heading of a column of 95 % intervals."""
    return words.plain("interval", percent=Unit("share", words.language).show(0.95, step=0.01))


def forest_table(
    rows: Sequence[Row], unit: Unit, header: Sequence[str], *, null: float | None = 0.0
) -> ForestTable:
    """Write and draw the rows, all on one scale.

    `header` has one entry each for the name, the mean and the interval. null: what is neither gain nor loss;
    None for levels, which are never either.
    """
    drawn = forest([row.estimate for row in rows], unit, null=null)
    written = tuple(
        WrittenRow(
            row.name,
            row.remark,
            row.best,
            shown(row.estimate, unit, level=null is None, null=null or 0.0),
            plot,
            row.key,
        )
        for row, plot in zip(rows, drawn.rows, strict=True)
    )
    return ForestTable(tuple(header), written, drawn.axis)


@dataclass(frozen=True, slots=True)
class WrittenCheck:
    """A check as the template writes it; state is passed, failed, warned or unmade."""

    name: str
    state: str
    state_words: str
    figure: Markup
    detail: str


def written_checks(checks: Sequence[Check], words: Words) -> tuple[WrittenCheck, ...]:
    """Failed ones first."""
    return in_order([_written(check, words) for check in checks])


def in_order(written: Sequence[WrittenCheck]) -> tuple[WrittenCheck, ...]:
    """Failed ones first: a reader should not have to look for them."""
    order = {"failed": 0, "warned": 1, "unmade": 2, "passed": 3}
    return tuple(sorted(written, key=lambda check: order[check.state]))


def check_state(check: Check) -> str:
    """Passed, failed (it refuses), warned, or unmade."""
    if check["passed"] is None:
        return "unmade"
    if check["passed"]:
        return "passed"
    return "failed" if check["severity"] == "hard" else "warned"


def unbroken(written: str) -> Markup:
    """A figure that no line end may cut between its sign and its digits."""
    return Markup('<span class="whole">{}</span>').format(written)


def tally(checks: Sequence[Check], words: Words) -> Markup:
    """How many of the checks that could be made were passed."""
    made = [check for check in checks if check["passed"] is not None]
    if not made:
        return words("checks.none")
    passed = sum(check["passed"] is True for check in made)
    if len(made) == len(checks):
        return words("checks.passed", passed=count(passed), made=count(len(made)))
    unmade = len(checks) - len(made)
    return words("checks.unmade", passed=count(passed), made=count(len(made)), unmade=count(unmade))


def written_origin(origin: Origin, words: Words) -> tuple[Markup | str, ...]:
    """The footer's parts."""
    parts: list[Markup | str] = []
    if origin.model:
        parts.append(words("origin.model", name=origin.model))
    if origin.experiment:
        parts.append(words("origin.experiment", name=origin.experiment))
    if origin.run_id:
        parts.append(words("origin.run", name=origin.run_id))
    if origin.data_as_of:
        parts.append(words("origin.data", date=day(origin.data_as_of, words.language)))
    return (*parts, *origin.extra)


def _written(check: Check, words: Words) -> WrittenCheck:
    state = check_state(check)
    value = check["value"]
    drawn = check["name"] == "sample_ratio"
    figure = p_value(value, words) if drawn and isinstance(value, float) else Markup("")
    detail = "" if check["passed"] and figure else check["detail"]
    name = words.known("check", check["name"])
    return WrittenCheck(name, state, words.plain(f"check.state.{state}"), figure, detail)


def p_value(value: float, words: Words) -> Markup:
    """A p-value to two digits; below .001 only that it is."""
    if value < 0.001:
        return words("p_value.small")
    return words("p_value", value=plain_number(value, 0.01 if value >= 0.1 else 0.001))
