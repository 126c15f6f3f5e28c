import json
from pathlib import Path

import pytest

from retention_lab.cli import run
from retention_lab.config.loading import read_project
from retention_lab.errors import LabError
from retention_lab.workflows.check_data import check_data
from retention_lab.workflows.project import Lab


def lab(folder: Path, **tables: str) -> Lab:
    (folder / "lab.yaml").write_text("name: shop\nmargin_share: 0.3\n")
    (folder / "data").mkdir()
    for name, content in tables.items():
        (folder / "data" / f"{name}.csv").write_text(content)
    return Lab(read_project(folder))


CUSTOMERS = "customer_id,signup_at\na,2026-01-01\nb,2026-01-01\n"


def test_counts_and_checks_the_tables_of_a_project(tmp_path: Path) -> None:
    found = check_data(lab(tmp_path, customers=CUSTOMERS)).as_json()
    assert found["tables"]["customers"]["rows"] == 2
    assert {check["name"] for check in found["checks"]} >= {"customers.unique", "customers.consent"}


def test_a_project_without_tables_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="lab data import customers FILE"):
        check_data(lab(tmp_path))


def test_the_command_answers_no_where_a_hard_check_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab(tmp_path, customers=CUSTOMERS + "a,2026-02-02\n")
    assert run(["data", "check", "--project", str(tmp_path), "--json"]) == 1
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["tables"]["customers"]["duplicates"] == 1
    assert run(["data", "check", "--project", str(tmp_path)]) == 1
    assert "✗ customers.unique (hard)" in capsys.readouterr().out


def test_the_commands_import_and_profile_speak_json_and_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab(tmp_path)
    file = tmp_path / "people.csv"
    file.write_text("Nr,signup_at\na,2026-01-01\nb,soon\n")
    words = ["data", "import", "customers", str(file), "--map", "customer_id=Nr", "--project", str(tmp_path)]
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["refused"] == {"signup_at is no time": 1}
    assert run([*words, "--replace"]) == 0
    assert "1 rows refused: signup_at is no time" in capsys.readouterr().out
    assert run([*words]) == 3
    assert run([*words, "--append", "--replace"]) == 2
    assert run([*words, "--map", "nonsense"]) == 2
    capsys.readouterr()
    assert run(["data", "profile", str(file), "--json"]) == 0
    columns = json.loads(capsys.readouterr().out)["result"]["columns"]
    assert [column["name"] for column in columns] == ["Nr", "signup_at"]
    assert run(["data", "profile", str(file)]) == 0
    assert "2 rows, 2 columns" in capsys.readouterr().out
