"""The draft of a campaign on an unknown file of customers, chosen for by an uplift model."""

import math

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.loading import read_definition
from retention_lab.config.project import Project
from retention_lab.config.uplift import Treatment, UpliftDefinition
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, LabError, UsageError, did_you_mean
from retention_lab.labels import label_text
from retention_lab.workflows.column_roles import column_facts
from retention_lab.workflows.definition_draft import (
    Answers,
    Draft,
    Guess,
    LeftOut,
    commented,
    flow_mapping,
    scalar,
)
from retention_lab.workflows.guessed_roles import SAID, guess_id


def draft_campaign(project: Project, table: pa.Table, path: str, name: str, answers: Answers) -> Draft:
    """A campaign that offers the arms of the model's test to the rows of `table`.

    Raises UsageError without a model, ConfigurationError where the model reads the project's tables or
    a budget has no cost to limit, LabError where the table lacks one of the model's columns.
    """
    if answers.model is None:
        raise UsageError("A campaign needs a model that chooses.", "Name it: --model NAME.")
    model = read_definition(project, answers.model)
    if not isinstance(model, UpliftDefinition) or model.treatment is None:
        raise ConfigurationError(
            f"'{answers.model}' is no uplift model of a flat table, so it cannot score another file.",
            "Name one that `lab new uplift` wrote; over the project's tables, write `audience: {where: …}`.",
            file=model.file,
        )
    trained_on = read_flat(find_flat_file(project, str(model.table), source=model.source, file=model.file))
    features = _require_features(model, model.treatment, trained_on, table)
    costs, why_cost = _costs(model, model.treatment, trained_on, answers)
    budget, costs, why_budget, why_cost = _budget(project, model, table, answers, costs, why_cost)
    identity = _identity(model, table, answers)
    objective = _objective(model)
    guesses = (
        identity,
        Guess("offers", ", ".join(costs), f"they are the arms of '{model.name}' besides control"),
        Guess("cost_per_contact", flow_mapping(costs), why_cost),
        objective,
        Guess("budget", scalar(budget), why_budget),
    )
    ignored = [column for column in table.column_names if column not in features and column != identity.value]
    return Draft(
        _text(path, model.name, guesses, costs),
        guesses,
        tuple(LeftOut(column, "the model was not trained on it") for column in ignored),
        f"lab campaign plan {name}",
    )


def _require_features(
    model: UpliftDefinition, treatment: Treatment, trained_on: pa.Table, table: pa.Table
) -> list[str]:
    taken = {treatment.column, *model.outcomes, *model.exclude, model.id, model.time}
    features = list(model.features or [name for name in trained_on.column_names if name not in taken])
    missing = [name for name in features if name not in table.column_names]
    if missing:
        raise LabError(
            f"The table lacks {len(missing)} of the {len(features)} columns that '{model.name}' learns from, "
            f"'{missing[0]}' first.",
            f"Add it, or rename one. {did_you_mean(missing[0], table.column_names)}",
            key="table",
        )
    return features


def _costs(
    model: UpliftDefinition, treatment: Treatment, trained_on: pa.Table, answers: Answers
) -> tuple[dict[str, float], str]:
    if answers.budget is not None and answers.cost is None and not (model.value and model.value.cost):
        raise UsageError(
            "A budget limits nothing while a contact costs nothing.", "Say what one contact costs: --cost C."
        )
    there = pc.unique(label_text(trained_on.column(treatment.column)).drop_null()).to_pylist()
    arms = [arm for arm in model.arms or sorted(there) if arm != treatment.control]
    if answers.cost is not None:
        return dict.fromkeys(arms, answers.cost), SAID
    if model.value and model.value.cost:
        return {arm: model.value.cost.get(arm, 0.0) for arm in arms}, f"they are the costs of '{model.name}'"
    return dict.fromkeys(arms, 0.0), "none was named: contacts are taken as free"


def _budget(
    project: Project,
    model: UpliftDefinition,
    table: pa.Table,
    answers: Answers,
    costs: dict[str, float],
    why_cost: str,
) -> tuple[float | None, dict[str, float], str, str]:
    """The budget, the costs that it limits, and why both.

    A champion whose evidence covers a share of the audience only gets a budget for that share: without one,
    its plan would be refused.
    """
    if answers.budget is not None:
        return answers.budget, costs, SAID, why_cost
    # only here is the store asked, and mlflow takes seconds to import
    from retention_lab.workflows.champion_use import champion_use
    from retention_lab.workflows.project import Lab

    if champion_use(Lab(project), model.name) != "budget":
        return None, costs, "none was named: no limit", why_cost
    if not any(costs.values()) and model.value is None:
        costs = dict.fromkeys(costs, 1.0)
        why_cost = "none was named: one contact counts as 1, so the budget is a number of contacts"
    share = project.settings.promotion.uplift.share
    budget = float(math.floor(share * table.num_rows * max(costs.values())))
    if budget == 0:
        return None, costs, "none was named: no limit", why_cost
    why = f"the evidence for the champion covers contacting the best {share:.0%}, not a choice for everybody"
    return budget, costs, why, why_cost


def _identity(model: UpliftDefinition, table: pa.Table, answers: Answers) -> Guess:
    facts = column_facts(table)
    if answers.id is None and model.id in facts:
        found = guess_id(facts, model.id)
        return Guess(found.key, found.value, f"as in '{model.name}'")
    return guess_id(facts, answers.id)


def _objective(model: UpliftDefinition) -> Guess:
    if model.value is not None:
        return Guess(
            "policy.objective", "net_value", "the model is judged in money, from which costs are taken off"
        )
    return Guess(
        "policy.objective",
        "outcome",
        f"'{model.primary_outcome}' has no value in money: most of it for the budget is sought",
    )


def _text(path: str, model: str, guesses: tuple[Guess, ...], costs: dict[str, float]) -> str:
    identity, offers, cost, objective, budget = guesses
    id_text = "null" if identity.value == "null" else scalar(identity.value)
    lines = [
        "# Whom to contact with what. Written by `lab new`: every guess says why.",
        "kind: campaign",
        commented("audience:", f"Who may be contacted: the rows of the file. Who they are: {identity.why}."),
        f"  table: {scalar(path)}",
        f"  id: {id_text}",
        commented(
            "offers:", f"What can be offered: {offers.why}. Costs in the project's currency: {cost.why}."
        ),
        *[f"  {scalar(arm)}: {{cost_per_contact: {scalar(amount)}}}" for arm, amount in costs.items()],
        commented(
            f"policy: {{uplift: {scalar(f'{model}@champion')}, objective: {objective.value}}}",
            f"The version in use chooses; {objective.why}.",
        ),
        commented(f"budget: {budget.value}", f"The most that contacts may cost: {budget.why}."),
        commented(
            "holdout: 0.1", "A random tenth gets nothing: what they do is what would have happened anyway."
        ),
        commented("exploration: 0.1", "A random tenth gets a random offer: data for the next model."),
        "horizon_days: 30",
        "export: {to: generic}",
    ]
    return "\n".join(lines) + "\n"
