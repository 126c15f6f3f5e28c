import shutil
from pathlib import Path

import pytest

from retention_lab.errors import LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.search import find_runs
from retention_lab.workflows.analyze_experiment import analyze_experiment
from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.report_experiment import report_experiment
from tests.workflows.conftest import silent
from tests.workflows.experiment_tables import lab_with, table

SMALL = {"analysis": {"segments": ["city"]}}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = lab_with(tmp_path_factory.mktemp("report") / "lab", table(3000, days=14), **SMALL)
    analyze_experiment(lab, "coupon-test", say=silent)
    return lab


def language_of(page: bytes) -> str:
    return page.decode().split('<html lang="')[1].split('"')[0]


def test_an_analysis_keeps_its_pages_with_the_run_and_in_the_project(lab: Lab) -> None:
    store = lab.open_store()
    (run,) = find_runs(store, "abtest/coupon-test")
    for artifact, language in (("report.html", "en"), ("report.zh-CN.html", "zh-CN")):
        kept = read_artifact(store, run, artifact)
        assert language_of(kept) == language
        assert run.id.encode() in kept
        assert (lab.folder / "reports" / artifact.replace("report", "coupon-test", 1)).read_bytes() == kept


def test_the_page_of_the_latest_analysis_comes_back_after_it_was_deleted(lab: Lab) -> None:
    shutil.rmtree(lab.folder / "reports")
    found = report_experiment(lab, "coupon-test")
    assert found == {
        "file": "reports/coupon-test.html",
        "files": {"en": "reports/coupon-test.html", "zh-CN": "reports/coupon-test.zh-CN.html"},
    }
    for language, file in found["files"].items():
        assert language_of((lab.folder / file).read_bytes()) == language


def test_a_project_that_changed_its_language_gets_that_page_first(lab: Lab, tmp_path: Path) -> None:
    settings = lab.folder / "lab.yaml"
    english = settings.read_text("utf-8")
    settings.write_text(english.replace("language: en", "language: zh-CN"), encoding="utf-8")
    found = report_experiment(open_project(lab.folder), "coupon-test")
    settings.write_text(english, encoding="utf-8")
    assert list(found["files"]) == ["zh-CN", "en"]
    assert language_of((lab.folder / found["file"]).read_bytes()) == "zh-CN"
    assert language_of((lab.folder / "reports" / "coupon-test.en.html").read_bytes()) == "en"


def test_a_test_that_was_not_analyzed_has_no_page(lab: Lab) -> None:
    with pytest.raises(LabError, match="lab experiment analyze other"):
        report_experiment(lab, "other")
