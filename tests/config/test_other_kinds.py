"""Kinds that are read and checked though this version does not carry them out."""

from pathlib import Path

import pytest

from retention_lab import catalog
from retention_lab.errors import ConfigurationError
from tests.config.kinds import KINDS, read


@pytest.mark.parametrize("kind", KINDS)
def test_the_contracts_example_is_read(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path, kind).kind == kind


def test_every_kind_is_tested_here_or_has_an_engine() -> None:
    assert set(KINDS) | set(catalog.ENGINES) == set(catalog.KINDS)


@pytest.mark.parametrize(
    ("kind", "override", "key", "message"),
    [
        ("segments", "k=[10, 2]", "k", "empty"),
        ("segments", "method=rfm", "features", "RFM"),
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
