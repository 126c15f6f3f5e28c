from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from tests.data.written import read


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2"], [1.5, 2.0]),
        (["0,125", "0,250"], [0.125, 0.25]),
        (["1.234,5", "12"], [1234.5, 12.0]),
        (["1,234.5", "12"], [1234.5, 12.0]),
        (["1,234,567", "12"], [1234567.0, 12.0]),
        (["1.5", "1e-3"], [1.5, 0.001]),
        (["+1.5", ".5"], [1.5, 0.5]),
        (["1.234", "5.678"], [1.234, 5.678]),
    ],
)
def test_reads_every_way_to_write_a_number_that_leaves_no_doubt(
    tmp_path: Path, cells: list[str], numbers: list[float]
) -> None:
    table = read(tmp_path, "name;x\n" + "".join(f"n;{cell}\n" for cell in cells))
    assert table.column("x").to_pylist() == numbers


def test_a_doubtful_column_is_read_as_the_rest_of_the_file_is(tmp_path: Path) -> None:
    assert read(tmp_path, "a;b\n1,234;1,5\n").to_pylist() == [{"a": 1.234, "b": 1.5}]
    assert read(tmp_path, "a;b\n1,234;1.5\n").to_pylist() == [{"a": 1234.0, "b": 1.5}]


@pytest.mark.parametrize("content", ["a;b\n1,234;x\n", "a;b;c\n1.234;1,5;x\n"])
def test_refuses_a_separator_that_may_mark_decimals_or_thousands(tmp_path: Path, content: str) -> None:
    with pytest.raises(LabError, match=r"'a'.*thousands"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "-2", "NA"], pa.int64(), [1, -2, None]),
        (["true", "False", ""], pa.bool_(), [True, False, None]),
        (["yes", "no"], pa.string(), ["yes", "no"]),
        (["007", "012"], pa.string(), ["007", "012"]),
        (["12345678901234567890", "1"], pa.string(), ["12345678901234567890", "1"]),
        (["1", "x"], pa.string(), ["1", "x"]),
        (["NA", "null"], pa.string(), ["NA", "null"]),
        (["inf", "1"], pa.float64(), [np.inf, 1.0]),
        (["2026-03-01", ""], pa.date32(), [date(2026, 3, 1), None]),
        (["2026-02-30", "2026-03-01"], pa.string(), ["2026-02-30", "2026-03-01"]),
        (
            ["2026-03-01 10:00", "2026-03-02"],
            pa.timestamp("us"),
            [datetime(2026, 3, 1, 10), datetime(2026, 3, 2)],
        ),
        (
            ["2026-03-01T10:00:00.1234567Z", "2026-03-01 10:00:00 +01:30"],
            pa.timestamp("us", "UTC"),
            [datetime(2026, 3, 1, 10, 0, 0, 123456, UTC), datetime(2026, 3, 1, 8, 30, tzinfo=UTC)],
        ),
    ],
)
def test_a_column_has_a_type_only_where_every_cell_has_it(
    tmp_path: Path, cells: list[str], kind: pa.DataType, values: list[object]
) -> None:
    column = read(tmp_path, "n,x\n" + "".join(f"1,{cell}\n" for cell in cells)).column("x")
    assert column.type == kind
    assert column.to_pylist() == values


def test_named_columns_stay_text(tmp_path: Path) -> None:
    assert read(tmp_path, "ID,x\n1e5,2\n", as_text=["id"]).to_pylist() == [{"ID": "1e5", "x": 2}]


def test_telephone_numbers_with_their_plus_signs_stay_text(tmp_path: Path) -> None:
    found = read(tmp_path, "a,b\n+4915123456789,+1\n+18005550100,+2\n")
    assert found["a"].to_pylist() == ["+4915123456789", "+18005550100"]
    assert found["b"].to_pylist() == [1, 2]
