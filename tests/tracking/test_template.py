import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow.store.db import utils as migrations

from retention_lab.tracking import template


def schema(path: Path) -> dict[str, list[object]]:
    """Columns, keys and indexes by table; the order of a table's checks differs from time to time."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [
                sorted(repr(row[1:]) for row in connection.execute(f"PRAGMA {what}('{name}')"))
                for what in ("table_xinfo", "foreign_key_list", "index_list")
            ]
            for name in names
        }


@pytest.mark.slow
def test_the_template_is_what_the_installed_mlflow_would_make(tmp_path: Path) -> None:
    if template.read_template().revision != str(migrations._get_latest_schema_revision()):
        pytest.skip("another MLflow than the template's is installed: its own migrations are used")
    built, shipped = tmp_path / "built.db", tmp_path / "shipped.db"
    template.build_by_migration(built)
    with closing(sqlite3.connect(shipped)) as connection:
        connection.executescript(template.read_template().sql)
    assert schema(built) == schema(shipped)
