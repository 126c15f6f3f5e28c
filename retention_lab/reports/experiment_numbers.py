"""How the report of an A/B test writes and colours its figures."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from retention_lab.estimate import Estimate
from retention_lab.reports.charts.forest import Whisker
from retention_lab.reports.experiment import ExperimentReport, Measure, Range, Result
from retention_lab.reports.numbers import Shown, Tone, Unit, plain_number, step_of
from retention_lab.reports.words import Words


@dataclass(frozen=True, slots=True)
class Writer:
    """Units and words of one page."""

    report: ExperimentReport
    words: Words

    def unit(self, measure: Measure) -> Unit:
        """Of the metric's values."""
        currency = self.report.currency if measure.kind == "money" else ""
        return Unit(measure.kind, self.words.language, currency)

    def difference(self, measure: Measure) -> Unit:
        """Of differences in it: of shares, in points."""
        return Unit("points", self.words.language) if measure.kind == "share" else self.unit(measure)

    @property
    def shares(self) -> Unit:
        """Of what is a share of something."""
        return Unit("share", self.words.language)

    @property
    def percent(self) -> str:
        """The confidence of intervals, as written."""
        return self.shares.show(self.report.confidence, step=0.001 if self.report.confidence > 0.99 else 0.01)

    @property
    def interval(self) -> str:
        """The head of a column of intervals."""
        return self.words.plain("interval", percent=self.percent)

    def mean(self, value: float | None, result: Result) -> str:
        """An arm's value, as fine as its difference from control is known."""
        if value is None:
            return "–"
        unit = self.unit(result.measure)
        return unit.show(value, step=None if result.effect is None else step(result.effect, unit))

    def p_value(self, value: float | None) -> Markup | str:
        """To two digits; below .001 only that it is."""
        if value is None:
            return "–"
        if value < 0.001:
            return self.words("experiment.figures.small_p")
        return plain_number(value, 0.01 if value >= 0.1 else 0.001)

    def tone(self, result: Result) -> Tone:
        """Gain or loss where a difference is shown; a guardrail with a margin by its interval, since its
        p-value is about the margin."""
        if result.margin is not None and result.effect is not None:
            return self.tone_over(result.effect, result.measure)
        tones: dict[str, Tone] = {"better": "gain", "worse": "loss"}
        return tones.get(result.state, "unsure") if self.report.judged else "unsure"

    def tone_over(self, found: Range, measure: Measure) -> Tone:
        """Gain or loss where the whole interval lies on that side."""
        above = found.low is not None and found.low > 0
        below = found.high is not None and found.high < 0
        if not self.report.judged or not (above or below):
            return "unsure"
        return "gain" if above == measure.higher_is_better else "loss"

    def joined(self, sentences: Iterable[Markup]) -> Markup:
        """Sentences one after the other."""
        return Markup("" if self.words.language == "zh-CN" else " ").join(sentences)

    def named(self, measure: Measure, arm: str) -> str:
        """A row's name: the arm only where there are several."""
        return measure.name if len(self.report.others) == 1 else f"{measure.name} · {arm}"


def written(found: Range, unit: Unit, tone: Tone) -> Shown:
    """A range as it stands in tables; an open side is left out, and the other one is a limit."""
    fine = step(found, unit)
    low = "" if found.low is None else unit.show(found.low, step=fine)
    high = "" if found.high is None else unit.show(found.high, step=fine)
    if found.low is not None and found.high is not None:
        interval = unit.span(found.low, found.high, fine)
    else:
        interval = f"≥ {low}" if low else f"≤ {high}"
    return Shown(unit.show(found.value, step=fine, signed=True), low, high, interval, tone, fine)


def step(found: Range, unit: Unit) -> float:
    """The smallest difference worth writing: an open side counts as long as the other one."""
    low = 2 * found.value - found.high if found.low is None and found.high is not None else found.low
    high = 2 * found.value - found.low if found.high is None and found.low is not None else found.high
    if low is None or high is None:
        return unit.own_step(found.value)
    return step_of(Estimate(found.value, 0.0, low, high), unit)


def whisker(found: Range, tone: Tone, margin: float | None = None) -> Whisker:
    """A row of a forest. margin: where a guardrail's limit lies, on the scale of the range."""
    return Whisker(found.value, found.low, found.high, tone, margin)
