from pathlib import Path

import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.workflows.check_experiment import check_experiment
from tests.workflows.abtest_labs import abtest_lab, players
from tests.workflows.conftest import silent


def test_a_clean_test_passes_and_nothing_is_kept(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, exposed_at="entered", window_days=7)
    before = sorted(tmp_path.rglob("*"))
    report = check_experiment(lab, "gate", say=silent)
    assert report.trust.trustworthy
    assert report.units == {"30": 2_000, "40": 2_000}  # with those whose window is open
    assert {"sample_ratio", "sample_ratio_by_day", "before_spend_before"} <= {
        one["name"] for one in report.trust.checks
    }
    assert sorted(tmp_path.rglob("*")) == before


def test_no_effect_is_told(tmp_path: Path) -> None:
    document = check_experiment(abtest_lab(tmp_path, players(effect=0.3)), "gate", say=silent).as_json()
    assert set(document) == {"name", "trustworthy", "units", "sample_ratio", "checks", "notes"}
    assert not [one for one in document["checks"] if one["name"] in ("kept", "spend")]


def test_lost_units_are_not_to_be_trusted(tmp_path: Path) -> None:
    table = players()
    kept = [
        not (row["gate"] == 40 and row["kept"] == 0 and i % 3 == 0) for i, row in enumerate(table.to_pylist())
    ]
    report = check_experiment(abtest_lab(tmp_path, table.filter(pa.array(kept))), "gate", say=silent)
    assert not report.trust.trustworthy
    assert [one["name"] for one in report.trust.checks if one["passed"] is False] == ["sample_ratio"]


def test_units_that_do_not_fit_are_refused_with_the_definition(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, arm="gat")
    with pytest.raises(LabError, match="Did you mean 'gate'") as caught:
        check_experiment(lab, "gate", say=silent)
    assert str(caught.value.file).endswith("gate.yaml")
