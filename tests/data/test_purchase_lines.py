from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention_lab.data.connect import open_tables
from retention_lab.data.purchase_lines import purchase_lines
from retention_lab.errors import LabError

LINES = """order_id,customer_id,ordered_at,amount,contribution
1,a,2026-01-01T23:30:00,10,4
1,a,2026-01-01T23:30:00,20,6
1,a,2026-01-05T10:00:00,-20,-6
2,b,2026-01-03T10:00:00,5,-1
3,,2026-01-03T11:00:00,5,1
"""


def write(folder: Path, text: str) -> Path:
    (folder / "transactions.csv").write_text(text, encoding="utf-8")
    return folder


def test_lines_of_a_moment_are_one_and_returns_are_no_purchases(tmp_path: Path) -> None:
    with open_tables(write(tmp_path, LINES), tmp_path) as tables:
        found = purchase_lines(tables, datetime(2026, 2, 1, tzinfo=UTC)).to_pydict()
    assert found["customer_id"] == ["a", "a", "b"]
    assert found["value"] == [10.0, -6.0, -1.0]
    assert found["bought"] == [True, False, True]  # sold below cost is sold all the same


def test_nothing_at_or_after_the_date_is_seen(tmp_path: Path) -> None:
    with open_tables(write(tmp_path, LINES), tmp_path) as tables:
        found = purchase_lines(tables, datetime(2026, 1, 3, 10, tzinfo=UTC))
    assert found["customer_id"].to_pylist() == ["a"]


def test_days_are_those_of_the_projects_zone(tmp_path: Path) -> None:
    text = LINES.replace("2026-01-01T23:30:00", "2026-01-01T23:30:00Z")
    text = text.replace("10:00:00", "10:00:00Z").replace("11:00:00", "11:00:00Z")
    with open_tables(write(tmp_path, text), tmp_path, timezone="Asia/Shanghai") as tables:
        found = purchase_lines(tables, datetime(2026, 2, 1, tzinfo=UTC))
    assert [str(day) for day in found["day"].to_pylist()] == ["2026-01-02", "2026-01-05", "2026-01-03"]


def test_unknown_contribution_is_refused(tmp_path: Path) -> None:
    text = "\n".join(line.rsplit(",", 1)[0] for line in LINES.strip().splitlines()) + "\n"
    with (
        open_tables(write(tmp_path, text), tmp_path) as tables,
        pytest.raises(LabError, match="margin_share"),
    ):
        purchase_lines(tables, datetime(2026, 2, 1, tzinfo=UTC))
