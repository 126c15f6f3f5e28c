"""What the lab has, by name: plain dicts of name to dotted name, resolved on use.

A new learner or export is a file, its test, and one line here.
"""

import importlib
from typing import Any

# Every kind of definition and the object that reads it.
KINDS = {
    "uplift": "retention_lab.config.uplift:UpliftDefinition",
    "churn": "retention_lab.config.churn:ChurnDefinition",
    "clv": "retention_lab.config.clv:ClvDefinition",
    "recommend": "retention_lab.config.recommend:RecommendDefinition",
    "segments": "retention_lab.config.segments:SegmentsDefinition",
    "rules": "retention_lab.config.rules:RulesDefinition",
    "demand": "retention_lab.config.demand:DemandDefinition",
    "feedback": "retention_lab.config.feedback:FeedbackDefinition",
    "abtest": "retention_lab.config.abtest:AbTestDefinition",
    "campaign": "retention_lab.config.campaign:CampaignDefinition",
}

_DO = "retention_lab.workflows"

# What carries out the commands about models, for each kind of model: train fits and registers, evaluate gives
# evidence, judge says whether a version may become champion, explain why it says what it does.
MODELS = {
    "uplift": {
        "train": f"{_DO}.train_uplift:train_uplift",
        "evaluate": f"{_DO}.evaluate_uplift:evaluate_uplift",
        "judge": f"{_DO}.judge_uplift:judge_uplift",
        "explain": f"{_DO}.explain_uplift:explain_uplift",
    },
    "clv": {
        "train": f"{_DO}.train_clv:train_clv",
        "evaluate": f"{_DO}.evaluate_clv:evaluate_clv",
        "judge": f"{_DO}.judge_clv:judge_clv",
        "explain": f"{_DO}.explain_clv:explain_clv",
    },
    "churn": {
        "train": f"{_DO}.train_churn:train_churn",
        "evaluate": f"{_DO}.evaluate_churn:evaluate_churn",
        "judge": f"{_DO}.judge_churn:judge_churn",
        "explain": f"{_DO}.explain_churn:explain_churn",
    },
    "segments": {
        "train": f"{_DO}.train_segments:train_segments",
        "evaluate": f"{_DO}.evaluate_segments:evaluate_segments",
    },
    "demand": {
        "train": f"{_DO}.train_demand:train_demand",
        "evaluate": f"{_DO}.evaluate_demand:evaluate_demand",
        "judge": f"{_DO}.judge_demand:judge_demand",
    },
    "rules": {
        "train": f"{_DO}.train_rules:train_rules",
        "evaluate": f"{_DO}.evaluate_rules:evaluate_rules",
    },
    "recommend": {
        "train": f"{_DO}.train_recommend:train_recommend",
        "evaluate": f"{_DO}.evaluate_recommend:evaluate_recommend",
        "judge": f"{_DO}.judge_recommend:judge_recommend",
        "explain": f"{_DO}.explain_recommend:explain_recommend",
    },
    "feedback": {
        "train": f"{_DO}.train_feedback:train_feedback",
        "evaluate": f"{_DO}.evaluate_feedback:evaluate_feedback",
        "judge": f"{_DO}.judge_feedback:judge_feedback",
        "explain": f"{_DO}.explain_feedback:explain_feedback",
    },
}

_OWN = "retention_lab.uplift.learners"
_PEERS = "retention_lab.uplift.learners.from_causalml"

# Uplift learners that this version has, in the order in which reports show them.
LEARNERS = {
    "stack": f"{_OWN}.stack:stack",
    "constant": f"{_OWN}.constant:fit_constant",
    "s": f"{_OWN}.s_learner:fit_s_learner",
    "t": f"{_OWN}.t_learner:fit_t_learner",
    "x": f"{_OWN}.x_learner:fit_x_learner",
    "r": f"{_OWN}.r_learner:fit_r_learner",
    "dr": f"{_OWN}.dr_learner:fit_dr_learner",
    "transformed": f"{_OWN}.dr_learner:fit_transformed",
    "ridge_r": f"{_OWN}.ridge_r:fit_ridge_r",
    "boosted_r": f"{_OWN}.r_learner:fit_boosted_r",
    "scaled_r": f"{_OWN}.scaled_r:fit_scaled_r",
    "two_part": f"{_OWN}.two_part:fit_two_part",
    "causalml.s": f"{_PEERS}.meta_learners:fit_causalml_s",
    "causalml.t": f"{_PEERS}.meta_learners:fit_causalml_t",
    "causalml.x": f"{_PEERS}.meta_learners:fit_causalml_x",
    "causalml.r": f"{_PEERS}.meta_learners:fit_causalml_r",
    "causalml.dr": f"{_PEERS}.meta_learners:fit_causalml_dr",
    "causalml.uplift_forest": f"{_PEERS}.forests:fit_causalml_uplift_forest",
    "causalml.causal_forest": f"{_PEERS}.forests:fit_causalml_causal_forest",
}

# Those that are fitted where a definition names none: they share nearly all that costs time.
DEFAULT_LEARNERS = ("stack", "constant", "s", "t", "x", "r", "dr")

_EXPORTS = "retention_lab.targeting.exports"

# The tools that a send file can be for, with what their files look like.
EXPORTS = {
    "generic": f"{_EXPORTS}.generic:FORMAT",
    "braze": f"{_EXPORTS}.braze:FORMAT",
    "customerio": f"{_EXPORTS}.customerio:FORMAT",
    "klaviyo": f"{_EXPORTS}.klaviyo:FORMAT",
    "google": f"{_EXPORTS}.google:FORMAT",
    "meta": f"{_EXPORTS}.meta:FORMAT",
}


def resolve(dotted: str) -> Any:
    """The object that `package.module:name` names, or the module where no name is given.

    >>> resolve("retention_lab.labels:label_text").__name__
    'label_text'
    """
    module, _, name = dotted.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found
