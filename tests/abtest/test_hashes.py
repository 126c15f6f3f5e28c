import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from retention_lab.abtest import hash_loops
from retention_lab.abtest.hashes import BUCKETS, HashVersion, fnv1a32, hash64, hash_bucket
from retention_lab.abtest.unit_ids import unit_ids
from retention_lab.errors import LabError
from tests.abtest.reference import expected

VERSIONS: tuple[HashVersion, ...] = (1, 2, 3)
NUMBERS = unit_ids(np.arange(100_000))
NAMES = unit_ids([f"customer-{i}" for i in range(20_000)])


def test_every_fnv_hash_is_as_growthbook_gives_it() -> None:
    records = expected("assignment_hash")["fnv1a32"]
    assert fnv1a32([one["s"] for one in records]).tolist() == [one["h"] for one in records]


@pytest.mark.parametrize("version", [1, 2])
def test_every_bucket_is_as_growthbook_gives_it(version: HashVersion) -> None:
    # the folder also has PlanOut's operators: another hash, which is not offered here
    for one in expected("assignment_hash")["gbhash"]:
        assert hash_bucket([one["value"]], one["seed"], version)[0] == one[f"v{version}"]


def test_buckets_stay_for_ever_where_no_reference_is_at_hand() -> None:
    # a change here would move every unit of every running experiment
    ids = ["1", "user-1", "ä", "漢字", "😀", ""]
    assert hash_bucket(ids, "exp-1", 1).tolist() == [0.809, 0.809, 0.316, 0.023, 0.253, 0.954]
    assert hash_bucket(ids, "exp-1", 2).tolist() == [0.3574, 0.5069, 0.7895, 0.9989, 0.5997, 0.5713]


def test_the_keyed_hash_gives_the_values_that_its_authors_published() -> None:
    low, high = np.frombuffer(bytes(range(16)), dtype="<u8")
    data = np.arange(15, dtype=np.uint8)
    data.flags.writeable = False
    found = {n: int(hash_loops.sip(data, 0, n, low, high)) for n in (0, 1, 15)}
    assert found == {0: 0x726FDB47DD0E0E31, 1: 0x74F839C593DC67FD, 15: 0xA129CA6149BE45E5}


def test_the_finest_buckets_stay_for_ever() -> None:
    assert hash64(["anna", "漢字"], "acme").tolist() == [6357735393571162855, 17263322637771967544]


@pytest.mark.parametrize("version", VERSIONS)
def test_whole_numbers_and_their_text_share_a_bucket(version: HashVersion) -> None:
    text = hash_bucket(["7", "42", "-3"], "s", version)
    np.testing.assert_array_equal(hash_bucket(np.array([7, 42, -3]), "s", version), text)
    np.testing.assert_array_equal(hash_bucket(np.array([7.0, 42.0, -3.0]), "s", version), text)
    np.testing.assert_array_equal(hash_bucket(pa.array(["7", "42", "-3"]), "s", version), text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("units", [NUMBERS, NAMES], ids=["numbers", "names"])
def test_buckets_are_uniform(units, version) -> None:  # type: ignore[no-untyped-def]
    found = hash_bucket(units, "acme-2026", version)
    assert found.min() >= 0
    assert found.max() < 1
    count = np.bincount((found * BUCKETS[version]).astype(np.int64) * 100 // BUCKETS[version], minlength=100)
    assert stats.chisquare(count).pvalue > 1e-4  # fixed ids and seed: this cannot flicker


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(("first", "second"), [("exp-1", "exp-2"), ("a", "b"), ("", "x"), ("ab", "ba")])
def test_buckets_of_two_seeds_are_independent(version: HashVersion, first: str, second: str) -> None:
    a, b = (np.floor(10 * hash_bucket(NUMBERS, seed, version)) for seed in (first, second))
    assert stats.chi2_contingency(np.histogram2d(a, b, bins=10)[0]).pvalue > 1e-4


def test_version_1_of_seeds_that_differ_at_their_end_is_not_independent() -> None:
    # why layers are cut by version 3: half of the units in one half of a layer should be in that of another
    a, b = hash_bucket(NAMES, "layer-0", 1) < 0.5, hash_bucket(NAMES, "layer-1", 1) < 0.5
    assert np.mean(b[a]) < 0.3


@pytest.mark.parametrize("version", [2, 3])
def test_neighbouring_ids_are_independent(version: HashVersion) -> None:
    found = np.floor(10 * hash_bucket(NUMBERS, "exp-1", version))
    assert stats.chi2_contingency(np.histogram2d(found[:-1], found[1:], bins=10)[0]).pvalue > 1e-4


def test_a_changed_digit_moves_half_of_the_bits() -> None:
    found = hash64([f"unit-{i}" for i in range(1_000)], "s")
    flipped = np.unpackbits((found[1:] ^ found[:-1]).view(np.uint8)).mean()
    assert abs(flipped - 0.5) < 3.3 * 0.5 / np.sqrt(999 * 64)  # 3.3 binomial standard errors


def test_hundreds_of_thousands_of_units_all_get_values_of_their_own() -> None:
    assert len(np.unique(hash64(np.arange(300_000), "s"))) == 300_000


def test_seed_and_id_do_not_run_into_each_other_in_version_3() -> None:
    assert hash_bucket(["bc"], "a", 3)[0] != hash_bucket(["c"], "ab", 3)[0]


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(LabError, match="no hash version 4"):
        hash_bucket(["a"], "s", 4)  # type: ignore[arg-type]


def test_a_missing_id_is_refused() -> None:
    with pytest.raises(LabError, match="Row 2 has no id"):
        hash_bucket(["a", None], "s")


def test_no_ids_give_no_buckets() -> None:
    assert all(hash_bucket([], "s", version).shape == (0,) for version in VERSIONS)
