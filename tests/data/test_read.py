import gzip
import os
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.read import read_flat, read_possibly_empty
from retention_lab.errors import LabError
from tests.data.written import read
from tests.shared_data import shared_file


def test_semicolons_decimal_commas_and_a_byte_order_mark_read_as_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, b"\xef\xbb\xbfid;arm;spend\r\na;0;1.234,50\r\nb;1;-2,5\r\nc;1;\r\n")
    assert table.column_names == ["id", "arm", "spend"]
    assert table.column("spend").to_pylist() == [1234.5, -2.5, None]
    assert table.column("arm").to_pylist() == [0, 1, 1]


def test_compressed_tab_separated_and_parquet_files_give_the_same_table(tmp_path: Path) -> None:
    plain = read(tmp_path, "id,x,at\na,1.5,2026-03-01T10:00:00Z\nb,,\n")
    zipped = read(tmp_path, gzip.compress(b"id,x,at\na,1.5,2026-03-01T10:00:00Z\nb,,\n"), "t.csv.gz")
    tabs = read(tmp_path, "id\tx\tat\na\t1.5\t2026-03-01T10:00:00Z\nb\t\t\n", "t.tsv")
    pq.write_table(plain, tmp_path / "t.parquet")
    assert zipped.equals(plain)
    assert tabs.equals(plain)
    assert read_flat(tmp_path / "t.parquet").equals(plain)


def test_rows_keep_their_order_in_a_file_of_many_blocks(tmp_path: Path) -> None:
    numbers = list(range(300_000))
    table = read(tmp_path, "n,text\n" + "".join(f"{n},some words to fill the block\n" for n in numbers))
    assert table.column("n").to_pylist() == numbers


def test_parquet_types_become_the_ones_that_a_csv_gives(tmp_path: Path) -> None:
    source = pa.table(
        {
            "small": pa.array([1], pa.int8()),
            "single": pa.array([0.5], pa.float32()),
            "words": pa.array(["a"], pa.large_string()).dictionary_encode(),
            "at": pa.array([datetime(2026, 3, 1)], pa.timestamp("ns")),
            "money": pa.array([1], pa.int64()).cast(pa.decimal128(21, 2)),
        }
    )
    pq.write_table(source, tmp_path / "t.parquet")
    kinds = [pa.int64(), pa.float64(), pa.string(), pa.timestamp("us"), pa.float64()]
    assert read_flat(tmp_path / "t.parquet").schema.types == kinds


def _sqlite(path: Path) -> bytes:
    with sqlite3.connect(path / "x.db") as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    return (path / "x.db").read_bytes()


def _cut_parquet(path: Path) -> bytes:
    pq.write_table(pa.table({"a": list(range(1000))}), path / "whole.parquet")
    return (path / "whole.parquet").read_bytes()[:-200]


WRONG: list[tuple[str, str | bytes, str]] = [
    ("empty.csv", "", "0 bytes"),
    ("empty.parquet", "", "0 bytes"),
    ("cut.parquet", _cut_parquet, "not a whole Parquet"),  # type: ignore[list-item]
    ("text.parquet", "a,b\n1,2\n", "not a whole Parquet"),
    ("cut.csv.gz", gzip.compress(b"a,b\n" + os.urandom(5000).hex().encode())[:-50], "cut short"),
    ("blank.csv", "\n\n\n", "blank lines"),
    ("header.csv", "a,b\n", "no rows"),
    ("colons.csv", "a:b:c\n1:2:3\n", "one column"),
    ("carets.csv", "a^b\n1^2\n", "one column"),
    ("spaces.csv", "a b\n1 2\n", "one column"),
    ("quoted.csv", '"a,b"\n"1,2"\n', "one column"),
    ("mixed.csv", "a,b,c\n1;2;3\n", "row 1 has 1"),
    ("ragged.csv", "a,b\n1,2\n3\n4,5,6\n", "row 2 has 1; rows of another width: 2"),
    ("twice.csv", "a,b,a\n1,2,3\n", "Two columns are named 'a', numbers 1 and 3"),
    ("numbers.csv", "1,2\n3,4\n", "names of the columns"),
    ("binary.csv", bytes(range(256)) * 20, "not text"),
    ("noise.csv", b"\x01\x02\x03\x04\x05\x06" * 200, "not text"),
    ("book.csv", b"PK\x03\x04" + b"\x00" * 50, "Excel"),
    ("x.csv", _sqlite, "SQLite"),  # type: ignore[list-item]
    ("zones.csv", "a,at\n1,2026-03-01T10:00Z\n2,2026-03-01T10:00\n", "1 times with a zone and 1 without"),
    ("zone_and_date.csv", "a,at\n1,2026-03-01T10:00Z\n2,2026-03-01\n", "with a zone"),
    ("open_quote.csv", 'a,b\n"1,2\n3,4\n', "row 1 has 1"),
]


@pytest.mark.parametrize(("name", "content", "found"), WRONG, ids=[name for name, _, _ in WRONG])
def test_wrong_files_are_refused_and_left_as_they_are(
    tmp_path: Path, name: str, content: Any, found: str
) -> None:
    data = content(tmp_path) if callable(content) else content
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    before = path.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(LabError, match=found) as refused:
        read_flat(path)
    assert refused.value.exit_code == 3
    assert refused.value.file == str(path)
    assert (path.read_bytes(), sorted(tmp_path.iterdir())) == before


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("a,b\n1,2\n")
    with pytest.raises(LabError, match=r"no such file.*Did you mean 'orders.csv'"):
        read_flat(tmp_path / "order.csv")


def test_a_missing_folder_and_a_folder_in_place_of_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no such file"):
        read_flat(tmp_path / "nowhere" / "order.csv")
    with pytest.raises(LabError, match="is a folder"):
        read_flat(tmp_path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")

    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    # chmod would not stop a superuser, who runs the tests in containers
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(LabError, match="cannot be read: Permission denied"):
        read_flat(path)


def test_no_cell_of_a_customer_stands_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError) as refused:
        read(tmp_path, "id,x\nanna@example.org,1\nsecret,2,3\n")
    assert "secret" not in str(refused.value)
    assert "anna" not in str(refused.value)


def test_tables_without_rows_are_read_where_they_make_sense(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n")
    assert read_possibly_empty(tmp_path / "t.csv").to_pylist() == []


@pytest.mark.parametrize(
    ("file", "rows", "columns"),
    [
        (
            "hillstrom/hillstrom.csv.gz",
            64_000,
            {"segment": pa.string(), "visit": pa.int64(), "spend": pa.float64()},
        ),
        ("cookie_cats/cookie_cats.csv.gz", 90_189, {"retention_7": pa.bool_(), "userid": pa.int64()}),
        ("cdnow_sample/cdnow_sample.csv.gz", 6_919, {"master_id": pa.string(), "date": pa.date32()}),
        ("telco_ibm/telco_ibm.csv.gz", 7_043, {"TotalCharges": pa.float64()}),
        ("waimai_10k/waimai_10k.csv.gz", 11_987, {"review": pa.string()}),
        ("online_retail/online_retail_sample.parquet", 281_096, {"InvoiceNo": pa.string()}),
    ],
)
def test_public_data_sets_are_read_whole(file: str, rows: int, columns: dict[str, pa.DataType]) -> None:
    table = read_flat(shared_file(file))
    assert table.num_rows == rows
    assert {name: table.schema.field(name).type for name in columns} == columns
