import gzip
from pathlib import Path

import pytest

from retention_lab.data.order_items import read_basket_lines
from retention_lab.errors import LabError


def test_a_line_is_a_basket_and_commas_part_its_items(tmp_path: Path) -> None:
    path = tmp_path / "baskets.csv"
    path.write_text('\ufefftea, cake ,,"salt, coarse"\n\n  \nmilk\n', encoding="utf-8")
    found = read_basket_lines(path)
    assert found["basket"].to_pylist() == ["1", "1", "1", "4"]
    assert found["item"].to_pylist() == ["tea", "cake", "salt, coarse", "milk"]


def test_a_packed_file_reads_as_the_plain_one(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    plain.write_text("tea,cake\nmilk\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_basket_lines(packed).equals(read_basket_lines(plain))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b",,\n \n", "holds no item"),
        (b"\xff\xfe\x00t", "cannot be read as text"),
        (b"\x1f\x8bbroken", "cannot be read as text"),
    ],
)
def test_a_file_without_baskets_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "baskets.csv"
    path.write_bytes(content)
    with pytest.raises(LabError, match=message):
        read_basket_lines(path)
