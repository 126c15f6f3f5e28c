"""A/B tests: design, assignment, analysis from small mergeable summaries, looks over time, decisions.

What `lab experiment` does is `specification`, `summarise`, `analyze`, `simulate`. Beside it stand single
questions for those who ask them in Python: two shares (`ArmCounts`: exact tests, ratios, odds, posteriors),
ranks and quantiles (`Histogram`), many arms beside one control (`dunnett`).
"""

from retention_lab.abtest.analyze import Analysis, analyze
from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.assign import Assignment, HashDesign, assign
from retention_lab.abtest.bayes import NormalPrior, effect_posterior
from retention_lab.abtest.beta_binomial import BetaPrior, share_posterior
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.contingency import g_test, pearson_test
from retention_lab.abtest.decide import Decision
from retention_lab.abtest.design.sample_size import minimum_detectable_effect, sample_size
from retention_lab.abtest.dunnett import control_loading, dunnett
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.exact_tests import barnard_test, boschloo_test, fisher_test
from retention_lab.abtest.growthbook import growthbook_ranges
from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.histogram import Histogram
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice, cut_layer
from retention_lab.abtest.multiplicity import adjusted_p_values
from retention_lab.abtest.odds_ratio import logit_odds_ratio, score_odds_ratio
from retention_lab.abtest.proportion_ratio import log_ratio, score_ratio
from retention_lab.abtest.proportion_tests import agresti_caffo_test, score_test, z_test
from retention_lab.abtest.quantile_bootstrap import bootstrap_quantile_difference
from retention_lab.abtest.quantile_summary import wald_quantile_difference
from retention_lab.abtest.ranks import (
    brunner_munzel_test,
    mann_whitney_exact_test,
    mann_whitney_test,
    probability_of_superiority,
)
from retention_lab.abtest.running_sample_ratio import running_sample_ratio
from retention_lab.abtest.sample_ratio import SampleRatio, sample_ratio
from retention_lab.abtest.simulate import simulate
from retention_lab.abtest.specification import Specification, specification
from retention_lab.abtest.stratified import StratifiedDesign, assign_within_strata
from retention_lab.abtest.summarise import summarise
from retention_lab.abtest.summary import Summary
from retention_lab.abtest.trust import Trust, trust

__all__ = [
    "Analysis",
    "ArmCounts",
    "Assignment",
    "BetaPrior",
    "Comparison",
    "Decision",
    "Entry",
    "HashDesign",
    "Histogram",
    "Holdout",
    "LayerSlice",
    "NormalPrior",
    "SampleRatio",
    "Specification",
    "StratifiedDesign",
    "Summary",
    "Trust",
    "adjusted_p_values",
    "agresti_caffo_test",
    "analyze",
    "assign",
    "assign_within_strata",
    "barnard_test",
    "bootstrap_quantile_difference",
    "boschloo_test",
    "brunner_munzel_test",
    "control_loading",
    "cut_layer",
    "dunnett",
    "effect_posterior",
    "fisher_test",
    "g_test",
    "growthbook_ranges",
    "hash_bucket",
    "log_ratio",
    "logit_odds_ratio",
    "mann_whitney_exact_test",
    "mann_whitney_test",
    "minimum_detectable_effect",
    "pearson_test",
    "probability_of_superiority",
    "running_sample_ratio",
    "sample_ratio",
    "sample_size",
    "score_odds_ratio",
    "score_ratio",
    "score_test",
    "share_posterior",
    "simulate",
    "specification",
    "summarise",
    "trust",
    "wald_quantile_difference",
    "z_test",
]
