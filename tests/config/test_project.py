from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError
from tests.config.labs import lab_in


def test_defaults_are_the_contracts(tmp_path: Path) -> None:
    settings = lab_in(tmp_path).settings
    assert (settings.timezone, settings.language, settings.data.source) == ("UTC", "en", "data/")
    gate = settings.promotion.uplift
    assert (gate.confidence, gate.share, gate.tolerance) == (0.95, 0.2, 0.0)
    assert settings.privacy.min_cell == 20
    assert settings.global_holdout is None
    assert settings.tracking.uri is None


def test_the_smallest_group_that_is_told_can_be_chosen(tmp_path: Path) -> None:
    assert lab_in(tmp_path, "name: acme\nprivacy: {min_cell: 5}\n").settings.privacy.min_cell == 5
    with pytest.raises(ConfigurationError):
        lab_in(tmp_path, "name: acme\nprivacy: {min_cell: 0}\n")


def test_a_date_is_its_first_instant_in_the_projects_zone(tmp_path: Path) -> None:
    project = lab_in(tmp_path, "name: acme\ntimezone: Europe/Berlin\n")
    assert project.moment("2026-07-01") == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert project.moment("2026-07-01T00:00Z") == datetime(2026, 7, 1, tzinfo=UTC)


def test_paths_are_relative_to_the_project_and_urls_stay(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    assert project.path("data/a.csv") == tmp_path.resolve() / "data" / "a.csv"
    assert project.path(tmp_path / "b.csv") == tmp_path / "b.csv"
    assert project.source == tmp_path.resolve() / "data"
    assert lab_in(tmp_path, "name: a\ndata: {source: 'duckdb:///x.db'}\n").source == "duckdb:///x.db"


def test_the_global_holdout_is_read_with_the_contracts_keys(tmp_path: Path) -> None:
    text = "name: a\nglobal_holdout: {share: 0.05, salt: s, from: 2026-01-01, until: null}\n"
    holdout = lab_in(tmp_path, text).settings.global_holdout
    assert holdout is not None
    assert (holdout.share, holdout.salt, holdout.start, holdout.until) == (0.05, "s", "2026-01-01", None)


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("timezone: Europe/Berln", "timezone", "Did you mean 'Europe/Berlin'"),
        ("timezon: UTC", "timezon", "Did you mean 'timezone'"),
        ("currency: euro", "currency", "three capital letters"),
        ("language: de", "language", "'en' or 'zh-CN'"),
        ("margin_share: 35", "margin_share", "at most 1"),
        ("data: {tables: {transaction: x.csv}}", "data.tables.transaction", "Did you mean 'transactions'"),
        (
            "data: {columns: {transactions: {amonut: total}}}",
            "data.columns.transactions.amonut",
            "Did you mean 'amount'",
        ),
        ("global_holdout: {share: 0.05, salt: s, from: soon}", "global_holdout.from", "a date such as"),
        ("global_holdout: {share: 0.05, salt: s, from: 2026-02-30}", "global_holdout.from", "a date such as"),
        ("global_holdout: {share: 0.05, salt: s, start: 2026-01-01}", "global_holdout.start", "not known"),
        ("promotion: {uplift: {confidence: 95}}", "promotion.uplift.confidence", "below 1"),
    ],
)
def test_a_wrong_setting_is_refused_by_key(tmp_path: Path, line: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        lab_in(tmp_path, f"name: acme\n{line}\n")
    assert caught.value.key == key
    assert message in str(caught.value)
