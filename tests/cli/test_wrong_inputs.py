"""Wrong inputs are refused with exit code 3, a place and a next step, and change nothing."""

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from retention_lab.tracking.search import find_all_runs
from retention_lab.workflows.project import open_project
from retention_lab.workflows.scaffold import scaffold
from tests.cli.running import lab_json
from tests.root_rights import obeying_modes

MAIL = """\
kind: uplift
table: data/people.csv
id: id
treatment: {column: arm, control: none}
outcomes: {spend: money}
primary: spend
"""
MAY = """\
kind: campaign
audience: {table: data/people.csv, id: id}
offers: {mail: {cost_per_contact: 0.1}}
policy: {uplift: mail@champion, objective: outcome}
"""
BESIDE = "kind: campaign\noffers: [coupon]\npolicy: {uplift: winback-uplift@champion}\n"
SECRET = "ada.lovelace"  # in a cell next to what is wrong: no message may repeat cells
HEAD = "id,age,arm,spend\n"
CUSTOMERS = "customer_id,signup_at\nc1,2025-01-01\nc2,2025-01-02\n"
ORDERS = "order_id,customer_id,ordered_at,amount\n"
OFFERS = "offer_id,kind,channel,cost_per_contact\ncoupon,coupon,email,0.1\n"
ASSIGNMENTS = "experiment,customer_id,arm,propensity,assigned_at,role,intended_arm\n"


def people(rows: int = 40, *, arms: tuple[str, ...] = ("none", "mail"), spend: str = "1.5") -> str:
    return HEAD + "".join(f"{SECRET}{i},{20 + i % 50},{arms[i % len(arms)]},{spend}\n" for i in range(rows))


