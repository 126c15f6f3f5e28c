"""Pages in a real browser: nothing is wider than the window, and a report prints on two pages."""

import dataclasses
import functools
import html as html_text
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from retention_lab.reports.campaign_report import render_campaign
from retention_lab.reports.churn_report import render_churn
from retention_lab.reports.customers_report import render_customers
from retention_lab.reports.experiment_report import render_experiment
from retention_lab.reports.model_report import render_model
from retention_lab.reports.rules_report import render_rules
from retention_lab.reports.segments_report import render_segments
from tests.reports.churn_samples import churn
from tests.reports.customer_samples import customers, segments
from tests.reports.experiment_samples import experiment
from tests.reports.rules_samples import rules
from tests.reports.samples import FAILED, campaign, model

pytestmark = pytest.mark.slow
NAMES = ("chromium", "chromium-browser", "google-chrome")
PAGES = {
    "campaign": functools.partial(render_campaign, campaign()),
    "doubt": functools.partial(
        render_campaign, dataclasses.replace(campaign(), trustworthy=False, checks=FAILED)
    ),
    "churn": functools.partial(render_churn, churn()),
    "model": functools.partial(render_model, model()),
    "experiment": functools.partial(render_experiment, experiment()),
    "customers": functools.partial(render_customers, customers()),
    "segments": functools.partial(render_segments, segments()),
    "rules": functools.partial(render_rules, rules()),
}


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip(f"needs a browser: none of {', '.join(NAMES)} is installed")
    return found


def browse(chromium: str, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
            *("--disable-background-networking", f"--user-data-dir={folder / 'profile'}", *words),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


# Measures the page from outside: the page itself may run no script, and needs none.
FRAME = """<!doctype html><body style="margin:0"><iframe id=f width=%d height=900 style="border:0"></iframe>
<script>const f=document.getElementById("f");f.onload=()=>{const d=f.contentDocument,w=f.clientWidth;
const drawn=f.contentWindow.SVGElement;
const wide=[...d.querySelectorAll("main *")].filter(e=>!e.closest(".unseen")&&!(e instanceof drawn)
&&e.getBoundingClientRect().right>w+1).map(e=>e.tagName+"."+e.className);
const hidden=getComputedStyle(d.querySelector("main")).maxWidth;
document.body.dataset.wide=wide.join(" ");document.body.dataset.style=hidden;
document.body.dataset.scroll=d.documentElement.scrollWidth-w;document.body.dataset.done=1};
f.srcdoc=%s</script>"""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("name", sorted(PAGES))
def test_nothing_is_wider_than_the_window(
    chromium: str, tmp_path: Path, name: str, width: int, language: str
) -> None:
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME % (width, _script_text(PAGES[name](language))), encoding="utf-8")
    dom = browse(chromium, tmp_path, "--window-size=1200,1000", "--dump-dom", frame.as_uri())
    body = re.search(r"<body[^>]*>", dom)
    assert body is not None
    found = dict(re.findall(r'data-(\w+)="([^"]*)"', html_text.unescape(body.group())))
    assert found["done"] == "1"
    assert found["style"] == "960px", "the page's own style was not let in by its policy"
    assert found["wide"] == ""
    assert int(found["scroll"]) <= 0


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", ["campaign", "experiment"])
def test_a_report_prints_on_two_pages(chromium: str, tmp_path: Path, name: str, language: str) -> None:
    page, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(PAGES[name](language), encoding="utf-8")
    browse(chromium, tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}", page.as_uri())
    pages = len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes()))
    assert pages <= 2


def _script_text(html: str) -> str:
    return json.dumps(html).replace("</", "<\\/")
