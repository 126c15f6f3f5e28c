"""Whether a model of messages has earned its place, on customers that neither version was trained on."""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.checks import Check, check
from retention_lab.estimate import mean_estimate
from retention_lab.feedback.evaluate import MEASURES
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.evaluate_feedback import NewMessages, new_messages
from retention_lab.workflows.feedback_training import UNREAD
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.project import Lab


def judge_feedback(lab: Lab, loaded: Loaded, champion: Loaded | None, *, accepted: bool) -> Judgement:
    """Judge a version against one probability for all messages, and against the champion where there is one.

    By log loss per message: the lower end of the 95 % interval of what is saved has to be above 0, so a
    version that is only as good as the champion stays where it is.
    accepted: not asked of models of messages, which claim no cause.
    Raises LabError where too few messages are new to the versions.
    """
    del accepted
    found = new_messages(lab, [loaded, *([champion] if champion else [])])
    tone = found.messages.tone
    gate = [_saved("constant", found, np.full(len(tone), tone.mean()))]
    if champion is not None:
        gate.append(_saved("champion", found, found.probability[1]))
    read = check("messages_read", "soft", found.unread <= UNREAD, found.unread, UNREAD)
    return Judgement(
        passed=all(one["passed"] for one in gate),
        checks=[*gate, read],
        rows=len(found.messages),
        uses=held_out_uses(lab.open_store(), loaded.name, found.part),
        dropped=found.dropped,
    )


def _saved(against: str, found: NewMessages, theirs: Floats) -> Check:
    loss, tone = MEASURES["log_loss"], found.messages.tone
    by = mean_estimate(loss(tone, theirs) - loss(tone, found.probability[0]), found.messages.customer)
    whom = {"constant": "one probability for all", "champion": "the champion"}[against]
    span = f"{by.value:.4g}, 95 % interval {by.low:.4g} to {by.high:.4g}"
    said = f"log loss saved per message against {whom}: {span}."
    return check(f"log_loss.{against}", "hard", by.low > 0, by.low, 0.0, said)