def replace(word: str, by: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "experiments/mail.yaml"
        file.write_text(file.read_text().replace(word, by))

    return change


def table(text: str | bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "data/people.csv").write_bytes(text if isinstance(text, bytes) else text.encode())

    return change


def parquet(data: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        replace("people.csv", "people.parquet")(folder)
        (folder / "data/people.parquet").write_bytes(data)

    return change


def missing(folder: Path) -> None:
    (folder / "data/people.csv").unlink()


def a_folder(folder: Path) -> None:
    missing(folder)
    (folder / "data/people.csv").mkdir()


def a_loop(folder: Path) -> None:
    missing(folder)
    (folder / "data/people.csv").symlink_to("people.csv")


def forbidden(folder: Path) -> None:
    (folder / "data/people.csv").chmod(0)


FLAT: dict[str, tuple[Callable[[Path], None], str | None, str | None]] = {
    # what is wrong -> how it is made, the file named, the key named
    "a missing table": (missing, "people.csv", None),
    "a missing column": (replace("column: arm", "column: armm"), "people.csv", "armm"),
    "a missing outcome": (replace("spend: money", "spent: money"), None, "spen"),
    "an unknown key": (replace("treatment:", "treatmnt:"), "mail.yaml", "treatmnt"),
    "a wrong type": (replace("primary: spend", "validation: {share: much}"), "mail.yaml", "validation"),
    "no YAML": (replace("kind: uplift", "kind: [uplift"), "mail.yaml", None),
    "an empty table": (table(HEAD), "people.csv", None),
    "one arm only": (table(people(arms=("none",))), None, None),
    "a missing control": (table(people(arms=("mail", "post"))), None, None),
    "a treatment with missing values": (table(people(arms=("none", "mail", ""))), "people.csv", "arm"),
    "an infinite outcome": (table(people() + f"{SECRET}x,30,mail,inf\n"), "people.csv", "spend"),
    "a missing outcome value": (table(people() + f"{SECRET}x,30,mail,\n"), "people.csv", "spend"),
    "an outcome of words": (table(people(spend="lots")), "people.csv", "spend"),
    "duplicate ids": (table(people() + f"{SECRET}1,30,mail,2\n"), "people.csv", "id"),
    "duplicate columns": (table(people().replace("age", "id", 1)), "people.csv", None),
    "a folder in place of the file": (a_folder, "people.csv", None),
    "a link to itself": (a_loop, "people.csv", None),
    "a file that may not be read": (forbidden, "people.csv", None),
    "a wrong delimiter": (table(people().replace(",", "^")), "people.csv", None),
    "rows of unequal length": (table(people() + f"{SECRET}x,30\n"), "people.csv", None),
    "a gzip that was cut short": (table(gzip.compress(people(4000).encode())[:200]), "people.csv", None),
    "an empty file": (table(""), "people.csv", None),
    "a Parquet of 0 bytes": (parquet(b""), "people.parquet", None),
    "a Parquet that was cut short": (parquet(b"PAR1" + bytes(64)), "people.parquet", None),
}


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blank")
    scaffold(folder)
    (folder / "experiments/mail.yaml").write_text(MAIL)
    (folder / "campaigns/may.yaml").write_text(MAY)
    (folder / "campaigns/beside.yaml").write_text(BESIDE)
    (folder / "data/people.csv").write_text(people())
    open_project(folder).open_store()
    return folder


@pytest.fixture
def lab(blank: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(blank, tmp_path / "lab"))


@pytest.mark.parametrize("command", ["train", "validate"])
@pytest.mark.parametrize("wrong", FLAT)
def test_a_model_of_a_wrong_flat_table_is_refused(
    wrong: str, command: str, lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, file, key = FLAT[wrong]
    change(lab)
    before = snapshot(lab)
    with obeying_modes():
        code, document = lab_json(capsys, command, "mail", "--project", str(lab))
    assert code == 3, document
    error = document.get("error") or refused(document["result"])
    place = f"{error['file']} {error['key']} {error['message']} {error['next']}"
    if command == "train":
        assert error["file"]
    assert (file or "") in place
    assert (key or "") in place
    assert len(error["next"]) > 10
    assert SECRET not in str(document)
    assert snapshot(lab) == before
    assert finished_runs(lab) == []


NO_ZONE, ZONE = "2025-06-01T10:00:00", "2025-06-01T10:00:00Z"
FUTURE = "2999-01-01"
ORDER = f"o1,c1,{NO_ZONE},10\n"
TABLES: dict[str, tuple[dict[str, str | bytes | None], str, str | None]] = {
    # what is wrong -> the tables, the file named, the column named
    "no table of transactions": ({"customers.csv": CUSTOMERS}, "transactions", None),
    "a column that is missing": (
        {"transactions.csv": "order_id,customer_id,ordered_at\n"},
        "transactions",
        "amount",
    ),
    "times partly with a zone": (
        {"transactions.csv": f"{ORDERS}{ORDER}o2,c2,{ZONE},10\n"},
        "transactions",
        "ordered_at",
    ),
    "orders in the future": (
        {"transactions.csv": f"{ORDERS}{ORDER}o2,c2,{FUTURE},10\n"},
        "transactions",
        "ordered_at",
    ),
    "amounts of words": ({"transactions.csv": f"{ORDERS}o1,c1,{NO_ZONE},ten\n"}, "transactions", "amount"),
    "a customer twice": ({"customers.csv": CUSTOMERS + "c1,2025-01-05\n"}, "customers", "customer_id"),
    "a wrong delimiter": ({"transactions.csv": (ORDERS + ORDER).replace(",", "^")}, "transactions", None),
    "an empty file": ({"transactions.csv": ""}, "transactions", None),
    "a Parquet of 0 bytes": (
        {"transactions.csv": None, "transactions.parquet": b""},
        "transactions",
        None,
    ),
}


@pytest.mark.parametrize(
    "command", ["train winback-uplift", "validate winback-uplift", "campaign plan beside"]
)
@pytest.mark.parametrize("wrong", TABLES)
def test_a_command_over_wrong_tables_is_refused(
    wrong: str, command: str, lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, file, column = TABLES[wrong]
    (lab / "data/people.csv").unlink()
    arms = "".join(f"past,c{i},{('none', 'coupon')[i % 2]},0.5,2025-03-01,exploration,\n" for i in (1, 2))
    sound = {
        "customers.csv": CUSTOMERS, "transactions.csv": ORDERS + ORDER, "offers.csv": OFFERS,
        "assignments.csv": ASSIGNMENTS + arms,
    }  # fmt: skip
    if wrong.startswith("no table"):
        del sound["transactions.csv"]
    for name, text in {**sound, **files}.items():
        if text is not None:
            (lab / "data" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    before = snapshot(lab)
    code, document = lab_json(capsys, *command.split(), "--project", str(lab))
    assert code == 3, document
    error = document.get("error") or refused(document["result"])
    place = f"{error['file']} {error['key']} {error['message']} {error['next']}"
    assert file in place
    assert (column or "") in place
    assert len(error["next"]) > 10
    assert snapshot(lab) == before
    assert finished_runs(lab) == []


@pytest.mark.parametrize("words", ["train may", "train nope", "campaign plan mail"])
def test_a_name_that_does_not_fit_the_command_is_refused(
    words: str, lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(lab)
    code, document = lab_json(capsys, *words.split(), "--project", str(lab))
    assert code == 3
    assert document["error"]["kind"] == "configuration"
    assert document["error"]["next"]
    assert snapshot(lab) == before


def refused(result: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    found = next(one for one in result["definitions"] if one["status"] == "refused")
    return {**found, "file": found["found_in"]}


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file but the store's own, whose journal changes when it is read."""
    paths = [path for path in sorted(folder.rglob("*")) if path.parent.name != "mlruns"]
    readable = {path for path in paths if path.is_file() and os.access(path, os.R_OK)}
    return {str(path.relative_to(folder)): path.read_bytes() if path in readable else None for path in paths}


def finished_runs(folder: Path) -> list[str]:
    return [run.id for run in find_all_runs(open_project(folder).open_store()) if run.status == "FINISHED"]
