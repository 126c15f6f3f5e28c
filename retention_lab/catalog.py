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

# Kinds that this version carries out, with what carries them out.
ENGINES = {
    "uplift": "retention_lab.uplift",
    "campaign": "retention_lab.targeting",
}

# Uplift learners that this version has, in the order in which reports show them.
LEARNERS = {
    "constant": "retention_lab.uplift.learners.constant:fit_constant",
    "s": "retention_lab.uplift.learners.s_learner:fit_s_learner",
    "t": "retention_lab.uplift.learners.t_learner:fit_t_learner",
}

# Send files that this version writes.
EXPORTS = {
    "generic": "retention_lab.targeting.exports.generic:send_file",
}


def resolve(dotted: str) -> Any:
    """The object that `package.module:name` names, or the module where no name is given.

    >>> resolve("retention_lab.labels:label_text").__name__
    'label_text'
    """
    module, _, name = dotted.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found
