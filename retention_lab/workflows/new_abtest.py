"""The draft of an A/B test for an unknown file: who, in which arm, and what is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.abtest.sample_ratio import sample_ratio
from retention_lab.errors import LabError
from retention_lab.labels import label_text
from retention_lab.workflows import column_roles as roles
from retention_lab.workflows.after_treatment import differing_columns
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
from retention_lab.workflows.guessed_roles import (
    SAID,
    find_column,
    guess_control,
    guess_id,
    guess_primary,
    guess_treatment,
)

_CUT = 0.999  # quantile above which amounts are cut
_FAR = 10.0  # times that quantile: a value so far out moves a mean
_UNFIT = 0.001  # of the sample ratio: below it, equal shares were not what was planned
_MOST_COVARIATES = 3
_MOST_LEVELS = 10


@dataclass(frozen=True, slots=True)
class _Found:
    """What has been decided about the file. lines: the metrics, as the definition has them; segments: columns
    of few words, by which effects may be shown."""

    unit: Guess
    arm: Guess
    control: Guess
    shares: Guess
    exposed_at: Guess
    metrics: Guess
    primary: Guess
    covariates: Guess
    lines: tuple[str, ...]
    segments: tuple[str, ...]

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """In the order of the definition."""
        first = (self.unit, self.arm, self.control, self.shares, self.exposed_at)
        return (*first, self.metrics, self.primary, self.covariates)


def draft_abtest(table: pa.Table, path: str, name: str, answers: Answers) -> Draft:
    """Guess what `answers` leaves open.

    path: as the definition is to name the file. Raises LabError where a role cannot be guessed, and says
    which option answers it.
    """
    facts = roles.column_facts(table)
    arm = replace(guess_treatment(facts, answers), key="arm")
    control = replace(guess_control(facts[arm.value], answers), key="control")
    unit = _unit(facts, arm.value, answers)
    exposed_at = _exposed_at(facts, {arm.value, unit.value, *answers.outcomes})
    taken = {arm.value, unit.value, exposed_at.value}
    columns, why = _outcomes(facts, taken, answers)
    counted = [one.name for one in columns]
    earlier = _earlier(table, facts, {*taken, *counted}, arm.value)
    kept = [name for name, reason in earlier.items() if reason is None][:_MOST_COVARIATES]
    primary = _primary(facts, columns, answers)
    rest = [one for one in facts.values() if one.name not in {*taken, *counted, *kept}]
    found = _Found(
        unit,
        arm,
        control,
        _shares(table, arm.value, control.value),
        exposed_at,
        Guess("metrics", ", ".join(counted), why),
        primary,
        _covariates(kept),
        tuple(_metric(one, primary.value, kept) for one in columns),
        tuple(one.name for one in rest if one.is_text and 2 <= one.distinct <= _MOST_LEVELS),
    )
    left_out = tuple(LeftOut(one.name, earlier.get(one.name) or _unused(one)) for one in rest)
    return Draft(_text(path, found), found.guesses, left_out, f"lab experiment check {name}")


def _unit(facts: dict[str, ColumnFacts], arm: str, answers: Answers) -> Guess:
    found = guess_id(facts, answers.id, {arm, *answers.outcomes})
    if found.value == "null":
        return Guess("unit", "null", "no column names every row once, so every row counts as a unit")
    return replace(found, key="unit")


def _exposed_at(facts: dict[str, ColumnFacts], taken: set[str]) -> Guess:
    times = [one for one in facts.values() if one.name not in taken and roles.is_assignment_time(one)]
    if times:
        return Guess("exposed_at", times[0].name, "it says when units entered: results are shown day by day")
    return Guess("exposed_at", "null", "no column says when units entered, so the table is read once, whole")


def _outcomes(
    facts: dict[str, ColumnFacts], taken: set[str], answers: Answers
) -> tuple[list[ColumnFacts], str]:
    if answers.outcomes:
        columns = [find_column(facts, name, "--outcome") for name in answers.outcomes]
        for column in columns:
            if not column.is_number or column.name in taken:
                raise LabError(
                    f"The outcome '{column.name}' holds no numbers, or is the unit, the arm or the time.",
                    "Name a column of 1 and 0, or of amounts.",
                    key="--outcome",
                )
        return columns, SAID
    numbers = [
        one
        for one in facts.values()
        if one.is_number
        and one.distinct >= 2
        and one.name not in taken
        and not one.looks_like_id
        and not roles.is_earlier(one)
    ]
    if not numbers:
        raise LabError(
            "No column of numbers is left to be counted.",
            "Provide what units did in the test: 1 and 0, or amounts. Or name it: --outcome COLUMN.",
            key="--outcome",
        )
    named = [one for one in numbers if roles.is_outcome(one) or roles.is_unwanted(one.plain_name)]
    if any(roles.is_outcome(one) for one in named):
        return named, "their names say that they were measured in the test"
    return numbers, "none is named like an outcome, so all numbers are: take out what was known before"


def _primary(facts: dict[str, ColumnFacts], columns: Sequence[ColumnFacts], answers: Answers) -> Guess:
    good = [one for one in columns if not roles.is_unwanted(one.plain_name)] or list(columns)
    return guess_primary(facts, {one.name: roles.outcome_type(one) for one in good}, answers)


def _earlier(
    table: pa.Table, facts: dict[str, ColumnFacts], taken: set[str], arm: str
) -> dict[str, str | None]:
    """Numbers that are named as known before the test, and why one cannot have been."""
    names = [one.name for one in facts.values() if roles.is_earlier(one) and one.name not in taken]
    odd = {one.column: one.why for one in differing_columns(table, names, arm)}
    return {name: f"{odd[name]}, so it was not known before" if name in odd else None for name in names}


def _covariates(names: Sequence[str]) -> Guess:
    if not names:
        return Guess("covariates", "none", "no column is named as known before the test")
    return Guess("covariates", ", ".join(names), "known before the test, they make means more exact")


def _metric(column: ColumnFacts, primary: str, covariates: Sequence[str]) -> str:
    """One line of the list: its type by its values, and how it is cut."""
    kind = "proportion" if column.is_binary else "mean"
    found: dict[str, str | float] = {"name": column.name, "type": kind, "column": column.name}
    if kind == "mean" and _is_cut(column):
        found["winsorise"] = _CUT
    if column.name == primary:
        found["role"] = "primary"
    elif roles.is_unwanted(column.plain_name):
        found["role"] = "guardrail"
    if roles.is_unwanted(column.plain_name):
        found["better"] = "lower"
    text = flow_mapping(found)
    if kind == "mean" and covariates:
        text = f"{text[:-1]}, covariates: {flow_list(covariates)}}}"
    return f"  - {text}"


def _is_cut(column: ColumnFacts) -> bool:
    """Money, and counts of which one unit has far more than nearly all others."""
    if roles.outcome_type(column) == "money":
        return True
    values = np.asarray(column.values.drop_null().to_numpy(), dtype=np.float64)
    high = float(np.quantile(values, _CUT))
    return bool(high > 0 and values.max() > _FAR * high)


def _shares(table: pa.Table, arm: str, control: str) -> Guess:
    counts = {
        str(row["values"]): int(row["counts"])
        for row in pc.value_counts(label_text(table[arm]).combine_chunks()).to_pylist()
    }
    order = [control, *sorted(name for name in counts if name != control)]
    equal = dict.fromkeys(order, 1 / len(order))
    p_value = sample_ratio({name: counts[name] for name in order}, equal).p_value
    sizes = ", ".join(f"{name} {counts[name]:,}" for name in order)
    if p_value < _UNFIT:
        return Guess("planned_shares", "null", f"{sizes} fit no equal split: write what was meant")
    return Guess("planned_shares", flow_mapping(equal), f"equal ones fit {sizes} (p {p_value:.2g})")


def _unused(column: ColumnFacts) -> str:
    if column.distinct < 2:
        return "it has one value only"
    if column.looks_like_id:
        return "it names units, and counts nothing"
    if not column.is_number:
        return "it holds no numbers"
    return "its name does not say that it was measured in the test"


def _text(path: str, found: _Found) -> str:
    dated = found.exposed_at.value != "null"
    lines = [
        "# Which arm does better. Written by `lab new`: every guess says why.",
        "kind: abtest",
        commented(f"table: {scalar(path)}", "The file, relative to the project; one row a unit."),
        commented(f"unit: {_nullable(found.unit.value)}", f"Who was assigned: {found.unit.why}."),
        commented(f"arm: {scalar(found.arm.value)}", f"To what: {found.arm.why}."),
        commented(f"control: {scalar(found.control.value)}", f"Compared with: {found.control.why}."),
        commented(
            f"planned_shares: {found.shares.value}",
            f"How arms were to be filled; where they are not, units were lost: {found.shares.why}.",
        ),
        commented(
            f"exposed_at: {_nullable(found.exposed_at.value)}",
            f"When: {found.exposed_at.why}.",
        ),
        commented("window_days: null", "Days over which an outcome is counted, and for which a unit waits."),
        commented(
            "metrics:",
            f"What is counted: {found.metrics.why}. What decides: {found.primary.why}. Columns of 0 and 1 "
            "are shares, others means; of money the highest values are cut at a quantile, so that one large "
            "order decides nothing: take `winsorise` out to count every cent. Covariates: "
            f"{found.covariates.why}.",
        ),
        *found.lines,
    ]
    if found.segments:
        lines.append(f"# To see effects by group, name columns in `segments`: {', '.join(found.segments)}.")
    timing = (
        ("always_valid", "It may be looked at on any day.")
        if dated
        else ("fixed", "The table is complete, and is looked at once.")
    )
    lines.append(commented(f"analysis: {{sequential: {timing[0]}, segments: []}}", timing[1]))
    return "\n".join(lines) + "\n"


def _nullable(value: str) -> str:
    return value if value == "null" else scalar(value)
