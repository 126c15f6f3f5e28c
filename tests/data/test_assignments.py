import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data import assignments as module
from retention_lab.data.assignments import launch_name, write_launch
from retention_lab.errors import LabError
from tests.data.small_tables import START, open_small, random_tables

ARMS = ("none", "coupon", "points")


def launch(name: str = "winback-2026-03-01", customers: int = 40, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """A launch whose probabilities are right by construction."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(3), customers)
    arm = np.array([rng.choice(3, p=row) for row in p])
    ids = [f"c{i:06d}" for i in range(customers)]
    units = pa.table(
        {
            "experiment": [name] * customers,
            "customer_id": ids,
            "arm": [ARMS[k] for k in arm],
            "propensity": p[np.arange(customers), arm],
            "assigned_at": pa.array([START] * customers, pa.timestamp("us")),
            "role": ["exploration"] * customers,
            "intended_arm": pa.array([None] * customers, pa.string()),
        }
    )
    shares = pa.table(
        {
            "experiment": [name] * (3 * customers),
            "customer_id": np.repeat(ids, 3),
            "arm": list(ARMS) * customers,
            "propensity": p.ravel(),
        }
    )
    return units, shares


def replaced(table: pa.Table, column: str, values: Callable[[list[Any]], list[Any]]) -> pa.Table:
    place = table.column_names.index(column)
    found = values(table.column(column).to_pylist())
    return table.set_column(place, column, pa.array(found, table.column(column).type))


def launched_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("data/*/*") if not path.name.startswith("."))


def test_a_launch_is_read_back_as_written(tmp_path: Path) -> None:
    units, shares = launch()
    path = write_launch(tmp_path, "winback-2026-03-01", units, shares)
    assert path == tmp_path / "data" / "assignments" / "winback-2026-03-01.parquet"
    tables = {"transactions": random_tables(customers=40)["transactions"]}
    # another zone than UTC: the file's times carry their own
    with open_small(tmp_path, tables, timezone="Asia/Shanghai") as opened:
        found = opened.query("SELECT * FROM assignments ORDER BY customer_id").select(units.column_names)
        logged = opened.query("SELECT * FROM propensities ORDER BY customer_id, arm")
    assert found.equals(units)
    assert logged.num_rows == shares.num_rows


def test_a_launch_is_written_once(tmp_path: Path) -> None:
    units, shares = launch()
    path = write_launch(tmp_path, "winback-2026-03-01", units, shares)
    before = path.read_bytes()
    with pytest.raises(LabError, match="never changed"):
        write_launch(tmp_path, "winback-2026-03-01", *launch(seed=2))
    assert path.read_bytes() == before


def test_names_count_on_where_a_launch_exists(tmp_path: Path) -> None:
    day = date(2026, 3, 1)
    assert launch_name(tmp_path, "winback", day) == "winback-2026-03-01"
    write_launch(tmp_path, "winback-2026-03-01", *launch())
    assert launch_name(tmp_path, "winback", day) == "winback-2026-03-01-2"
    assert launch_name(tmp_path, "winback", day, {"winback-2026-03-01-2"}) == "winback-2026-03-01-3"
    assert launch_name(tmp_path, "winback", date(2026, 3, 2)) == "winback-2026-03-02"


def test_killed_between_the_two_files_nothing_is_launched_and_the_next_try_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "winback-2026-03-01"
    first, second = launch(seed=1), launch(seed=2)

    def killed(files: list[tuple[Path, bytes]]) -> None:
        original(files[:1])
        raise KeyboardInterrupt

    original = module.write_all
    monkeypatch.setattr(module, "write_all", killed)
    with pytest.raises(KeyboardInterrupt):
        write_launch(tmp_path, name, *first)
    assert launched_files(tmp_path) == [f"{name}.parquet"]
    tables = {"transactions": random_tables(customers=40)["transactions"]}
    with open_small(tmp_path, tables) as opened:
        assert not opened.has("assignments")
        assert not opened.has("propensities")
    monkeypatch.setattr(module, "write_all", original)
    path = write_launch(tmp_path, name, *second)
    logged = pq.read_table(tmp_path / "data" / "propensities" / path.name)
    assert logged.column("propensity").equals(second[1].column("propensity"))


RACER = """
import sys, time
from pathlib import Path
import pyarrow.parquet as pq
from retention_lab.data.assignments import write_launch
from retention_lab.errors import LabError
folder, seed = Path(sys.argv[1]), sys.argv[2]
tables = [pq.read_table(folder / f"{what}{seed}.parquet") for what in ("units", "shares")]
(folder / f"ready{seed}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
try:
    write_launch(folder, "winback-2026-03-01", *tables)
except LabError as error:
    sys.exit(error.exit_code)
"""


@pytest.mark.slow
def test_of_several_processes_at_once_exactly_one_launches(tmp_path: Path) -> None:
    launches = [launch(seed=seed) for seed in range(3)]
    for seed, (units, shares) in enumerate(launches):
        pq.write_table(units, tmp_path / f"units{seed}.parquet")
        pq.write_table(shares, tmp_path / f"shares{seed}.parquet")
    workers = [subprocess.Popen([sys.executable, "-c", RACER, str(tmp_path), str(seed)]) for seed in range(3)]
    while not all((tmp_path / f"ready{seed}").exists() for seed in range(3)):
        assert all(worker.poll() is None for worker in workers)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    codes = [worker.wait(timeout=60) for worker in workers]
    assert sorted(codes) == [0, 3, 3]
    units, shares = launches[codes.index(0)]
    name = "winback-2026-03-01.parquet"
    written = pq.read_table(tmp_path / "data" / "assignments" / name)
    logged = pq.read_table(tmp_path / "data" / "propensities" / name)
    assert written.column("propensity").equals(units.column("propensity"))
    assert logged.column("propensity").equals(shares.column("propensity"))


@pytest.mark.parametrize(
    ("which", "column", "change", "words"),
    [
        ("assignments", "customer_id", lambda v: [v[1], *v[1:]], "assigned twice"),
        ("assignments", "role", lambda v: ["guess", *v[1:]], "no role"),
        ("assignments", "propensity", lambda v: [v[0] / 2, *v[1:]], "another propensity"),
        ("assignments", "propensity", lambda v: [float("nan"), *v[1:]], "another propensity"),
        ("assignments", "arm", lambda v: ["gift", *v[1:]], "could not be drawn"),
        ("assignments", "arm", lambda v: [None, *v[1:]], "have no arm"),
        ("assignments", "experiment", lambda v: ["other", *v[1:]], "another experiment"),
        ("propensities", "propensity", lambda v: [v[0] + 1e-6, *v[1:]], "do not sum to 1"),
        ("propensities", "propensity", lambda v: [-v[0], *v[1:]], "negative"),
        ("propensities", "customer_id", lambda v: ["someone", *v[1:]], "not assigned"),
        ("propensities", "arm", lambda v: [v[1], *v[1:]], "another propensity|could not be drawn"),
    ],
)
def test_a_launch_that_contradicts_itself_is_not_written(
    tmp_path: Path, which: str, column: str, change: Callable[[list[Any]], list[Any]], words: str
) -> None:
    units, shares = launch()
    # the first customer's arm is the first of its three, so every change of a first row meets it
    arms = replaced(units, "arm", lambda v: ["coupon", *v[1:]])
    units = replaced(arms, "propensity", lambda v: [shares.column("propensity")[1].as_py(), *v[1:]])
    if which == "assignments":
        units = replaced(units, column, change)
    else:
        shares = replaced(shares, column, change)
    with pytest.raises(LabError, match=words):
        write_launch(tmp_path, "winback-2026-03-01", units, shares)
    assert launched_files(tmp_path) == []


def test_a_missing_column_an_empty_launch_and_a_name_that_is_a_path_are_refused(tmp_path: Path) -> None:
    units, shares = launch()
    with pytest.raises(LabError, match="'role'"):
        write_launch(tmp_path, "winback-2026-03-01", units.drop_columns(["role"]), shares)
    with pytest.raises(LabError, match="no assignments to write"):
        write_launch(tmp_path, "winback-2026-03-01", units.slice(0, 0), shares)
    with pytest.raises(LabError, match="cannot name"):
        write_launch(tmp_path, "../winback", units, shares)


def test_times_with_a_zone_are_the_same_instants(tmp_path: Path) -> None:
    units, shares = launch()
    zoned = [datetime(2025, 1, 1, tzinfo=UTC)] * units.num_rows
    other = units.set_column(4, "assigned_at", pa.array(zoned, pa.timestamp("us", tz="Europe/Berlin")))
    path = write_launch(tmp_path / "a", "winback-2026-03-01", units, shares)
    assert write_launch(tmp_path / "b", "winback-2026-03-01", other, shares).read_bytes() == path.read_bytes()
