"""A Spark session for the queries of this package: the one that runs in this process, or one of its own."""

import atexit
import logging
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from retention_lab.errors import ConfigurationError

ADDRESS_VARIABLE = "RETENTION_LAB_SPARK"
HERE = "local[*]"
_CONNECT = "sc://"
# Times are UTC, and what cannot be cast stops the query instead of becoming NULL: as in DuckDB here.
_MEANING = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
_NO_LOG = (
    "appender.none.type = Null\nappender.none.name = none\n"
    "rootLogger.level = off\nrootLogger.appenderRef.none.ref = none\n"
)
_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")


@contextmanager
def spark_session() -> Iterator[Any]:
    """A `pyspark.sql.SparkSession` with settings and views of its own.

    Where one is active in this process (a notebook, spark-submit), its cluster is shared and stays up. Else
    one is started at $RETENTION_LAB_SPARK (`local[*]`, all cores of this machine, where that is not set; a
    cluster's master, or `sc://host:port` for Spark Connect), and stopped afterwards; on this machine it
    listens on the loopback address alone and leaves no file behind when the process ends.
    Raises ConfigurationError where pyspark is not installed or no session comes up.
    """
    session_class = _session_class()
    running = session_class.getActiveSession()
    with _no_cells_in_the_log(), warnings.catch_warnings():
        # nothing here goes through pandas
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        if running is not None:
            yield _with_meaning(running.newSession())
            return
        handler = signal.getsignal(signal.SIGINT)
        try:
            session = _start(session_class, os.environ.get(ADDRESS_VARIABLE) or HERE)
            try:
                yield _with_meaning(session)
            finally:
                session.stop()
        finally:
            if signal.getsignal(signal.SIGINT) is not handler:
                signal.signal(signal.SIGINT, handler)  # Spark put its own in its place


def _session_class() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigurationError(
            "Spark is not installed.",
            "pip install 'retention-lab[spark]' (it needs Java 17 or later, too), or leave `engine` out: "
            "DuckDB reads the same table.",
            key="engine",
        ) from error
    return SparkSession


def _start(session_class: Any, address: str) -> Any:
    try:
        if address.startswith(_CONNECT):
            return session_class.builder.remote(address).create()
        builder = session_class.builder.appName("retention-lab").master(address)
        for name, value in (_on_this_machine() if address.startswith("local") else {}).items():
            builder = builder.config(name, value)
        return builder.getOrCreate()
    except Exception as error:  # of pyspark, py4j, grpc or the system: nothing has been asked yet
        raise ConfigurationError(
            f"No Spark session comes up at '{address}'.",
            f"{ADDRESS_VARIABLE} names the place; on this machine Spark needs Java 17 or later (JAVA_HOME, "
            "or `java` on the path). Or leave `engine` out: DuckDB reads the same table.",
            key="engine",
        ) from error


def _on_this_machine() -> dict[str, str]:
    """No port that others can reach, no file outside one folder, and no log, which could show cells."""
    folder = _folder()
    log = folder / "log4j2.properties"
    log.write_text(_NO_LOG, encoding="utf-8")
    return {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log}",
        "spark.local.dir": str(folder),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


@cache
def _folder() -> Path:
    """Of this process until it ends: so long does Java run, which keeps the first folder that it was told."""
    folder = Path(tempfile.mkdtemp(prefix="retention-lab-spark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _with_meaning(session: Any) -> Any:
    for name, value in _MEANING.items():
        session.conf.set(name, value)
    return session


@contextmanager
def _no_cells_in_the_log() -> Iterator[None]:
    """A cast that fails is logged by pyspark with the value that it failed on."""
    from pyspark.logger import PySparkLogger

    loggers: list[logging.Logger] = [PySparkLogger.getLogger(name) for name in _LOGGERS]
    before = [one.disabled for one in loggers]
    for one in loggers:
        one.disabled = True
    try:
        yield
    finally:
        for one, disabled in zip(loggers, before, strict=True):
            one.disabled = disabled
