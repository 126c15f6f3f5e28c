"""The customer view: RFM, stages of life, cohorts, loyalty, funnels, segments, and one customer's profile."""

from retention_lab.cleaning import CleaningRule, fit_cleaning
from retention_lab.customers.cohorts import CohortMonths, Cohorts, cohorts
from retention_lab.customers.fit_segments import (
    FittedSegments,
    SegmentRule,
    fit_rfm_segments,
    fit_segments,
)
from retention_lab.customers.funnel import Funnel, funnel, funnels_by
from retention_lab.customers.lasso import choose_features
from retention_lab.customers.lifecycle import STAGES, stage_rows, stage_transitions
from retention_lab.customers.loyalty import LoyaltyRows, loyalty
from retention_lab.customers.profile import profile
from retention_lab.customers.rfm import CELLS, Purchases, RfmCuts, RfmScores, fit_rfm
from retention_lab.customers.segmentation import CentreSegments, RfmSegments, read_segments
from retention_lab.customers.space import SpaceRule, fit_space
from retention_lab.customers.stability import silhouette, stability
from retention_lab.customers.transitions import Transitions, transitions

__all__ = [
    "CELLS",
    "STAGES",
    "CentreSegments",
    "CleaningRule",
    "CohortMonths",
    "Cohorts",
    "FittedSegments",
    "Funnel",
    "LoyaltyRows",
    "Purchases",
    "RfmCuts",
    "RfmScores",
    "RfmSegments",
    "SegmentRule",
    "SpaceRule",
    "Transitions",
    "choose_features",
    "cohorts",
    "fit_cleaning",
    "fit_rfm",
    "fit_rfm_segments",
    "fit_segments",
    "fit_space",
    "funnel",
    "funnels_by",
    "loyalty",
    "profile",
    "read_segments",
    "silhouette",
    "stability",
    "stage_rows",
    "stage_transitions",
    "transitions",
]
