from pathlib import Path

import pytest

from retention_lab.errors import LabError
from retention_lab.workflows.flat_rows import read_flat_rows
from tests.config.labs import lab_in
from tests.shared_data import shared_file
from tests.workflows.drafted import csv, new_uplift, rows_of
from tests.workflows.flat_files import write_german_csv


def test_a_german_shops_csv_is_understood_without_a_word(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    report, definition = new_uplift(project, write_german_csv(tmp_path / "kunden.csv"))
    assert definition.table == "kunden.csv"
    assert definition.id == "Kundennr"
    assert definition.treatment is not None
    assert (definition.treatment.column, definition.treatment.control) == ("Gruppe", "0")
    assert definition.outcomes == {"Gekauft": "binary", "Umsatz": "money"}
    assert definition.primary == "Gekauft"
    assert definition.exclude == ("Seiten",)  # counted after the mail: it differs between the arms
    assert [left.column for left in report.excluded] == ["Seiten"]
    assert "differs between the arms" in report.excluded[0].why
    rows = read_flat_rows(project, definition)
    assert rows.table.column_names == ["Alter", "Umsatz_Vorjahr", "Stadt"]


def test_every_guess_is_told_and_written_with_its_reason(tmp_path: Path) -> None:
    report, _ = new_uplift(lab_in(tmp_path), write_german_csv(tmp_path / "kunden.csv"))
    text = report.path.read_text(encoding="utf-8")
    assert {guess.key for guess in report.guesses} >= {
        "id",
        "treatment.column",
        "treatment.control",
        "outcomes",
        "primary",
    }
    assert all(guess.why for guess in report.guesses)
    assert "Seiten: it differs between the arms" in text
    assert report.as_json()["guesses"][0] == {"key": "id", "value": "Kundennr", "why": report.guesses[0].why}


def test_hillstrom_is_guessed_as_the_repository_defines_it(tmp_path: Path) -> None:
    file = shared_file("hillstrom/hillstrom.csv.gz")
    report, definition = new_uplift(lab_in(tmp_path), file)
    assert definition.treatment is not None
    assert (definition.treatment.column, definition.treatment.control) == ("segment", "No E-Mail")
    assert definition.outcomes == {"visit": "binary", "conversion": "binary", "spend": "money"}
    assert (definition.primary, definition.id, definition.exclude) == ("visit", None, ())
    assert definition.propensity == "randomised"
    assert report.excluded == ()


def test_what_the_user_says_wins(tmp_path: Path) -> None:
    file = write_german_csv(tmp_path / "kunden.csv")
    report, definition = new_uplift(
        lab_in(tmp_path), file, treatment="Gruppe", control="1", outcomes=("Umsatz",), id="Kundennr"
    )
    assert definition.treatment is not None
    assert definition.treatment.control == "1"
    assert definition.outcomes == {"Umsatz": "money"}
    assert "Gekauft" in definition.exclude  # an outcome that was not chosen is no feature either
    assert {guess.key: guess.why for guess in report.guesses}["id"] == "you said so"


def test_a_copy_of_the_outcome_is_left_out(tmp_path: Path) -> None:
    text = rows_of("treatment,visit,basket,level,age", "{arm},{seven},1{seven},x{seven},{i}", 400)
    _, definition = new_uplift(lab_in(tmp_path), csv(tmp_path, text), outcomes=("visit",))
    assert definition.exclude == ("basket", "level")


@pytest.mark.parametrize("name", ["clicked", "opened_mail", "pages_after", "Klicks_danach", "churned"])
def test_a_name_that_speaks_of_afterwards_is_believed(tmp_path: Path, name: str) -> None:
    text = rows_of(f"arm,conversion,age,{name}", "{arm},{seven},{i},{seven}")
    text = text.replace(",6,", ",1,")
    _, definition = new_uplift(lab_in(tmp_path), csv(tmp_path, text), outcomes=("conversion",))
    assert name in definition.exclude


@pytest.mark.parametrize("name", ["past_orders", "orders_365", "revenue_last_year", "Umsatz_Vorjahr"])
def test_a_name_that_speaks_of_before_stays_a_feature(tmp_path: Path, name: str) -> None:
    text = rows_of(f"arm,conversion,age,{name}", "{arm},{arm},{i},{seven}")
    _, definition = new_uplift(lab_in(tmp_path), csv(tmp_path, text), outcomes=("conversion",))
    assert definition.exclude == ()
    assert list(definition.outcomes) == ["conversion"]


def test_arms_that_differ_in_most_columns_were_not_drawn_at_random(tmp_path: Path) -> None:
    columns = "arm,conversion,age,tenure,orders_90"
    lines = [
        f"{i % 2},{int(i % 5 == 0)},{i % 50 + 30 * (i % 2)},{i % 30 + 20 * (i % 2)},{i % 9 + 5 * (i % 2)}"
        for i in range(600)
    ]
    report, definition = new_uplift(lab_in(tmp_path), csv(tmp_path, "\n".join([columns, *lines])))
    assert definition.propensity == "estimate"
    assert definition.exclude == ()  # these are what an estimate needs, not what came after
    assert "not drawn at random" in {guess.key: guess.why for guess in report.guesses}["propensity"]


def test_an_assignment_date_orders_the_rows_and_a_birthday_does_not(tmp_path: Path) -> None:
    columns = "arm,conversion,age,birthday,assigned_at"
    lines = [
        f"{i % 2},{int(i % 5 == 0)},{i % 50},1980-01-{i % 28 + 1:02d},2026-03-{i % 28 + 1:02d}"
        for i in range(600)
    ]
    _, definition = new_uplift(lab_in(tmp_path), csv(tmp_path, "\n".join([columns, *lines])))
    assert definition.time == "assigned_at"


@pytest.mark.parametrize(
    ("text", "answers", "key", "message"),
    [
        (rows_of("age,spend", "{i},{seven}"), {}, "--treatment", "No column looks like the arms"),
        (rows_of("arm,spend", "{arm}{i},{seven}"), {"treatment": "arm"}, "--treatment", "too many"),
        (rows_of("arm,spend", "1,{seven}"), {"treatment": "arm"}, "--treatment", "nothing to compare"),
        (rows_of("arm,spend", "a{arm},{seven}"), {}, "--control", "There are: a0, a1"),
        (rows_of("arm,spend", "{arm},{seven}"), {"control": "2"}, "--control", "No row has '2'"),
        (rows_of("arm,age", "{arm},{i}"), {}, "--outcome", "Columns of numbers: age"),
        (rows_of("arm,age", "{arm},{i}"), {"outcomes": ("aeg",)}, "--outcome", "Did you mean 'age'"),
        (
            rows_of("arm,city", "{arm},x{seven}"),
            {"outcomes": ("city",)},
            "--outcome",
            "does not hold numbers",
        ),
        (rows_of("arm,churned", "{arm},{arm}"), {"outcomes": ("churned",)}, "--outcome", "less of"),
        (rows_of("arm,y,c", "{arm},{arm},{seven}"), {"id": "c"}, "--id", "repeat an earlier one"),
        (rows_of("arm,y,c", "{arm},{arm},{seven}"), {"treatment": "am"}, "--treatment", "Did you mean 'arm'"),
        (rows_of("arm,y", "{arm},{seven}"), {}, None, "No column is left"),
    ],
)
def test_what_cannot_be_guessed_is_asked_for_and_nothing_is_written(
    tmp_path: Path, text: str, answers: dict[str, object], key: str | None, message: str
) -> None:
    project = lab_in(tmp_path)
    with pytest.raises(LabError) as caught:
        new_uplift(project, csv(tmp_path, text), **answers)
    assert caught.value.key == key
    assert message in str(caught.value)
    assert not (tmp_path / "experiments" / "mail.yaml").exists()


def test_names_and_values_that_yaml_would_misread_are_quoted(tmp_path: Path) -> None:
    columns = '"group: x","no","y","a #1"'
    lines = [f"{('off', 'on')[i % 2]},{i % 7},{i % 2},{i % 3}" for i in range(50)]
    _, definition = new_uplift(
        lab_in(tmp_path),
        csv(tmp_path, "\n".join([columns, *lines])),
        treatment="group: x", control="off", outcomes=("no",),
    )  # fmt: skip
    assert definition.treatment is not None
    assert (definition.treatment.column, definition.treatment.control) == ("group: x", "off")
    assert definition.outcomes == {"no": "number"}
