"""The pages of A/B tests through the commands: of a table that is made here, and of public ones."""

import shutil
from pathlib import Path

import pytest

from retention_lab.cli import run
from tests.cli.running import lab_json
from tests.reports.reading import Page, words_of
from tests.shared_data import ROOT, shared_file
from tests.workflows.experiment_tables import lab_with, table

SMALL = {"analysis": {"segments": ["city"]}}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return lab_with(tmp_path / "lab", table(3000, days=14), **SMALL).folder


def public(folder: Path, name: str, file: Path) -> None:
    """A project with one of this repository's own tests, and the data set that it reads."""
    assert run(["init", str(folder)]) == 0
    shutil.copy(ROOT / "experiments" / f"{name}.yaml", folder / "experiments" / f"{name}.yaml")
    shutil.copy(file, folder / "data" / file.name)


def test_analyze_names_its_page_and_report_names_it_again(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--project", str(lab))
    code, document = lab_json(capsys, "experiment", "analyze", "coupon-test", *here)
    assert (code, document["result"]["report"]) == (0, "reports/coupon-test.html")
    html = (lab / document["result"]["report"]).read_text("utf-8")
    assert document["result"]["run_id"] in html
    code, document = lab_json(capsys, "experiment", "report", "coupon-test", *here)
    assert (code, document["command"]) == (0, "experiment report")
    assert document["result"] == {
        "file": "reports/coupon-test.html",
        "files": {"en": "reports/coupon-test.html", "zh-CN": "reports/coupon-test.zh-CN.html"},
    }
    assert run(["experiment", "report", "coupon-test", *here]) == 0
    assert capsys.readouterr().out == "reports/coupon-test.html\n"


def test_a_page_of_a_test_that_was_not_analyzed_is_refused(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = lab_json(capsys, "experiment", "report", "coupon-test", "--project", str(lab))
    assert code == 3
    assert document["error"]["next"] == "Run `lab experiment analyze coupon-test`."


def test_the_gate_of_cookie_cats_stays_at_level_30(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public(tmp_path / "lab", "gate", shared_file("cookie_cats/cookie_cats.csv.gz"))
    assert run(["experiment", "analyze", "gate", "--project", str(tmp_path / "lab")]) == 0
    html = (tmp_path / "lab" / "reports" / "gate.html").read_text("utf-8")
    text = words_of(html)
    assert "Keep gate_30: retention_7 got worse with gate_40." in text
    assert "18.20% instead of 19.02%" in text  # published with the data: .1820 and .1902
    assert "Trust it, with care" in text
    assert "gate_30: 44,700 counted, 45,094 planned" in text


def test_hillstroms_e_mail_for_men_is_the_one_to_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public(tmp_path / "lab", "hillstrom-test", shared_file("hillstrom/hillstrom.csv.gz"))
    assert run(["experiment", "analyze", "hillstrom-test", "--project", str(tmp_path / "lab")]) == 0
    page = Page((tmp_path / "lab" / "reports" / "hillstrom-test.html").read_text("utf-8"))
    assert "Use Mens E-Mail: it is better." in page.text
    assert "visit: better with Womens E-Mail" in page.text
    assert "No column names the participants" in page.text
    rows = {" ".join(row[0].split()): row[1:] for row in page.rows if len(row) == 9}
    # Welch's differences are .07659 and .04523; spend of the year before moves them in the fourth digit
    assert rows["visit · Mens E-Mail goal"][2] == "+7.64\u00a0pp"
    assert rows["visit · Womens E-Mail goal"][2] == "+4.51\u00a0pp"
    assert [title for title in ("By channel", "By zip_code", "By newbie") if title not in page.text] == []
