"""How the command behaves in a shell: exit codes, streams, pipes, terminals, completion."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from retention_lab import cli
from retention_lab.cli import exit_codes, run
from retention_lab.errors import ConfigurationError, GateError, LabError, StoreError, UsageError
from tests.cli.running import BARE, lab_json, lab_process

CELL = "ada@example.org"


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (GateError("No.", "Wait."), 1, "gate"),
        (UsageError("No.", "Read."), 2, "usage"),
        (LabError("No.", "Mend."), 3, "data"),
        (ConfigurationError("No.", "Mend."), 3, "configuration"),
        (StoreError("No.", "Start it."), 4, "store"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (typer.Abort(), 130, "interrupted"),
        (ValueError(CELL), 70, "crash"),
        (PermissionError(13, "Permission denied", "orders.csv"), 3, "data"),
        (ModuleNotFoundError("No module named 'duckdb'", name="duckdb"), 3, "data"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_failure_has_its_code_and_says_what_to_do(
    error: BaseException, code: int, kind: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def app(**_: object) -> None:
        raise error

    registered = cli.app.registered_groups
    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(app, "registered_groups", registered, raising=False)
    assert run(["train", "x"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error: ")
    assert "Traceback" not in err
    assert run(["train", "x", "--json"]) == code
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["command"] == "train"
    assert set(document["error"]) == {"code", "kind", "message", "next", "file", "key"}
    assert (document["error"]["code"], document["error"]["kind"]) == (code, kind)
    assert document["error"]["next"]
    assert CELL not in out + err


def test_exit_codes_are_those_of_the_contract() -> None:
    assert (exit_codes.DONE, exit_codes.ANSWER_IS_NO, exit_codes.INTERRUPTED) == (0, 1, 130)
    assert [one.exit_code for one in (GateError, UsageError, LabError, StoreError)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("words", "found", "remedy"),
    [
        (["trian"], "Did you mean 'train'?", "lab --help"),
        (["campaign", "plam"], "Did you mean 'plan'", "lab campaign --help"),
        (["train"], "Missing argument 'names'", "lab train --help"),
        (["train", "x", "--foo"], "--foo", "lab train --help"),
        (["train", "x", "--as-of", "soon"], "--as-of", "lab train --help"),
        (["demo", "x", "--customers", "many"], "--customers", "lab demo --help"),
        (["ui", "--port", "0"], "--port", "lab ui --help"),
        (["data", "import", "orders", "f.csv", "--append", "--replace"], "exclude each other", "Choose one"),
        (["data", "import", "orders", "f.csv", "--map", "amount"], "--map amount", "--map amount=total_eur"),
    ],
    ids=lambda words: "-".join(words).replace(" ", "_") if isinstance(words, list) else "",
)
def test_words_that_make_no_command_are_refused_with_help(
    words: list[str], found: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = lab_json(capsys, *words)
    assert code == 2
    assert document["error"]["kind"] == "usage"
    assert found in document["error"]["message"]
    assert remedy in document["error"]["next"]


@pytest.mark.parametrize("words", [[], ["campaign"], ["data"]], ids=["lab", "campaign", "data"])
def test_a_command_without_words_shows_its_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert capsys.readouterr().err.startswith("Usage: lab")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == "lab 0.1.0\n"


@pytest.mark.parametrize("words", [["--debug", "train"], ["train", "--debug"]], ids=" ".join)
def test_debug_shows_the_traceback_wherever_it_stands(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)
    assert "Traceback" in capsys.readouterr().err


TABLE = (
    "from retention_lab.cli.show import output, progress, show, table\n"
    "heads = ['What it earns, in EUR', 'foretold before the launch', 'the truth']\n"
    "row = ['the best that perfect knowledge could do', '−12,345 [−23,456 to −1,234]', '−11,111']\n"
    "with progress() as say:\n"
    "    say('Working')\n"
    "table(output(), heads, [row] * 50, title='A table')\n"
)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    report = f"import retention_lab.cli as cli; cli.app = lambda **_: exec({TABLE * 20!r}, {{}}); cli.main()"
    for code in (report, "from retention_lab.cli import main; main(['--help'])"):
        found = subprocess.run(
            ["bash", "-c", '"$0" -c "$1" | true; echo ${PIPESTATUS[0]}', sys.executable, code],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (found.stdout, found.stderr) == ("0\n", "")


def test_a_pipe_gets_whole_lines_and_neither_colours_nor_progress(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", TABLE], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "COLUMNS": "40", "TERM": "xterm-256color"},
    )  # fmt: skip
    assert found.stderr == ""
    assert "\x1b" not in found.stdout
    assert len(found.stdout.splitlines()) == 52
    assert "the best that perfect knowledge could do  −12,345 [−23,456 to −1,234]" in found.stdout


def test_progress_does_not_mistake_a_file_for_a_terminal(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", TABLE], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "FORCE_COLOR": "1", "TERM": "xterm-256color"},
    )  # fmt: skip
    assert found.stderr == ""


def test_no_color_is_respected_on_a_terminal(tmp_path: Path) -> None:
    code = "from retention_lab.cli import main; main(['trian'])"
    assert "\x1b[1;31m" in on_terminal(code, tmp_path, {})
    assert "31m" not in on_terminal(code, tmp_path, {"NO_COLOR": "1"})


@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_nothing_is_cut_on_a_narrow_terminal(columns: int, tmp_path: Path) -> None:
    shown = on_terminal(TABLE, tmp_path, {"COLUMNS": str(columns), "NO_COLOR": "1"})
    assert "…" not in shown.replace("⠋ …", "")
    for word in (*["perfect", "knowledge", "−12,345", "−1,234]", "−11,111", "truth", "foretold"],):
        assert word in shown


def test_numbers_stay_on_one_line_where_the_first_column_can_give_way(tmp_path: Path) -> None:
    shown = on_terminal(TABLE, tmp_path, {"COLUMNS": "80", "NO_COLOR": "1"})
    assert "−12,345 [−23,456 to −1,234]" in shown


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("lab cam", ["campaign"]),
        ("lab campaign pl", ["plan"]),
        ("lab train wi", ["winback", "winback-uplift"]),
    ],
)
def test_the_shell_completes_commands_and_names(typed: str, expected: list[str], tmp_path: Path) -> None:
    assert run(["init", str(tmp_path)]) == 0
    asked = {
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
        "_LAB_COMPLETE": "complete_bash",
    }
    assert lab_process(cwd=tmp_path, environment=asked).stdout.split() == expected


def test_completion_loads_no_engine(tmp_path: Path) -> None:
    code = (
        "import sys, atexit\n"
        "heavy = ('mlflow', 'numpy', 'pandas', 'duckdb', 'pyarrow', 'sklearn')\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr))\n"
        f"{BARE}"
    )
    asked = {"COMP_WORDS": "lab train ", "COMP_CWORD": "2", "_LAB_COMPLETE": "complete_bash"}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, **asked},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stderr.strip() == "[]"


def on_terminal(code: str, cwd: Path, environment: dict[str, str]) -> str:
    """What a person would see: both streams on one pseudo-terminal."""
    ours, theirs = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**clean, "TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 65_536):
            chunks.append(chunk)
    except OSError:  # how a pseudo-terminal ends on Linux
        pass
    finally:
        os.close(ours)
    process.wait(30)
    return b"".join(chunks).decode()
