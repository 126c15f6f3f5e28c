from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest

from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.loading import read_definition
from retention_lab.config.project import Project
from retention_lab.errors import LabError, UsageError
from retention_lab.workflows.check_experiment import check_experiment
from retention_lab.workflows.new_definition import Answers, NewDefinition, new_definition
from retention_lab.workflows.project import Lab
from tests.config.labs import lab_in
from tests.workflows.abtest_labs import players
from tests.workflows.conftest import silent
from tests.workflows.flat_files import write_german_csv

GIVEN: dict[str, object] = {"treatment": "gate", "control": "30", "id": "player"}


def new_abtest(project: Project, file: Path, **answers: object) -> tuple[NewDefinition, AbTestDefinition]:
    report = new_definition(project, "abtest", "gate", file, Answers(**answers))  # type: ignore[arg-type]
    definition = read_definition(project, "gate")
    assert isinstance(definition, AbTestDefinition)
    return report, definition


def written(folder: Path, table: pa.Table) -> Path:
    pa_csv.write_csv(table, folder / "players.csv")
    return folder / "players.csv"


def by_key(report: NewDefinition) -> dict[str, tuple[str, str]]:
    return {guess.key: (guess.value, guess.why) for guess in report.guesses}


def test_a_file_with_plain_names_needs_no_answers(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    report, definition = new_abtest(project, write_german_csv(tmp_path / "kunden.csv"))
    assert (definition.unit, definition.arm, definition.control) == ("Kundennr", "Gruppe", "0")
    assert definition.planned_shares == {"0": 0.5, "1": 0.5}
    kinds = {metric.name: (metric.type, metric.role) for metric in definition.metrics}
    assert kinds == {"Gekauft": ("proportion", "primary"), "Umsatz": ("mean", "secondary")}
    spend = definition.metrics[1]
    assert spend.type == "mean"
    assert (spend.winsorise, spend.covariates) == (0.999, ("Umsatz_Vorjahr",))
    assert definition.analysis.sequential == "fixed"
    assert {left.column for left in report.excluded} == {"Alter", "Stadt", "Seiten"}
    assert report.next_command == "lab experiment check gate"
    assert check_experiment(Lab(project), "gate", say=silent).trust.trustworthy


def test_every_guess_stands_in_the_definition_with_its_reason(tmp_path: Path) -> None:
    report, _ = new_abtest(lab_in(tmp_path), written(tmp_path, players()), **GIVEN)
    text = " ".join((tmp_path / "experiments/gate.yaml").read_text().replace("#", " ").split())
    text = text.replace("- ", "-")  # words with hyphens are broken over lines
    for guess in report.guesses:
        assert guess.why in text, guess
    assert "name columns in `segments`: country" in text


def test_times_make_a_test_that_is_read_while_it_runs(tmp_path: Path) -> None:
    table = players().rename_columns(
        ["player", "gate", "assigned_at", "country", "spend_before", "kept", "spend"]
    )
    _, definition = new_abtest(lab_in(tmp_path), written(tmp_path, table), **GIVEN)
    assert definition.exposed_at == "assigned_at"
    assert definition.analysis.sequential == "always_valid"


def test_without_a_name_that_says_so_all_numbers_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rounds = rng.geometric(0.05, 2_000).astype(float)
    rounds[7] = 50_000
    table = pa.table(
        {
            "userid": np.arange(2_000),
            "version": np.where(np.arange(2_000) % 2, "gate_40", "gate_30"),
            "sum_gamerounds": rounds.astype(int),
            "retention_7": rng.random(2_000) < 0.2,
        }
    )
    report, definition = new_abtest(lab_in(tmp_path), written(tmp_path, table), control="gate_30")
    rounds_metric, kept = definition.metrics
    assert (rounds_metric.type, rounds_metric.winsorise) == ("mean", 0.999)  # type: ignore[union-attr]
    assert (kept.type, kept.role) == ("proportion", "primary")
    assert "take out what was known before" in by_key(report)["metrics"][1]


def test_what_one_wants_less_of_becomes_a_guardrail(tmp_path: Path) -> None:
    table = players().append_column("complaints", pa.array(np.arange(4_000) % 10 == 0))
    _, definition = new_abtest(lab_in(tmp_path), written(tmp_path, table), **GIVEN)
    guard = next(metric for metric in definition.metrics if metric.name == "complaints")
    assert (guard.role, guard.better) == ("guardrail", "lower")


def test_arms_of_unequal_size_are_not_taken_as_planned(tmp_path: Path) -> None:
    table = players()
    table = table.filter(
        pa.array([gate == 30 or i % 3 > 0 for i, gate in enumerate(table["gate"].to_pylist())])
    )
    report, definition = new_abtest(lab_in(tmp_path), written(tmp_path, table), **GIVEN)
    assert definition.planned_shares is None
    assert "fit no equal split" in by_key(report)["planned_shares"][1]


def test_a_column_in_which_arms_differ_is_no_covariate(tmp_path: Path) -> None:
    table = players()
    shifted = np.asarray(table["spend_before"].to_numpy()) + 5 * (np.asarray(table["gate"]) == 40)
    table = table.set_column(4, "spend_before", pa.array(shifted))
    report, definition = new_abtest(lab_in(tmp_path), written(tmp_path, table), **GIVEN)
    assert all(not getattr(metric, "covariates", ()) for metric in definition.metrics)
    left = {one.column: one.why for one in report.excluded}
    assert "so it was not known before" in left["spend_before"]


@pytest.mark.parametrize(
    ("drop", "answers", "words"),
    [
        ([], {"treatment": None}, "No column looks like the arms of a test"),
        ([], {"control": None}, "None of the arms in 'gate' is named like a control"),
        ([], {"outcomes": ("country",)}, "holds no numbers"),
        ([], {"outcomes": ("kpt",)}, "Did you mean 'kept'"),
        ([], {"id": "country"}, "does not identify rows"),
        (["kept", "spend", "spend_before"], {}, "No column of numbers is left"),
    ],
)
def test_what_cannot_be_guessed_is_refused_and_nothing_is_written(
    tmp_path: Path, drop: list[str], answers: dict[str, object], words: str
) -> None:
    project, file = lab_in(tmp_path), written(tmp_path, players().drop_columns(drop))
    with pytest.raises(LabError, match=words):
        new_abtest(project, file, **(GIVEN | answers))
    assert not (tmp_path / "experiments").exists()


def test_without_ids_every_row_is_a_unit(tmp_path: Path) -> None:
    project, file = lab_in(tmp_path), written(tmp_path, players().drop_columns(["player"]))
    report, definition = new_abtest(project, file, **(GIVEN | {"id": None}))
    assert definition.unit is None
    assert "every row counts as a unit" in by_key(report)["unit"][1]
    assert check_experiment(Lab(project), "gate", say=silent).units == {"30": 2_000, "40": 2_000}


def test_options_of_campaigns_say_nothing_about_a_test(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--cost says nothing"):
        new_abtest(lab_in(tmp_path), written(tmp_path, players()), cost=1.0)
