"""From features to segments: clean, scale, turn, group; as many groups as are found again in resamples."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.cleaning import CleaningRule, fit_cleaning
from retention_lab.customers.centres import centres, nearest
from retention_lab.customers.rfm import COLUMNS, fit_rfm
from retention_lab.customers.segmentation import CentreSegments, RfmSegments, Segments, purchases
from retention_lab.customers.space import SpaceRule, fit_space
from retention_lab.customers.stability import Grouped, best_number, silhouette, stability
from retention_lab.customers.traits import Trait, segment_names, traits
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.features import Features

_MOST_JUDGED = 20_000
_RFM_SPACE = SpaceRule("log", None)


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """How customers are grouped.

    method: kmeans or ward. groups: the numbers of groups to choose from. resamples: refits that stability is
    measured with.
    """

    method: str = "kmeans"
    groups: tuple[int, ...] = (2, 3, 4, 5, 6, 7, 8)
    cleaning: CleaningRule = field(default_factory=CleaningRule)
    space: SpaceRule = field(default_factory=SpaceRule)
    resamples: int = 20
    seed: int = 7


@dataclass(frozen=True, slots=True)
class FittedSegments:
    """Segments and how they came about. labels: (n,) of the customers they were fitted on, -1 for none.

    points: (n, p) coordinates, NaN for those with none. traits: by segment. candidates: every number of
    groups that was tried; chosen: the one taken.
    """

    model: Segments
    labels: Ints
    points: Floats
    traits: tuple[tuple[Trait, ...], ...]
    candidates: tuple[Grouped, ...]
    chosen: Grouped


def fit_segments(features: Features, rule: SegmentRule) -> FittedSegments:
    """Group (n, d) features around centres.

    The number of groups is one that resamples find again (see `best_number`); every resample is cleaned and
    scaled anew.
    Raises LabError where the customers do not form so many groups.
    """
    return chosen_segments(features, rule, [judge_groups(features, rule, groups) for groups in rule.groups])


def judge_groups(features: Features, rule: SegmentRule, groups: int) -> Grouped:
    """How well so many groups are found again, and how far apart they are."""
    model = _fit(features, rule, groups)
    steady = agreement(features, model, resamples=rule.resamples, seed=rule.seed)
    return Grouped(groups, steady, separation(features, model, seed=rule.seed))


def chosen_segments(features: Features, rule: SegmentRule, candidates: Sequence[Grouped]) -> FittedSegments:
    """The segments of the best of the numbers of groups that were judged, with their names."""
    chosen = best_number(candidates)
    model = _fit(features, rule, chosen.groups)
    cleaned, kept = model.cleaning.apply(features)
    points = model.space.points(cleaned)
    labels = np.full(len(features), -1, dtype=np.int64)
    labels[kept] = nearest(points, model.centres)
    apart = traits(model.space.scaled(cleaned), labels[kept], len(model.centres), features.schema)
    placed = np.full((len(features), points.shape[1]), np.nan)
    placed[kept] = points
    named = replace(model, names=segment_names(apart))
    return FittedSegments(named, labels, placed, apart, tuple(candidates), chosen)


def fit_rfm_segments(features: Features, *, resamples: int = 20, seed: int = 7) -> FittedSegments:
    """The named cells of the RFM grid; stability says how far the cuts depend on who was in the sample.

    features: with the columns of `rfm.COLUMNS`. Raises LabError with fewer than five customers who bought.
    """
    model = RfmSegments(fit_rfm(purchases(features)))
    labels = model.assign(features)
    bought, own = features.rows(labels >= 0), labels[labels >= 0]
    chosen = Grouped(
        len(np.unique(own)),
        agreement(features, model, resamples=resamples, seed=seed),
        separation(features, model, seed=seed),
    )
    space = fit_space(bought, _RFM_SPACE)
    placed = np.full((len(features), len(COLUMNS)), np.nan)
    placed[labels >= 0] = space.points(bought)
    apart = traits(space.scaled(bought), own, len(model.names), features.schema)
    return FittedSegments(model, labels, placed, apart, (chosen,), chosen)


def agreement(features: Features, model: Segments, *, resamples: int, seed: int) -> Estimate:
    """Adjusted Rand index between stored segments and those refitted on resamples of these customers.

    Customers who are in no segment are left out; of more than 20,000 others, so many drawn at random count.
    """
    labels = model.assign(features)
    who = _some(np.flatnonzero(labels >= 0), seed)
    inside = features.rows(who)
    if isinstance(model, CentreSegments):
        rule = SegmentRule(model.method, (), model.cleaning.rule, model.space.rule, resamples, seed)
        again = partial(_regroup, inside, rule, len(model.centres))
    else:
        again = partial(_recut, inside)
    return stability(labels[who], again, resamples=resamples, seed=seed)


def separation(features: Features, model: Segments, *, seed: int) -> float | None:
    """The silhouette of stored segments among these customers."""
    labels = model.assign(features)
    inside = features.rows(labels >= 0)
    if isinstance(model, CentreSegments):
        points, _ = model.points(inside)
    else:
        points = fit_space(inside, _RFM_SPACE).points(inside)
    return silhouette(points, labels[labels >= 0], seed=seed)


def _fit(features: Features, rule: SegmentRule, groups: int) -> CentreSegments:
    cleaning = fit_cleaning(features, rule.cleaning)
    cleaned, kept = cleaning.apply(features)
    if kept.sum() <= groups:
        raise LabError(
            f"{int(kept.sum())} customers cannot form {groups} groups.", "Ask for fewer groups.", key="k"
        )
    space = fit_space(cleaned, rule.space)
    middle = centres(rule.method, space.points(cleaned), groups, rule.seed)
    return CentreSegments(rule.method, cleaning, space, middle, tuple(str(k + 1) for k in range(len(middle))))


def _regroup(features: Features, rule: SegmentRule, groups: int, rows: Ints) -> Ints:
    """Labels of all customers by the segments of some of them."""
    model = _fit(features.rows(rows), rule, groups)
    cleaned, kept = model.cleaning.apply(features)
    labels = np.full(len(features), -1, dtype=np.int64)
    labels[kept] = nearest(model.space.points(cleaned), model.centres)
    return labels


def _recut(features: Features, rows: Ints) -> Ints:
    """Cells of all customers by the quintiles of some of them."""
    return RfmSegments(fit_rfm(purchases(features.rows(rows)))).assign(features)


def _some(who: Ints, seed: int) -> Ints:
    if len(who) <= _MOST_JUDGED:
        return who
    return np.sort(np.random.default_rng(seed).choice(who, _MOST_JUDGED, replace=False))
