"""A Spark session for a module of tests; they skip and say why where there is no Spark."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.spark_session import spark_session
from retention_lab.data.spark_table import open_spark_table
from retention_lab.data.unit_summary import UnitTable


def require_spark() -> None:
    """Skip where pyspark or Java is missing."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("needs pyspark: make EXTRAS=dev,spark test")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("needs Java 17 or later: apt-get install default-jre-headless")


@contextmanager
def spark_or_skip() -> Iterator[Any]:
    """A session on this machine; `open_spark_table` shares it while it is up."""
    require_spark()
    with pytest.MonkeyPatch.context() as patch:
        # on small tables Java would spend most of the time on compiling itself for long ones
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
        with spark_session() as session:
            yield session


@contextmanager
def on_spark(table: pa.Table, folder: Path) -> Iterator[UnitTable]:
    """The rows as Parquet files in a folder, two where there are enough, opened by Spark."""
    half = len(table) // 2
    for i, part in enumerate((table.slice(0, half), table.slice(half))):
        if len(part) or i:
            pq.write_table(part, folder / f"part-{i}.parquet")
    with open_spark_table(str(folder)) as found:
        yield found
