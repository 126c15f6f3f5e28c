"""`lab campaign replay`: a plan valued on the logged outcomes of its own audience.

Where the audience was part of a randomised test, some customers happened to get the very arm that the plan
would give them: weighted by the inverse of their chances they show what the plan would have brought.
"""

from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.off_policy import policy_difference, self_normalised_difference
from retention_lab.tracking.models import load_version
from retention_lab.tracking.runs import run_tags, start_run
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate_uplift import NewRows, new_rows
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.plan_files import PlannedRows, latest_plan
from retention_lab.workflows.project import Lab


def replay_campaign(lab: Lab, name: str) -> dict[str, Any]:
    """Per head and in total, what the latest plan would have brought over no offer for all.

    For the model's outcome doubly robust, and for every logged outcome by self-normalised weighting.
    Raises LabError where the audience is not the randomised table that the model was learned from.
    """
    definition = campaign_definition(lab, name)
    if not definition.audience.flat:
        raise LabError(
            "The campaign's customers are the project's, and were not part of a test on the plan's date.",
            f"Launch it and measure what it caused: `lab campaign launch {name}`.",
            file=definition.file,
            key="audience",
        )
    plan = latest_plan(lab, name)
    if plan.facts["model"] is None:
        raise LabError(
            "The plan came from no model, so there is no test to replay it on.",
            f"Train and promote {definition.policy.model.name}, and plan again.",
        )
    store = lab.open_store()
    loaded = load_version(store, plan.facts["model"], f"/{plan.facts['model_version']}")
    found = new_rows(lab, [loaded])
    planned, scorer = plan.rows(), loaded.model
    rows = _match(found, planned, definition.audience.id)
    policy = _as_model_arms(planned, scorer.arms)[rows]
    result = {"name": name, "plan": plan.path.name, **_result(scorer, found, policy)}
    result["expected"] = plan.facts["expected"]
    tags = {**run_tags("campaign", name, as_of=plan.as_of), "lab.role": "replay"}
    with start_run(store, f"campaign/{name}", f"replay {name}", tags) as run:
        run.log_json("result.json", result)
        result["run_id"] = run.id
    return result


def _result(scorer: UpliftScorer, found: NewRows, policy: Floats) -> dict[str, Any]:
    """The gains over control for all. policy: (n, K + 1) probabilities of the model's arms."""
    none = np.zeros(len(policy), dtype=np.int64)
    gain = policy_difference(found.gamma, policy, none, found.sample.group)
    weighted = {
        outcome: _weighted_gain(values, found, policy) for outcome, values in found.rows.outcomes.items()
    }
    totals = {**weighted, scorer.outcome: gain}
    return {
        "rows": len(policy),
        "outcome": scorer.outcome,
        "per_head": {
            "doubly_robust": gain.as_json(),
            **{f"self_normalised.{name}": one.as_json() for name, one in weighted.items()},
        },
        "total": {name: one.scaled(len(policy)).as_json() for name, one in totals.items()},
    }


def _match(found: NewRows, planned: PlannedRows, id_column: str | None) -> np.ndarray:
    """For every randomised row, its row in the plan."""
    unit, number = found.rows.unit, found.rows.number
    names = (unit if id_column is not None or number is None else number.astype(str)).tolist()
    place = {customer: i for i, customer in enumerate(planned.ids.tolist())}
    missing = [name for name in names if name not in place]
    if missing:
        raise LabError(
            f"{len(missing)} of {len(names)} randomised rows that are new to the model are not in the plan.",
            "Plan for the model's own table with `audience: {table: …, rows: held_out}`.",
        )
    return np.array([place[name] for name in names], dtype=np.int64)


def _as_model_arms(planned: PlannedRows, arms: tuple[str, ...]) -> Floats:
    """(n, K + 1) the launch's probabilities over the model's arms; the plan's none is the control."""
    out = np.zeros((len(planned.ids), len(arms)))
    out[:, 0] = planned.propensity[:, 0]
    for k, name in enumerate(planned.offers):
        if name not in arms:
            raise LabError(f"The test had no arm '{name}'.", "Replay a plan with the test's own offers.")
        out[:, arms.index(name)] += planned.propensity[:, k + 1]
    return out


def _weighted_gain(outcome: Floats, found: NewRows, policy: Floats) -> Estimate:
    """Self-normalised value of the policy less that of control for all, per head, paired."""
    rows, propensity = found.rows, found.sample.propensity
    if propensity is None:
        raise LabError("The rows carry no propensities.", "Replay a plan on a randomised test.")
    control = np.zeros(len(outcome), dtype=np.int64)
    return self_normalised_difference(outcome, rows.arm, propensity, policy, control, found.sample.group)
