import pyarrow as pa
import pytest

from retention_lab.workflows.column_roles import (
    ColumnFacts,
    column_facts,
    comes_after,
    control_value,
    id_column,
    is_outcome,
    outcome_type,
    treatment_candidates,
)


def column(name: str, values: list[object]) -> ColumnFacts:
    return column_facts(pa.table({name: values}))[name]


@pytest.mark.parametrize(
    ("values", "control"),
    [
        (["control", "treatment"], "control"),
        (["Mens E-Mail", "No E-Mail", "Womens E-Mail"], "No E-Mail"),
        (["0", "1"], "0"),
        (["false", "true"], "false"),
        (["Holdout", "coupon", "none of it"], "Holdout"),
        (["Kontrollgruppe", "Testgruppe"], "Kontrollgruppe"),
        (["coupon", "none"], "none"),
        (["对照", "优惠券"], "对照"),
        (["a", "b"], None),
        (["no coupon", "no mail"], None),  # two that could be: the user has to say
    ],
)
def test_the_control_is_the_arm_named_so(values: list[str], control: str | None) -> None:
    assert control_value(values) == control


@pytest.mark.parametrize(
    "name", ["treatment", "Treated", "arm", "variant", "test-group", "testGroup", "Gruppe", "segment"]
)
def test_a_column_named_like_arms_may_hold_them(name: str) -> None:
    assert treatment_candidates([column(name, [0, 1] * 5)])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("age", [0, 1] * 5),  # not named so
        ("group", [0, 1, None] * 5),  # nobody knows what some got
        ("group", list(range(20))),  # too many
        ("group", [1] * 5),  # too few
    ],
)
def test_other_columns_may_not(name: str, values: list[object]) -> None:
    assert treatment_candidates([column(name, values)]) == []


def test_a_value_named_control_speaks_for_a_column_of_any_name() -> None:
    columns = [column("xyz", ["control", "b"] * 5), column("owns_car", ["yes", "no"] * 5)]
    assert [candidate.name for candidate in treatment_candidates(columns)] == ["xyz"]


def test_the_better_name_comes_first() -> None:
    columns = [column("history_segment", ["a", "b"] * 5), column("segment", ["No E-Mail", "Mail"] * 5)]
    assert treatment_candidates(columns)[0].name == "segment"


@pytest.mark.parametrize("name", ["visit", "Converted", "Umsatz", "gekauft", "spend", "y", "retained"])
def test_results_are_known_by_name(name: str) -> None:
    assert is_outcome(column(name, [0, 1, 2]))


@pytest.mark.parametrize(
    "name", ["churn", "past_orders", "orders_90", "age", "Umsatz_Vorjahr", "unsubscribed"]
)
def test_what_is_older_or_unwanted_is_no_outcome(name: str) -> None:
    assert not is_outcome(column(name, [0, 1, 2]))


@pytest.mark.parametrize(
    ("name", "late"), [("clicked", True), ("opens_before", False), ("nach_kauf", True), ("age", False)]
)
def test_a_name_tells_when_it_was_measured(name: str, late: bool) -> None:
    assert comes_after(column(name, [0, 1, 2])) is late


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("visit", [0, 1, 1], "binary"),
        ("visit", [False, True, True], "binary"),
        ("spend", [0.0, 1.5, 2.5], "money"),
        ("umsatz", [0, 10, 20], "money"),
        ("orders", [0, 1, 2], "number"),
    ],
)
def test_the_type_of_an_outcome_is_in_its_values(name: str, values: list[object], kind: str) -> None:
    assert outcome_type(column(name, values)) == kind


def test_an_id_names_every_row_once() -> None:
    facts = column_facts(
        pa.table(
            {
                "customer_id": [f"c{i // 2}" for i in range(100)],
                "score": [float(i) for i in range(100)],
                "email_hash": [f"h{i}" for i in range(100)],
            }
        )
    )
    found = id_column(list(facts.values()))
    assert found is not None
    assert found.name == "email_hash"
    assert facts["customer_id"].looks_like_id  # but it repeats
