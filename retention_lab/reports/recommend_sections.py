"""The parts of a recommender's page, each from the report object to what its template block writes."""

import shlex

from markupsafe import Markup

from retention_lab.reports.numbers import Unit, count, shown
from retention_lab.reports.recommend import RecommendPage
from retention_lab.reports.tables import (
    Action,
    ForestTable,
    MeasureTable,
    Row,
    forest_table,
    interval_head,
    tally,
    unbroken,
)
from retention_lab.reports.words import Words

# In the order in which the page shows them; those at the end lie folded.
_MEASURES = ("ndcg", "recall", "hit", "map", "coverage", "novelty", "diversity", "popular_share")
_BITS = "novelty"
_BY_HISTORY = ("ndcg_at_10", "recall_at_10")


def about_part(page: RecommendPage, words: Words) -> tuple[Markup, ...]:
    """The line below the title: version, model, what it learned from."""
    version = () if page.version is None else (words("model.version", version=page.version),)
    return (
        *version,
        words("recommend.model", model=page.winner),
        words("recommend.size", users=count(page.users), items=count(page.items)),
        words("recommend.rows", count=count(page.interactions)),
    )


def hero_part(page: RecommendPage, words: Words) -> dict[str, object]:
    """Better than what sells best or not, by how much, and whether to believe it."""
    careful = any(check["passed"] is False for check in page.checks)
    state = "no" if page.failed else "care" if careful else "yes"
    better = "better" if page.gain.low > 0 else "worse" if page.gain.high < 0 else "unsure"
    gain = shown(page.gain, Unit("number", words.language))
    hit = shown(page.hit, Unit("share", words.language), level=True)
    beside = words("recommend.hit", hit=unbroken(hit.value), low=unbroken(hit.low), high=unbroken(hit.high))
    return {
        "verdict": words("verdict.doubt" if page.failed else f"recommend.{better}"),
        "gain": None if page.failed else gain,
        "range": words("recommend.gain", low=unbroken(gain.low), high=unbroken(gain.high)),
        "beside": "" if page.failed else beside,
        "state": state,
        "trust": words(f"trust.{state}"),
        "tally": tally(page.checks, words),
    }


def candidates_part(page: RecommendPage, words: Words) -> tuple[MeasureTable, ...]:
    """Candidates and the baseline side by side, one table a measure and length."""
    names = dict.fromkeys(name for candidate in page.candidates for name in candidate.metrics)
    found = []
    for name in sorted(names, key=_place):
        rows = [
            Row(
                one.model,
                one.metrics[name],
                best=one.model == page.winner,
                remark=_remark(one.model, page, words),
            )
            for one in page.candidates
            if name in one.metrics
        ]
        found.append(MeasureTable(_title(name, words), _table(rows, name, words, "model.candidate")))
    return tuple(found)


def kinds_part(page: RecommendPage, words: Words) -> tuple[MeasureTable, ...]:
    """The winner's figures of customers with a history, and of those without."""
    if len(page.kinds) < 2:
        return ()
    found = []
    for name in _BY_HISTORY:
        rows = [
            Row(
                words.plain(f"recommend.{one.kind}"),
                one.metrics[name],
                remark=words.plain("recommend.customers", count=count(one.customers)),
            )
            for one in page.kinds
            if name in one.metrics
        ]
        found.append(MeasureTable(_title(name, words), _table(rows, name, words, "recommend.who")))
    return tuple(found)


def limits_part(page: RecommendPage, words: Words) -> tuple[Markup, ...]:
    """What a reader must not take it for."""
    limits = [words("recommend.limits.cause"), words("recommend.limits.shown")]
    if page.rules:
        limits.append(words("recommend.limits.rules"))
    if not page.cut.startswith("time"):
        limits.append(words("recommend.limits.future"))
    if page.held_out_uses and page.held_out_uses > 1:
        limits.append(words("model.limits.uses", count=count(page.held_out_uses)))
    return tuple(limits)


def actions_part(page: RecommendPage, words: Words) -> tuple[Action, ...]:
    """What to do next."""
    name = shlex.quote(page.name)
    return (
        Action(words("next.model.promote"), f"lab promote {name} --dry-run"),
        Action(words("next.recommend.score"), f"lab score {name} --table LOG --out offers.csv"),
        Action(words("next.recommend.explain"), f"lab explain {name} --customer ID"),
        Action(words("next.model.compare"), f"lab leaderboard {name}"),
    )


def _table(rows: list[Row], name: str, words: Words, first: str) -> ForestTable:
    unit = Unit("number" if name.startswith(_BITS) else "share", words.language)
    interval = interval_head(words)
    return forest_table(rows, unit, (words.plain(first), words.plain("model.value"), interval), null=None)


def _place(name: str) -> tuple[bool, int, int]:
    """Ten first, then the measures in their order, then other lengths."""
    measure, _, k = name.rpartition("_at_")
    return (k != "10", _MEASURES.index(measure), int(k))


def _title(name: str, words: Words) -> str:
    measure, _, k = name.rpartition("_at_")
    return words.plain(f"recommend.metric.{measure}", k=k)


def _remark(model: str, page: RecommendPage, words: Words) -> str:
    if model == page.winner:
        return words.plain("model.chosen")
    return words.plain("recommend.baseline") if model == page.baseline else ""
