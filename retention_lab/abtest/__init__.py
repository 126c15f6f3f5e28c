"""A/B tests: design, assignment, analysis from small mergeable summaries, looks over time, decisions."""

from retention_lab.abtest.analyze import Analysis, analyze
from retention_lab.abtest.assign import Assignment, HashDesign, assign
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.decide import Decision
from retention_lab.abtest.design.sample_size import minimum_detectable_effect, sample_size
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice, cut_layer
from retention_lab.abtest.multiplicity import adjusted_p_values
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
    "Assignment",
    "Comparison",
    "Decision",
    "Entry",
    "HashDesign",
    "Holdout",
    "LayerSlice",
    "SampleRatio",
    "Specification",
    "StratifiedDesign",
    "Summary",
    "Trust",
    "adjusted_p_values",
    "analyze",
    "assign",
    "assign_within_strata",
    "cut_layer",
    "hash_bucket",
    "minimum_detectable_effect",
    "running_sample_ratio",
    "sample_ratio",
    "sample_size",
    "simulate",
    "specification",
    "summarise",
    "trust",
]
