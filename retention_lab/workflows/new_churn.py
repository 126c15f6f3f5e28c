"""The draft of a churn definition for an unknown file: the label, the id, the clock, what could change."""

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from retention_lab.churn.reasons import OTHER, feature_groups
from retention_lab.errors import LabError
from retention_lab.workflows import column_roles as roles
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
)
from retention_lab.workflows.guessed_roles import SAID, find_column, guess_id

_LABEL = re.compile(
    r"^(churn|churned|churn_(label|flag|value)|is_churn|exited|left|attrition|attrition_flag|cancelled|canceled|"
    r"kuendigung|gekuendigt|gekündigt|abgewandert|流失|是否流失)$"
)
_YES = ("yes", "true", "1", "churned", "left", "exited", "attrited customer", "ja", "是")
_AFTERWARDS = re.compile(
    r"churn_(reason|category|score|value|label|date)|^(exit|cancel|end)_?(date|reason)|left_at"
)
_CLOCK = re.compile(
    r"^(tenure|tenure_(days|months|years)|months_(on_book|as_customer)|account_length|vertragsdauer)$"
)
_FIXED = re.compile(
    r"age|gender|sex|senior|birth|partner|dependents|dependent|married|marital|country|geography|region|state|"
    r"city|zip|tenure|since|length|education|income|total|surname|name"
)


def draft_churn(table: pa.Table, path: str, name: str, answers: Answers) -> Draft:
    """Guess what `answers` leaves open. path: as the definition is to name the file.

    Raises LabError where no column looks like a label of two values, and says which option names it.
    """
    facts = roles.column_facts(table)
    label = _label(facts, answers)
    positive = _positive(facts[label.value], answers)
    identity = guess_id(facts, answers.id, {label.value})
    others = [column for column in facts.values() if column.name not in {label.value, identity.value}]
    excluded = [LeftOut(column.name, why) for column in others if (why := _no_feature(column))]
    out = {left.column for left in excluded}
    features = [column for column in others if column.name not in out]
    if not features:
        raise LabError("No column is left to tell customers apart.", "Provide some from before they left.")
    clock = _clock(features)
    changeable = _changeable(features)
    guesses = (label, positive, identity, clock, changeable, _reasons(features))
    text = _text(path, guesses, excluded)
    return Draft(text, guesses, tuple(excluded), f"lab train {name}")


def _label(facts: dict[str, ColumnFacts], answers: Answers) -> Guess:
    if answers.outcomes:
        column = find_column(facts, answers.outcomes[0], "--outcome")
        why = SAID
    else:
        named = [column for column in facts.values() if _LABEL.search(column.plain_name)]
        if not named:
            two = [column.name for column in facts.values() if column.distinct == 2 and not column.missing]
            raise LabError(
                "No column is named like a label of who left.",
                f"Name it: --outcome COLUMN. With two values: {', '.join(two) or 'none'}.",
                key="--outcome",
            )
        column, why = named[0], "its name says so"
    if column.distinct != 2 or column.missing:
        raise LabError(
            f"The column '{column.name}' has {column.distinct} values and {column.missing} rows without one; "
            "a label has two, and everybody one of them.",
            "Name another column: --outcome COLUMN.",
            key="--outcome",
        )
    return Guess("label.column", column.name, why)


def _positive(column: ColumnFacts, answers: Answers) -> Guess:
    labels = column.labels()
    if answers.control is not None:
        stayed = [value for value in labels if value != answers.control]
        if len(stayed) == len(labels):
            raise LabError(
                f"No row has '{answers.control}' in '{column.name}'.",
                f"It has {', '.join(labels)}.",
                key="--control",
            )
        return Guess("label.positive", stayed[0], f"you said that '{answers.control}' means staying")
    found = next((value for value in labels if value.strip().lower() in _YES), None)
    if found is None:
        raise LabError(
            f"Which value of '{column.name}' means leaving cannot be told: {', '.join(labels)}.",
            "Name the one that means staying: --control VALUE.",
            key="--control",
        )
    return Guess("label.positive", found, "it says yes")


def _no_feature(column: ColumnFacts) -> str | None:
    if _AFTERWARDS.search(column.plain_name) or _LABEL.search(column.plain_name):
        return "its name says that it is known only once somebody has left"
    if column.distinct < 2 and not (column.distinct == 1 and column.missing):
        return "it has one value only"
    if column.looks_like_id:
        return "it names customers, and says nothing about others"
    return "it is free text" if column.is_prose else None


def _clock(features: Sequence[ColumnFacts]) -> Guess:
    found = [c for c in features if c.is_number and not c.missing and _CLOCK.search(c.plain_name)]
    if found:
        return Guess("duration", found[0].name, "its name says for how long somebody has been a customer")
    return Guess(
        "duration", "null", "no column says for how long somebody has been a customer: no survival curves"
    )


def _changeable(features: Iterable[ColumnFacts]) -> Guess:
    names = [column.name for column in features if not _FIXED.search(column.plain_name)]
    return Guess("changeable", flow_list(names), "an offer might change them; take out those that it cannot")


def _reasons(features: Sequence[ColumnFacts]) -> Guess:
    names = [column.name for column in features]
    known = {name: group for name, group in zip(names, feature_groups(names), strict=True) if group != OTHER}
    return Guess("reasons", flow_mapping(known), "words in their names; correct them, and add the others")


def _text(path: str, guesses: Sequence[Guess], excluded: Sequence[LeftOut]) -> str:
    label, positive, identity, clock, changeable, reasons = guesses
    said = f"label: {{column: {scalar(label.value)}, positive: {_quoted(positive.value)}}}"
    lines = [
        "# Who is about to leave. Written by `lab new`: every guess says why.",
        "kind: churn",
        commented(f"table: {scalar(path)}", "The file, relative to the project; one row a customer."),
        commented(f"id: {_nullable(identity.value)}", f"Who the customer is: {identity.why}."),
        commented(said, f"Who left: {label.why}. The value that means leaving: {positive.why}."),
        commented(f"duration: {_nullable(clock.value)}", f"The clock of `hazard`: {clock.why}."),
        "# Columns that are no features" + (":" if excluded else ": none was found."),
        *[f"#   {scalar(column.column)}: {column.why}" for column in excluded],
        f"exclude: {flow_list([column.column for column in excluded])}",
        commented(f"changeable: {changeable.value}", f"For counterfactuals: {changeable.why}."),
        commented(f"reasons: {reasons.value}", f"What features are evidence of: {reasons.why}."),
        "# What keeping a customer is worth and costs, in the project's currency: without it, models are",
        "# chosen by log loss and tiers go by chance alone. For example",
        "# {clv: 200, contact_cost: 1, incentive: 10, acceptance: 0.3}; clv may also come from a column:",
        "# {column: MonthlyCharges, times: 12}.",
        "profit: null",
    ]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    # Yes and No are text here, but other readers of YAML take them for booleans
    return f'"{value}"' if value.isalnum() else scalar(value)


def _nullable(value: str) -> str:
    return value if value == "null" else scalar(value)
