"""The checks of an A/B test in words, built from their facts so that both languages can say them."""

from collections.abc import Mapping
from datetime import date

from markupsafe import Markup

from retention_lab.reports.experiment import Checked, ExperimentReport
from retention_lab.reports.experiment_numbers import Writer
from retention_lab.reports.numbers import count, day
from retention_lab.reports.tables import WrittenCheck, check_state, in_order, p_value

_P_VALUES = ("sample_ratio", "sample_ratio_by_day", "missing", "before", "trend")


def checks_part(report: ExperimentReport, writer: Writer) -> tuple[WrittenCheck, ...]:
    """Failed ones first; what was passed needs no sentence."""
    return in_order([_written(one, writer) for one in report.checks])


def check_name(checked: Checked, writer: Writer) -> str:
    """What was asked; a kind without words keeps its own name."""
    key = f"experiment.check.{checked.kind}"
    if not writer.words.knows(key):
        return writer.words.known("check", checked.check["name"])
    facts = {name: value for name, value in checked.facts.items() if isinstance(value, str)}
    return writer.words.plain(key, **facts)


def _written(checked: Checked, writer: Writer) -> WrittenCheck:
    check, words = checked.check, writer.words
    state = check_state(check)
    value = check["value"]
    shown = checked.kind in _P_VALUES and isinstance(value, float)
    figure = p_value(value, words) if shown and isinstance(value, float) else Markup("")
    detail = "" if check["passed"] else _detail(checked, writer)
    return WrittenCheck(
        check_name(checked, writer), state, words.plain(f"check.state.{state}"), figure, detail
    )


def _detail(checked: Checked, writer: Writer) -> str:
    """Why it failed, or could not be asked."""
    words, facts = writer.words, checked.facts
    if checked.kind == "sample_ratio":
        if checked.check["passed"] is None:
            return words.plain("experiment.detail.sample_ratio.unasked")
        key = f"experiment.detail.sample_ratio.{checked.check['severity']}"
        return words.plain(key, counts=_counts(checked, writer))
    if checked.kind == "sample_ratio_by_day":
        since = day(date.fromisoformat(str(facts["since"])), words.language)
        return words.plain("experiment.detail.sample_ratio_by_day", since=since)
    if checked.kind == "missing":
        shares = [f"{arm} {writer.shares.show(share)}" for arm, share in _by_arm(facts["shares"]).items()]
        joined = words.plain("experiment.join").join(shares)
        return words.plain("experiment.detail.missing", shares=joined)
    if checked.kind == "outliers":
        share = writer.shares.show(_number(facts["share"]), step=0.01)
        return words.plain("experiment.detail.outliers", arm=facts["arm"], share=share)
    if checked.kind == "skewed_small_arm":
        shown = count(_number(facts["units"]))
        return words.plain("experiment.detail.skewed_small_arm", arm=facts["arm"], count=shown)
    if checked.kind == "trend":
        direction = "grows" if _number(facts["slope"]) > 0 else "falls"
        return words.plain(f"experiment.detail.trend.{direction}")
    if checked.kind == "whole_clusters":
        return words.plain("experiment.detail.whole_clusters", count=count(_number(checked.check["value"])))
    if words.knows(f"experiment.detail.{checked.kind}"):
        return words.plain(f"experiment.detail.{checked.kind}")
    return ""


def _counts(checked: Checked, writer: Writer) -> str:
    planned = _by_arm(checked.facts["planned"])
    parts = [
        writer.words.plain(
            "experiment.detail.counted", arm=arm, observed=count(n), planned=count(planned[arm])
        )
        for arm, n in _by_arm(checked.facts["observed"]).items()
    ]
    return ("；" if writer.words.language == "zh-CN" else "; ").join(parts)


def _by_arm(fact: object) -> Mapping[str, float]:
    if isinstance(fact, Mapping):
        return fact
    raise TypeError(f"{fact!r} is no number by arm")


def _number(fact: object) -> float:
    if isinstance(fact, int | float):
        return float(fact)
    raise TypeError(f"{fact!r} is no number")
