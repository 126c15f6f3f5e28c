import numpy as np
import pytest

from retention_lab.abtest.buckets import bucket_ranges, choose_arms
from retention_lab.abtest.growthbook import growthbook_ranges
from retention_lab.abtest.hashes import hash_bucket
from retention_lab.abtest.layers import LayerSlice
from retention_lab.errors import LabError
from tests.abtest.reference import expected


def test_every_range_is_as_growthbook_gives_it() -> None:
    for one in expected("assignment_hash")["getBucketRanges"]:
        found = growthbook_ranges(one["numVariations"], one["coverage"], one["weights"])
        assert [list(ends) for ends in found] == one["ranges"]


def test_every_variation_is_as_growthbook_chooses_it() -> None:
    for one in expected("assignment_hash")["chooseVariation"]:
        ranges = growthbook_ranges(one["numVariations"], one["coverage"], one["weights"])
        bucket = hash_bucket([one["value"]], one["seed"], one["hashVersion"])
        assert choose_arms(bucket, ranges).tolist() == [one["variation"]]


def test_every_namespace_is_as_growthbook_gives_it() -> None:
    for one in expected("assignment_hash")["inNamespace"]:
        name, start, end = one["namespace"]
        assert LayerSlice(name, start, end, version=1).contains([one["user"]]).tolist() == [one["result"]]


def test_counts_of_twenty_thousand_units_are_as_growthbook_gives_them() -> None:
    record = expected("assignment_hash")["counts"]
    bucket = hash_bucket(np.arange(record["n"]), record["seed"], record["hashVersion"])
    found = np.bincount(choose_arms(bucket, bucket_ranges(record["weights"])))
    assert found.tolist() == [record["counts"][str(k)] for k in range(3)]


def test_what_is_not_repaired_is_the_same_as_for_ones_own_experiments() -> None:
    assert growthbook_ranges(3, 0.37, [0.5, 0.3, 0.2]) == bucket_ranges([0.5, 0.3, 0.2], 0.37)


def test_numbers_that_no_sdk_could_repair_are_refused() -> None:
    with pytest.raises(LabError, match="0 variations"):
        growthbook_ranges(0)
    with pytest.raises(LabError, match="missing or infinite"):
        growthbook_ranges(2, 1.0, [0.5, float("nan")])
    with pytest.raises(LabError, match="missing or infinite"):
        growthbook_ranges(2, float("nan"))
