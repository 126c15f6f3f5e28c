"""Kinds that are read and checked though this version does not carry them out."""

from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError
from tests.config.kinds import KINDS, read


@pytest.mark.parametrize("kind", KINDS)
def test_the_contracts_example_is_read(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path, kind).kind == kind


@pytest.mark.parametrize(
    ("kind", "override", "key", "message"),
    [
        ("segments", "k=[10, 2]", "k", "empty"),
        ("segments", "method=rfm", "features", "RFM"),
        ("segments", "cap=0.4", "cap", "above 0.5"),
        ("segments", "target=a", "target", "among the features"),
        ("segments", "resamples=1", "resamples", "at least 2"),
        ("rules", "min_support=0", "min_support", "above 0"),
        ("rules", "max_length=1", "max_length", "at least 2"),
        ("demand", "period=quarter", "period", "'day', 'week' or 'month'"),
        ("feedback", "text=null", "text", "needs its `text` column"),
    ],
)
def test_a_wrong_value_is_refused_by_key(
    tmp_path: Path, kind: str, override: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, kind, override)
    assert caught.value.key == key
    assert message in str(caught.value)


@pytest.mark.parametrize("key", ["k=4", "scale=log", "missing=drop", "cap=0.99", "variance=1", "target=c"])
def test_what_rfm_would_ignore_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError, match="own cells and cuts") as caught:
        read(tmp_path, "segments", "method=rfm", "features=null", "k=null", key)
    assert caught.value.key == key.split("=")[0]


def test_the_numbers_of_groups_to_choose_from(tmp_path: Path) -> None:
    assert read(tmp_path, "segments").groups == tuple(range(2, 11))
    assert read(tmp_path, "segments", "k=4").groups == (4,)
    assert read(tmp_path, "segments", "k=null").groups == tuple(range(2, 9))
