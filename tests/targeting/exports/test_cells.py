import csv
import io

import pytest

from retention_lab.targeting.exports.cells import cell, files_of


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\u00a0=1", "a\n=1", 'a";=1', "a;=1"],
)
def test_no_cell_is_a_formula_however_a_spreadsheet_splits_it(evil: str) -> None:
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(cell(evil) + "\n", newline=""), delimiter=separator):
            for part in row:
                assert not part.strip(" \u00a0").startswith(tuple("=+-@＝＋－＠\t\r")), (separator, row)


def test_what_is_harmless_is_read_back_as_it_was() -> None:
    names = ["Zoë", "a,b", 'say "hi"', "12", "x=1"]
    text = "".join(cell(name) + "\n" for name in names)
    assert [row[0] for row in csv.reader(io.StringIO(text))] == names


def test_no_file_is_larger_than_the_limit_and_no_line_is_lost() -> None:
    lines = [f"c{i},{'x' * (i % 13)}" for i in range(200)]
    files = files_of(["id", "word"], lines, 100)
    assert max(len(data) for data, _ in files) <= 100
    assert sum(rows for _, rows in files) == 200
    assert [line for data, _ in files for line in data.decode().splitlines()[1:]] == lines
    assert all(data.startswith(b"id,word\n") for data, _ in files)


def test_a_line_longer_than_the_limit_has_a_file_of_its_own() -> None:
    assert [rows for _, rows in files_of(["a"], ["x" * 50, "y"], 10)] == [1, 1]
