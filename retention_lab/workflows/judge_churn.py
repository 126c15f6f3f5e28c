"""Whether a churn model has earned its place, on customers that neither version was trained on."""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.checks import Check, check
from retention_lab.churn.profit import contacted, profit_terms
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.measures import log_loss_terms
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.churn_training import row_checks
from retention_lab.workflows.evaluate_churn import NewRows, new_rows, probability_of
from retention_lab.workflows.held_out_uses import held_out_uses
from retention_lab.workflows.judgement import Judgement
from retention_lab.workflows.project import Lab


def judge_churn(lab: Lab, loaded: Loaded, champion: Loaded | None, *, accepted: bool) -> Judgement:
    """Judge a version against contacting nobody, or against the champion where there is one.

    Profit per customer of contacting those whom the model says to contact; where the definition has no
    `profit:`, log loss against the one probability that is right on average. The lower end of the 95 %
    interval has to be above 0, so a new version that is only as good as the champion stays where it is.
    accepted: not asked of churn models, which claim no cause.
    Raises LabError where too few rows are new to the versions.
    """
    del accepted
    found = new_rows(lab, [loaded, *([champion] if champion else [])])
    ours = _terms(found, probability_of(loaded, found.rows))
    gate = [_check(found, "nobody", mean_estimate(ours - _nobody(found)))]
    if champion is not None:
        theirs = _terms(found, probability_of(champion, found.rows))
        gate.append(_check(found, "champion", mean_estimate(ours - theirs)))
    leak = [one for one in row_checks(found.rows) if one["name"] == "suspected_leak"]
    return Judgement(
        passed=all(one["passed"] for one in gate),
        checks=[*gate, *_everybody(found, ours), *leak],
        rows=len(found.rows),
        uses=held_out_uses(lab.open_store(), loaded.name, found.part),
        dropped=found.dropped,
    )


def _terms(found: NewRows, probability: Floats) -> Floats:
    """(n,) what is good about each customer's prediction: profit, or minus log loss."""
    if found.campaign is None:
        return -log_loss_terms(found.rows.left, probability)
    return profit_terms(found.rows.left, contacted(probability, found.campaign), found.campaign)


def _nobody(found: NewRows) -> Floats:
    """(n,) likewise without a model: nobody is contacted, or everybody has the average probability."""
    left = found.rows.left
    if found.campaign is not None:
        return np.zeros(len(left))
    return -log_loss_terms(left, np.full(len(left), left.mean()))


def _everybody(found: NewRows, ours: Floats) -> list[Check]:
    """Soft: choosing whom to contact earns more than contacting everybody, on average at least."""
    if found.campaign is None:
        return []
    all_of_them = profit_terms(found.rows.left, np.ones(len(ours), dtype=np.bool_), found.campaign)
    by = mean_estimate(ours - all_of_them)
    said = (
        f"profit per customer more than contacting everybody: {by.value:.4g}, 95 % interval {by.low:.4g} to "
    )
    passed = by.value > 0
    return [check("profit.everybody", "soft", passed, by.value, 0.0, f"{said}{by.high:.4g}.")]


def _check(found: NewRows, against: str, by: Estimate) -> Check:
    money = found.campaign is not None
    what = "profit per customer" if money else "log loss saved per customer"
    whom = {
        "nobody": "contacting nobody" if money else "one probability for all",
        "champion": "the champion",
    }[against]
    said = f"{what} more than {whom}: {by.value:.4g}, 95 % interval {by.low:.4g} to {by.high:.4g}"
    return check(
        f"{'profit' if money else 'log_loss'}.{against}", "hard", by.low > 0, by.low, 0.0, f"{said}."
    )
