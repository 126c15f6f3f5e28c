"""The roles that columns have in every test: who, in which arm, what is control, which outcome decides."""

from collections.abc import Iterable

import pyarrow as pa

from retention_lab.errors import LabError, did_you_mean
from retention_lab.workflows import column_roles as roles
from retention_lab.workflows.column_roles import ColumnFacts
from retention_lab.workflows.definition_draft import Answers, Guess

SAID = "you said so"


def find_column(facts: dict[str, ColumnFacts], name: str, option: str) -> ColumnFacts:
    """The column that an option names; LabError with the nearest name where there is none."""
    if name not in facts:
        raise LabError(f"There is no column '{name}' for {option}.", did_you_mean(name, facts), key=option)
    return facts[name]


def guess_id(facts: dict[str, ColumnFacts], said: str | None, taken: Iterable[str] = ()) -> Guess:
    """The column that identifies a row, or `null` where rows go by what they hold."""
    if said is not None:
        column = find_column(facts, said, "--id")
        if column.missing or column.distinct < column.rows:
            raise LabError(
                f"The column '{said}' does not identify rows: {column.missing} rows have none, and "
                f"{column.rows - column.missing - column.distinct} repeat an earlier one.",
                "Keep one row for each customer, or name another column.",
                key="--id",
            )
        return Guess("id", said, SAID)
    column_or_none = roles.id_column([facts[name] for name in facts if name not in set(taken)])
    if column_or_none is None:
        return Guess("id", "null", "no column names every row once, so what a row holds does")
    return Guess("id", column_or_none.name, "its name or its type says so, and it never repeats")


def guess_treatment(facts: dict[str, ColumnFacts], answers: Answers) -> Guess:
    """The column that says who was in which arm. Raises LabError where none looks like it, or it has too many
    values or one."""
    if answers.treatment is not None:
        column, why = find_column(facts, answers.treatment, "--treatment"), SAID
    else:
        open_columns = [c for c in facts.values() if c.name not in {answers.id, *answers.outcomes}]
        candidates = roles.treatment_candidates(open_columns)
        if not candidates:
            few = [c.name for c in open_columns if 2 <= c.distinct <= roles.MOST_ARMS and not c.missing]
            raise LabError(
                "No column looks like the arms of a test.",
                f"Name it: --treatment COLUMN. With few values: {', '.join(few) or 'none'}.",
                key="--treatment",
            )
        column, why = candidates[0], "its name or its values say so"
    if column.distinct < 2:
        raise LabError(
            f"The column '{column.name}' has {column.distinct} value, so there is nothing to compare.",
            "Name the column that tells who got what: --treatment COLUMN.",
            key="--treatment",
        )
    if column.distinct > roles.MOST_ARMS:
        raise LabError(
            f"The column '{column.name}' has {column.distinct} values, too many to be the arms of a test.",
            "Name the column that tells who got what: --treatment COLUMN.",
            key="--treatment",
        )
    return Guess("treatment.column", column.name, f"{why}; {column.distinct} arms")


def guess_control(column: ColumnFacts, answers: Answers) -> Guess:
    """The arm that got no offer. Raises LabError where no row has it, or no arm is named like one."""
    arms = column.labels()
    if answers.control is not None:
        if answers.control not in arms:
            raise LabError(
                f"No row has '{answers.control}' in '{column.name}'.",
                did_you_mean(answers.control, arms),
                key="--control",
            )
        return Guess("treatment.control", answers.control, SAID)
    found = roles.control_value(arms)
    if found is None:
        raise LabError(
            f"None of the arms in '{column.name}' is named like a control.",
            f"Name the one that got no offer: --control VALUE. There are: {', '.join(arms)}.",
            key="--control",
        )
    return Guess("treatment.control", found, "its name says that these got no offer")


def guess_primary(facts: dict[str, ColumnFacts], types: dict[str, str], answers: Answers) -> Guess:
    """The outcome that decides, of several with their types."""
    if answers.outcomes:
        return Guess("primary", answers.outcomes[0], "you named it first")
    if len(types) == 1:
        return Guess("primary", next(iter(types)), "it is the only outcome")
    binary = [name for name, kind in types.items() if kind == "binary"]
    if binary:
        return Guess(
            "primary",
            max(binary, key=lambda name: _share(facts[name])),
            "of the yes-or-no outcomes the most frequent: it shows most with few rows",
        )
    return Guess("primary", next(iter(types)), "it is the first outcome of the file")


def _share(column: ColumnFacts) -> float:
    ones = column.values.cast(pa.int64()).to_numpy()
    return float(ones.mean())
