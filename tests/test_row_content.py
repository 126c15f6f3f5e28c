import numpy as np

from retention_lab.row_content import row_hashes, text_hashes


def test_equal_rows_have_one_hash_and_others_have_others() -> None:
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, 100, 200_000).astype(float), rng.integers(0, 100, 200_000)]
    found = row_hashes(columns, 200_000)
    pairs = columns[0] * 100 + columns[1]
    assert len(np.unique(found)) == len(np.unique(pairs))
    assert len(np.unique(np.column_stack([found, pairs.astype(np.uint64)]), axis=0)) == len(np.unique(pairs))


def test_how_a_number_is_held_does_not_matter() -> None:
    forms = [np.array([1, 0]), np.array([1.0, -0.0]), np.array([True, False]), np.array([1, 0], np.float32)]
    hashes = [row_hashes([form], 2).tolist() for form in forms]
    assert hashes == [hashes[0]] * 4


def test_what_is_missing_is_alike() -> None:
    odd = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)
    assert row_hashes([odd], 1)[0] == row_hashes([np.array([np.nan])], 1)[0]


def test_the_place_of_a_column_counts() -> None:
    one, two = np.array([1.0]), np.array([2.0])
    assert row_hashes([one, two], 1)[0] != row_hashes([two, one], 1)[0]


def test_bits_are_spread_evenly() -> None:
    found = row_hashes([np.arange(100_000)], 100_000)
    bits = (found[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    # 64 shares of 100,000 bits: each within 4 standard errors of a half, but once in 250 draws
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 4 * 0.5 / np.sqrt(100_000)


def test_texts_are_told_apart() -> None:
    assert len(np.unique(text_hashes(["", "a", "b", "ab", "Größe"]))) == 5
    assert len(text_hashes([])) == 0
