from pathlib import Path

import pytest

from tests.data.written import read


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter_out_also_where_cells_hold_others(tmp_path: Path, delimiter: str) -> None:
    rows = [("id", "words", "amount"), ("1", '"a, b; c | d\te"', "2.5"), ("2", '"x ""y"" z"', "3.5")]
    table = read(tmp_path, "\n".join(delimiter.join(row) for row in rows) + "\n")
    assert table.to_pylist() == [
        {"id": 1, "words": "a, b; c | d\te", "amount": 2.5},
        {"id": 2, "words": 'x "y" z', "amount": 3.5},
    ]


def test_encodings_other_than_utf_8_are_read(tmp_path: Path) -> None:
    text = "city,x\nKöln,1\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert read(tmp_path, text.encode(encoding)).column("city").to_pylist() == ["Köln"]


def test_quoted_line_breaks_blank_lines_and_excels_first_line_are_understood(tmp_path: Path) -> None:
    content = 'sep=;\r\n"first\nname";x\r\n"a\nb";1\r\n\r\nc;2\r\n'
    assert read(tmp_path, content).to_pylist() == [
        {"first\nname": "a\nb", "x": 1},
        {"first\nname": "c", "x": 2},
    ]


def test_unnamed_columns_are_numbered(tmp_path: Path) -> None:
    assert read(tmp_path, ",x\n0,1\n").column_names == ["column_1", "x"]
