"""The JSON of the commands about projects, tables and the store, by the contract's names."""

from pathlib import Path

import pytest

from retention_lab.config.loading import PROJECT_FILE
from retention_lab.workflows import doctor
from tests.cli.running import lab_json
from tests.workflows.flat_files import write_german_csv

CHECK = {"name", "severity", "passed", "value", "threshold", "detail"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents") / "lab"


def result(capsys: pytest.CaptureFixture[str], command: str, *words: str, code: int = 0) -> dict:
    found, document = lab_json(capsys, *command.split(), *words)
    assert found == code, document
    assert document["command"] == command
    return document["result"]


def test_from_init_to_the_store_every_command_answers_by_the_contract(
    lab: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--project", str(lab))
    made = result(capsys, "init", str(lab))
    assert made["folder"] == str(lab)
    assert str(lab / PROJECT_FILE) in made["files"]

    simulated = result(capsys, "data simulate", "--customers", "500", "--seed", "3", *here)
    assert (simulated["customers"], simulated["seed"]) == (500, 3)
    assert simulated["tables"]["customers"] >= 500

    quality = result(capsys, "data check", *here)
    assert {"rows", "without_customer", "duplicates"} <= set(quality["tables"]["transactions"])
    assert all(set(check) == CHECK for check in quality["checks"])

    columns = result(capsys, "customers columns", *here)["rows"]
    assert {"column", "type", "meaning", "customers"} <= set(columns[0])
    assert {"lifecycle", "recency_days"} <= {row["column"] for row in columns}

    validated = result(capsys, "validate", "churn", *here)
    assert [one["name"] for one in validated["definitions"]] == ["churn"]
    assert set(validated) == {"definitions", "checks"}

    file = write_german_csv(tmp_path / "kunden.csv", 800)
    profile = result(capsys, "data profile", str(file))
    assert (profile["rows"], len(profile["columns"])) == (800, 8)
    drafted = result(capsys, "new", "uplift", "mail", "--table", str(file), *here)
    assert {"file", "guesses", "excluded"} <= set(drafted) | {"file"}
    assert "Seiten" in str(drafted)

    feedback = tmp_path / "feedback.csv"
    feedback.write_text("customer_id,at,text\nc1,2025-01-01,good\n,2025-01-02,bad\n")
    imported = result(capsys, "data import", "feedback", str(feedback), "--replace", *here)
    assert (imported["rows_read"], imported["rows_written"], imported["rows_refused"]) == (2, 1, 1)
    assert Path(imported["refused_file"]).is_file()

    store = result(capsys, "store doctor", *here)
    assert store["passed"]
    assert {"address", "runs", "versions", "checks"} <= set(store)
    assert result(capsys, "store reap", *here)["closed"] == []
    assert result(capsys, "store relocate", *here) == {"changed": 0}
    examined = result(capsys, "doctor", *here)
    assert examined["passed"]
    assert all(set(check) == CHECK for check in examined["checks"])
    assert {"python", "mlflow", "project", "tables", "store", "integrity"} <= {
        check["name"] for check in examined["checks"]
    }


def test_doctor_says_that_there_is_no_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = result(capsys, "doctor", "--project", str(tmp_path), code=1)
    place = next(check for check in found["checks"] if check["name"] == "project")
    assert place["passed"] is False
    assert "lab init" in place["detail"]


def test_doctor_says_that_the_store_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result(capsys, "init", str(tmp_path))
    (tmp_path / "mlruns/mlflow.db").write_bytes(b"no database" * 500)
    found = result(capsys, "doctor", "--project", str(tmp_path), code=1)
    assert next(check for check in found["checks"] if check["name"] == "store")["passed"] is False
    code, document = lab_json(capsys, "store", "doctor", "--project", str(tmp_path))
    assert (code, document["error"]["kind"]) == (4, "store")


@pytest.mark.parametrize(
    ("packages", "said"),
    [({"no-such-package": "x"}, "not installed"), ({"mlflow": "no_such_module"}, "cannot be loaded")],
    ids=["not_installed", "damaged"],
)
def test_doctor_names_a_package_that_is_missing(
    packages: dict[str, str], said: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(doctor, "PACKAGES", packages)
    found = result(capsys, "doctor", "--project", str(tmp_path), code=1)
    assert [check["name"] for check in found["checks"]] == ["python", *packages]
    assert said in found["checks"][-1]["detail"]
