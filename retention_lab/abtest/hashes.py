"""Deterministic buckets of units: the same id and seed always land in the same place.

Versions 1 and 2 are GrowthBook's, so that units stay in the arms that its SDKs showed them. Version 1 has a
thousand buckets and hashes the id before the seed: seeds that differ in their last character alone give
buckets that nearly determine each other, and of units numbered in a row arms are out of balance more often,
or less, than in a fair draw, as the seeds have it. Version 2 has ten thousand, seed first and hashed twice;
neither fault is seen in it. Version 3 is a keyed hash, made so that nobody can tell its values under two keys
from independent ones.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from retention_lab.abtest.unit_ids import Ids, unit_ids, utf8
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

HashVersion = Literal[1, 2, 3]
BUCKETS: Final[Mapping[int, int]] = {1: 1_000, 2: 10_000, 3: 2**53}


def hash_bucket(ids: Ids, seed: str, version: HashVersion = 2) -> Floats:
    """(n,) numbers in [0, 1): the bucket of each id, over the number of buckets (`BUCKETS`).

    ids: text or whole numbers, see `unit_ids`; one id may come often. Text counts by its UTF-16 code units in
    versions 1 and 2, as in a browser, and by its UTF-8 bytes in version 3.
    Raises LabError where an id is missing or of another type, or the version is not known.

    >>> hash_bucket(["1", "42"], "exp-1").tolist()
    [0.3574, 0.6669]
    """
    require_version(version)
    if version == 3:
        return np.asarray((hash64(ids, seed) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)
    from retention_lab.abtest import hash_loops

    units = unit_ids(ids)
    found = np.empty(len(units))
    if version == 1:
        hash_loops.buckets_of_id_then_seed(units.data, units.offset, utf8(seed), found)
    else:
        hash_loops.buckets_of_seed_then_id(units.data, units.offset, utf8(seed), found)
    return found


def hash64(ids: Ids, seed: str) -> npt.NDArray[np.uint64]:
    """(n,) 64-bit numbers, uniform over ids and independent between seeds.

    SipHash-2-4 of the UTF-8 bytes, its key from the seed by BLAKE2b.
    Raises LabError where an id is missing or of another type.
    Source: Aumasson and Bernstein (2012), INDOCRYPT, doi:10.1007/978-3-642-34931-7_28.
    """
    from retention_lab.abtest import hash_loops

    units = unit_ids(ids)
    key = hashlib.blake2b(utf8(seed).tobytes(), digest_size=16).digest()
    low, high = np.frombuffer(key, dtype="<u8").astype(np.uint64)
    found = np.empty(len(units), dtype=np.uint64)
    hash_loops.sip_all(units.data, units.offset, low, high, found)
    return found


def fnv1a32(texts: Ids) -> Ints:
    """(n,) 32-bit FNV-1a hashes of texts, over their UTF-16 code units, as in GrowthBook's SDKs.

    Raises LabError where a text is missing.
    Source: Fowler, Noll, Vo and Eastlake, The FNV Non-Cryptographic Hash Algorithm, IETF draft-eastlake-fnv.

    >>> fnv1a32(["1", ""]).tolist()
    [873244444, 2166136261]
    """
    from retention_lab.abtest import hash_loops

    units = unit_ids(texts)
    found = np.empty(len(units), dtype=np.int64)
    hash_loops.fnv_all(units.data, units.offset, found)
    return found


def require_version(version: int) -> None:
    """Raises LabError where there is no such hash version."""
    if version not in BUCKETS:
        raise LabError(
            f"There is no hash version {version!r}.",
            "Use 1 or 2 for GrowthBook's, or 3 for 53 bits.",
            key="hash_version",
        )
