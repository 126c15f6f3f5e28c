import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import LabError, UsageError
from retention_lab.workflows.score import score
from tests.workflows.flat_labs import PromotedFlat, customers

# what an MLflow user does, without any of this package's commands
FRESH = """
import sys
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/mail@champion")
found = model.predict(pd.read_parquet(sys.argv[2]))
found.to_parquet(sys.argv[3])
"""


def test_scores_have_one_row_per_input_row_in_input_order(mailed: PromotedFlat, tmp_path: Path) -> None:
    rows = customers(300, seed=3, first=50).take(list(reversed(range(300))))
    pa_csv.write_csv(rows, tmp_path / "next.csv")
    found = score(
        mailed.lab, "mail@champion", table=tmp_path / "next.csv", out=tmp_path / "s.parquet", id_column=None
    )
    assert (found["rows"], found["version"]) == (300, "1")
    scores = pq.read_table(tmp_path / "s.parquet")
    assert scores.column_names == ["id", "effect.coupon", "best_arm"]
    assert scores["id"].to_pylist() == rows["customer"].to_pylist()
    assert set(scores["best_arm"].to_pylist()) == {"none", "coupon"}


def test_a_fresh_process_that_refuses_pickle_predicts_bit_for_bit_the_same(
    mailed: PromotedFlat, tmp_path: Path
) -> None:
    pq.write_table(customers(300, seed=3), tmp_path / "next.parquet")
    ours, theirs = tmp_path / "ours.parquet", tmp_path / "theirs.parquet"
    score(mailed.lab, "mail@champion", table=tmp_path / "next.parquet", out=ours, id_column=None)
    uri = f"sqlite:///{mailed.lab.folder / 'mlruns' / 'mlflow.db'}"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FRESH, uri, str(tmp_path / "next.parquet"), str(theirs)],
        check=True,
        env={**os.environ, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        timeout=120,
    )
    one, other = pq.read_table(ours), pq.read_table(theirs)
    assert one.column_names == other.column_names
    assert one.to_pydict() == other.to_pydict()


def test_a_file_without_the_ids_of_the_definition_is_refused(mailed: PromotedFlat, tmp_path: Path) -> None:
    pa_csv.write_csv(
        customers(20).rename_columns(["kunde", *customers(1).column_names[1:]]), tmp_path / "x.csv"
    )
    with pytest.raises(LabError, match="no column 'customer' to take the ids from"):
        score(mailed.lab, "mail", table=tmp_path / "x.csv", out=tmp_path / "s.csv", id_column=None)
    score(mailed.lab, "mail", table=tmp_path / "x.csv", out=tmp_path / "s.csv", id_column="kunde")
    assert pa_csv.read_csv(tmp_path / "s.csv")["id"].to_pylist()[0] == "c000000"


def test_a_missing_id_a_wrong_ending_and_the_input_itself_are_refused(
    mailed: PromotedFlat, tmp_path: Path
) -> None:
    rows = customers(20)
    holes = rows.set_column(0, "customer", pa.array([None, *rows["customer"].to_pylist()[1:]], pa.string()))
    pq.write_table(holes, tmp_path / "holes.parquet")
    out = tmp_path / "s.csv"
    with pytest.raises(LabError, match="1 rows have no id"):
        score(mailed.lab, "mail", table=tmp_path / "holes.parquet", out=out, id_column=None)
    with pytest.raises(UsageError, match="no kind of score file"):
        score(mailed.lab, "mail", table=tmp_path / "holes.parquet", out=tmp_path / "s.xls", id_column=None)
    file = tmp_path / "holes.parquet"
    with pytest.raises(UsageError, match="replace the rows that are scored"):
        score(mailed.lab, "mail", table=file, out=file, id_column=None)
    assert not out.exists()
