"""From features to segments: clean, scale, turn, group; as many groups as are found again in resamples."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.customers.centres import centres, nearest
from retention_lab.customers.cleaning import CleaningRule, fit_cleaning
from retention_lab.customers.rfm import fit_rfm
from retention_lab.customers.segmentation import CentreSegments, RfmSegments, Segments, purchases
from retention_lab.customers.space import SpaceRule, fit_space
from retention_lab.customers.stability import Grouped, most_stable, silhouette, stability
from retention_lab.customers.traits import Trait, segment_names, traits
from retention_lab.errors import LabError
from retention_lab.features import Features


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


def fit_segments(
    features: Features, rule: SegmentRule, say: Callable[[str], None] = lambda _: None
) -> FittedSegments:
    """Group (n, d) features around centres.

    The number of groups is the one that resamples find again best (see `most_stable`); every resample is
    cleaned and scaled anew.
    Raises LabError where the customers do not form so many groups.
    """
    candidates = []
    for groups in rule.groups:
        say(f"{rule.method}: {groups} groups")
        model = _fit(features, rule, groups)
        labels = model.assign(features)
        points, kept = model.points(features)
        again = partial(_regroup, features.rows(kept), rule, groups)
        steady = stability(labels[kept], again, resamples=rule.resamples, seed=rule.seed)
        candidates.append(Grouped(groups, steady, silhouette(points, labels[kept], seed=rule.seed)))
    chosen = most_stable(candidates)
    model = _fit(features, rule, chosen.groups)
    labels, (points, kept) = model.assign(features), model.points(features)
    cleaned, _ = model.cleaning.apply(features)
    apart = traits(model.space.scaled(cleaned), labels[kept], chosen.groups, features.schema)
    named = CentreSegments(model.method, model.cleaning, model.space, model.centres, segment_names(apart))
    placed = np.full((len(features), points.shape[1]), np.nan)
    placed[kept] = points
    return FittedSegments(named, labels, placed, apart, tuple(candidates), chosen)


def fit_rfm_segments(features: Features, *, resamples: int = 20, seed: int = 7) -> FittedSegments:
    """The named cells of the RFM grid; stability says how far the cuts depend on who was in the sample.

    features: with the columns of `rfm.COLUMNS`. Raises LabError with fewer than five customers who bought.
    """
    model = RfmSegments(fit_rfm(purchases(features)))
    labels = model.assign(features)
    bought = features.rows(labels >= 0)

    def regroup(rows: Ints) -> Ints:
        return RfmSegments(fit_rfm(purchases(bought.rows(rows)))).assign(bought)

    steady = stability(labels[labels >= 0], regroup, resamples=resamples, seed=seed)
    space = fit_space(bought, SpaceRule("log", 1.0))
    points = space.points(bought)
    count = len(np.unique(labels[labels >= 0]))
    chosen = Grouped(count, steady, silhouette(points, labels[labels >= 0], seed=seed))
    placed = np.full((len(features), points.shape[1]), np.nan)
    placed[labels >= 0] = points
    apart = traits(space.scaled(bought), labels[labels >= 0], len(model.names), features.schema)
    return FittedSegments(model, labels, placed, apart, (chosen,), chosen)


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
