"""The draft of an uplift definition for an unknown file: roles found by name, type and content."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from retention_lab.errors import LabError
from retention_lab.workflows import column_roles as roles
from retention_lab.workflows.after_treatment import Suspicion, differing_columns, outcome_copies
from retention_lab.workflows.column_roles import ColumnFacts
from retention_lab.workflows.definition_draft import (
    Answers,
    Draft,
    Guess,
    LeftOut,
    commented,
    flow_list,
    flow_mapping,
    scalar,
)  # fmt: skip
from retention_lab.workflows.guessed_roles import (
    SAID,
    find_column,
    guess_control,
    guess_id,
    guess_primary,
    guess_treatment,
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What has been decided about the file so far."""

    id: Guess
    treatment: Guess
    control: Guess
    outcomes: Guess
    primary: Guess
    time: Guess
    types: dict[str, str]


def draft_uplift(table: pa.Table, path: str, name: str, answers: Answers) -> Draft:
    """Guess what `answers` leaves open.

    path: as the definition is to name the file. Raises LabError where a role cannot be guessed, and says
    which option answers it.
    """
    facts = roles.column_facts(table)
    found = _roles(facts, answers)
    taken = {found.treatment.value, *found.types, found.id.value, found.time.value}
    others = [column for column in facts.values() if column.name not in taken]
    excluded, differing = _left_out(table, others, found)
    if len(excluded) == len(others):
        raise LabError(
            "No column is left that was known before treatment, so nothing tells the customers apart.",
            "Provide columns from before the test: what customers bought, when, and how much.",
        )
    propensity = _propensity(differing, others)
    guesses = (
        found.id,
        found.treatment,
        found.control,
        found.outcomes,
        found.primary,
        found.time,
        propensity,
    )
    text = _text(path, found, propensity, excluded)
    return Draft(text, guesses, tuple(excluded), f"lab train {name}")


def _roles(facts: dict[str, ColumnFacts], answers: Answers) -> _Found:
    said = {answers.id, answers.treatment, *answers.outcomes}
    treatment = guess_treatment(facts, answers)
    control = guess_control(facts[treatment.value], answers)
    outcomes, types = _outcomes(facts, treatment.value, answers)
    primary = guess_primary(facts, types, answers)
    identity = guess_id(facts, answers.id, {treatment.value, *types})
    times = [c for c in facts.values() if roles.is_assignment_time(c) and c.name not in said]
    if times:
        time = Guess(
            "time", times[0].name, "it says when rows were assigned: the latest rows judge the model"
        )
    else:
        time = Guess("time", "null", "no column says when rows were assigned, so random rows judge the model")
    return _Found(identity, treatment, control, outcomes, primary, time, types)


def _outcomes(
    facts: dict[str, ColumnFacts], treatment: str, answers: Answers
) -> tuple[Guess, dict[str, str]]:
    if answers.outcomes:
        columns = [find_column(facts, name, "--outcome") for name in answers.outcomes]
        for column in columns:
            _check_outcome(column, treatment)
        why = SAID
    else:
        columns = [
            c
            for c in facts.values()
            if roles.is_outcome(c) and not c.missing and c.name not in {treatment, answers.id}
        ]
        why = "their names say so"
    if not columns:
        numbers = [c.name for c in facts.values() if c.is_number and c.distinct >= 2 and c.name != treatment]
        raise LabError(
            "No column is named like an outcome: what customers did after treatment.",
            f"Name it: --outcome COLUMN. Columns of numbers: {', '.join(numbers) or 'none'}.",
            key="--outcome",
        )
    types = {column.name: roles.outcome_type(column) for column in columns}
    return Guess("outcomes", flow_mapping(types), f"{why}; 0 and 1 are binary, amounts are money"), types


