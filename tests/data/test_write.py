import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.read import read_flat
from retention_lab.data.write import table_bytes, write_table
from retention_lab.errors import LabError

TABLE = pa.table({"id": ["a", 'b "c"', "d,e"], "x": [1.5, None, -2.0]})


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.csv.gz"])
def test_what_is_written_reads_back(tmp_path: Path, name: str) -> None:
    write_table(tmp_path / "new" / name, TABLE)
    assert read_flat(tmp_path / "new" / name).equals(TABLE)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_the_same_table_gives_the_same_bytes() -> None:
    for name in ("t.parquet", "t.csv", "t.csv.gz"):
        assert table_bytes(Path(name), TABLE) == table_bytes(Path(name), TABLE)
    assert gzip.decompress(table_bytes(Path("t.csv.gz"), TABLE)) == table_bytes(Path("t.csv"), TABLE)


def test_categories_are_written_as_their_values(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", pa.table({"x": pa.array(["a", "b", "a"]).dictionary_encode()}))
    assert (tmp_path / "t.csv").read_text().split() == ['"x"', '"a"', '"b"', '"a"']


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"\.xlsx.*\.parquet"):
        write_table(tmp_path / "t.xlsx", TABLE)
    assert list(tmp_path.iterdir()) == []


def test_parquet_is_written_for_any_reader(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", TABLE)
    assert pq.read_table(tmp_path / "t.parquet").equals(TABLE)
