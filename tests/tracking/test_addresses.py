from pathlib import Path

import pytest

from retention_lab.errors import StoreError
from retention_lab.tracking.addresses import masked, without_secret
from retention_lab.tracking.store import open_store


@pytest.mark.parametrize("uri", ["file:///tmp/runs", "databricks", "ftp://x", "./mlruns"])
def test_kinds_of_store_that_are_not_supported_are_refused(tmp_path: Path, uri: str) -> None:
    with pytest.raises(StoreError, match="not supported"):
        open_store(tmp_path, uri)


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(tmp_path: Path, uri: str) -> None:
    with pytest.raises(StoreError, match="names no file"):
        open_store(tmp_path, uri)


def test_addresses_are_shown_without_what_may_be_secret() -> None:
    assert masked("https://ann:pa55@mlflow.example/x?token=t#f") == "https://***@mlflow.example/x"
    assert masked("sqlite:////data/mlflow.db") == "sqlite:///data/mlflow.db".replace("///", "////")
    assert without_secret("failed for pa/55", "postgresql://ann:pa%2F55@h/d") == "failed for ***"
