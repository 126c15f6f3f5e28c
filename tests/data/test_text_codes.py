import numpy as np
import pyarrow as pa
import pytest

from retention_lab.data.text_codes import Codes, TextCodes

WORDS = [
    "",
    "a",
    "a\0",
    "\0",
    "abcdefg",
    "abcdefgh",
    "abcdefghi",
    "abcdefgh\0",
    "0123456789ab",
    "0123456789abc",
]
WORDS += ["é", "日本語のお客様", "x" * 15, "x" * 16, "x" * 17, "x" * 4000]
KINDS = [pa.string(), pa.large_string(), pa.string_view()]


def numbers(codes: TextCodes, texts: pa.Array, owners: Codes | None = None) -> list[int]:
    whose = np.zeros(len(texts), dtype=np.int32) if owners is None else owners
    found: list[int] = codes.codes(texts, whose, np.ones(len(texts), dtype=np.bool_)).tolist()
    return found


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("longest", [12, 4000])
def test_texts_are_numbered_as_they_first_come_whatever_arrow_keeps_them_in(
    kind: pa.DataType, longest: int
) -> None:
    words = [word for word in WORDS if len(word.encode()) <= longest]
    drawn = [words[i] for i in np.random.default_rng(1).integers(0, len(words), 300)]
    expected = list(dict.fromkeys(drawn))
    codes = TextCodes()
    for start in (0, 100, 200):
        part = pa.array(["left out", *drawn[start : start + 100]], kind).slice(1)
        assert numbers(codes, part) == [expected.index(word) for word in drawn[start : start + 100]]
    assert codes.texts().to_pylist() == expected
    assert len(codes) == len(expected)


def test_many_texts_are_all_told_apart_while_the_table_grows() -> None:
    rng = np.random.default_rng(2)
    drawn = rng.integers(0, 250_000, 400_000)
    texts = pa.array(np.char.add("c", drawn.astype(str)))
    _, first, inverse = np.unique(drawn, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))  # of the distinct ones, by when they come
    codes = TextCodes()
    assert numbers(codes, texts) == order[inverse].tolist()
    assert numbers(codes, texts) == order[inverse].tolist()
    assert codes.texts().equals(pa.chunked_array([texts.take(pa.array(np.sort(first)))]))


def test_the_same_text_of_two_owners_has_two_numbers() -> None:
    codes = TextCodes()
    owners = np.array([7, 0, 7, 0, 2], dtype=np.int32)
    assert numbers(codes, pa.array(["o1", "o1", "o1", "o2", "longer than twelve"]), owners) == [0, 1, 0, 2, 3]
    assert codes.owners().tolist() == [7, 0, 0, 2]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_row_that_is_not_wanted_has_no_number_and_a_missing_text_is_empty(kind: pa.DataType) -> None:
    codes = TextCodes()
    texts = pa.array(["a", "a", "a", None, "", "b"], kind)
    wanted = np.array([True, False, True, True, True, False])
    found = codes.codes(texts, np.zeros(6, dtype=np.int32), wanted)
    assert found.tolist() == [0, -1, 0, 1, 1, -1]
    assert codes.texts().to_pylist() == ["a", ""]


def test_nothing_has_no_numbers() -> None:
    codes = TextCodes()
    assert numbers(codes, pa.array([], pa.string_view())) == []
    assert (codes.texts().to_pylist(), codes.owners().tolist()) == ([], [])
