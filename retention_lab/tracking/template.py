"""The empty MLflow database that new projects start from, shipped as SQL beside this file.

MLflow builds its database by 50 migrations in seconds, and loses runs where several processes do so at once.
`python -m retention_lab.tracking.template` writes the SQL anew from the installed MLflow; run it after
raising the tested version of MLflow.
"""

import sqlite3
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mlflow
from mlflow.store.db import utils as migrations

from retention_lab.whole_files import write_whole

TEMPLATE = Path(__file__).with_name("template.sql")


@dataclass(frozen=True, slots=True)
class Template:
    """SQL that makes an empty store, the MLflow it was made with, and that MLflow's schema revision."""

    mlflow_version: str
    revision: str
    sql: str


@cache
def read_template() -> Template:
    """The template that is shipped with the package."""
    text = TEMPLATE.read_text(encoding="utf-8")
    head = dict(line.removeprefix("-- ").split(": ") for line in text.splitlines()[:2])
    return Template(head["mlflow"], head["revision"], text)


@cache
def installed_revision() -> str:
    """The schema revision that the installed MLflow wants."""
    template = read_template()
    if mlflow.__version__ == template.mlflow_version:
        return template.revision  # asking MLflow means reading all its migrations
    return str(migrations._get_latest_schema_revision())


def build_by_migration(path: Path) -> None:
    """Let MLflow make its tables in the database at `path`, which no one else may be using."""
    engine = migrations.create_sqlalchemy_engine(f"sqlite:///{path}")
    try:
        migrations._initialize_tables(engine)
    finally:
        engine.dispose()


def make_template() -> str:
    """The SQL of an empty store of the installed MLflow."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        build_by_migration(path)
        connection = sqlite3.connect(path)
        try:
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            statements = "\n".join(connection.iterdump())
        finally:
            connection.close()
    return f"-- mlflow: {mlflow.__version__}\n-- revision: {revision}\n{statements}\n"


if __name__ == "__main__":
    write_whole(TEMPLATE, make_template().encode())