def _check_outcome(column: ColumnFacts, treatment: str) -> None:
    if column.name == treatment:
        raise LabError(f"'{column.name}' is the treatment.", "An outcome is another column.", key="--outcome")
    if not column.is_number:
        raise LabError(
            f"The outcome '{column.name}' does not hold numbers.",
            "Write 1 and 0, or amounts.",
            key="--outcome",
        )
    if roles.is_unwanted(column.plain_name):
        raise LabError(
            f"'{column.name}' seems to count what you want less of, and a model would make it larger.",
            "Provide a column that counts the good: 1 for who stayed.",
            key="--outcome",
        )


def _left_out(
    table: pa.Table, others: Sequence[ColumnFacts], found: _Found
) -> tuple[list[LeftOut], list[Suspicion]]:
    """Columns that are no features, and those among the rest that differ between the arms."""
    excluded = {column.name: why for column in others if (why := _no_feature(column))}
    rest = [column.name for column in others if column.name not in excluded]
    differing = differing_columns(table, rest, found.treatment.value)
    copies = outcome_copies(table, rest, list(found.types))
    late = copies if _not_randomised(differing, rest) else [*differing, *copies]
    for suspicion in late:
        excluded.setdefault(suspicion.column, f"{suspicion.why}, so it comes after treatment")
    names = [column.name for column in others]
    return [LeftOut(name, excluded[name]) for name in names if name in excluded], differing


def _no_feature(column: ColumnFacts) -> str | None:
    if roles.comes_after(column):
        return "its name says that it was measured after treatment"
    if column.distinct < 2 and not (column.distinct == 1 and column.missing):
        return "it has one value only"
    if column.looks_like_id:
        return "it names customers, and says nothing about others"
    return "it is free text" if column.is_prose else None


def _not_randomised(differing: Sequence[Suspicion], names: Sequence[str]) -> bool:
    """Whether so many columns differ that the arms rather than the columns are to blame."""
    return len(differing) >= 3 and len(differing) > len(names) / 2


def _propensity(differing: Sequence[Suspicion], others: Sequence[ColumnFacts]) -> Guess:
    names = [column.name for column in others if _no_feature(column) is None]
    if _not_randomised(differing, names):
        return Guess(
            "propensity",
            "estimate",
            f"the arms differ in {len(differing)} of {len(names)} columns, so they were not drawn at random: "
            "results will be assumptions rather than evidence",
        )
    return Guess("propensity", "randomised", "the arms agree in what was known before")


def _text(path: str, found: _Found, propensity: Guess, excluded: Sequence[LeftOut]) -> str:
    treatment = (
        f"treatment: {{column: {scalar(found.treatment.value)}, control: {scalar(found.control.value)}}}"
    )
    treated_why = f"Who got what: {found.treatment.why}. Control: {found.control.why}."
    lines = [
        "# Who reacts because of an offer. Written by `lab new`: every guess says why.",
        "kind: uplift",
        commented(f"table: {scalar(path)}", "The file, relative to the project; one row a customer."),
        commented(f"id: {_nullable(found.id.value)}", f"Who the customer is: {found.id.why}."),
        commented(treatment, treated_why),
        commented(f"propensity: {propensity.value}", f"How arms were assigned: {propensity.why}."),
        commented(
            f"outcomes: {found.outcomes.value}", f"What customers did afterwards: {found.outcomes.why}."
        ),
        commented(f"primary: {scalar(found.primary.value)}", f"What the model learns: {found.primary.why}."),
        commented(f"time: {_nullable(found.time.value)}", f"When: {found.time.why}."),
        "# Columns that are no features, since they come after treatment or say nothing"
        + (":" if excluded else ": none was found."),
        *[f"#   {scalar(column.column)}: {column.why}" for column in excluded],
        f"exclude: {flow_list([column.column for column in excluded])}",
        "# To judge in money, name one outcome, what a unit of it is worth, and what each arm costs, as in",
        f"# {{outcome: {scalar(found.primary.value)}, per_unit: 20, cost: {{ARM: 0.1}}}}",
        "value: null",
    ]
    return "\n".join(lines) + "\n"


def _nullable(value: str) -> str:
    return value if value == "null" else scalar(value)
