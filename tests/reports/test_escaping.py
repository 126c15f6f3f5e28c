import dataclasses
import re
import shlex
from datetime import date

import pytest

from retention_lab.checks import check
from retention_lab.estimate import normal_estimate
from retention_lab.reports.campaign_report import (
    CampaignReport,
    OfferResult,
    Origin,
    Way,
    render_campaign,
)
from retention_lab.reports.experiment import (
    Arm,
    Checked,
    ExperimentReport,
    Interaction,
    Measure,
    Segment,
)
from retention_lab.reports.experiment_report import render_experiment
from retention_lab.reports.model_report import ArmRow, Candidate, Effect, ModelReport, render_model
from tests.reports.experiment_samples import better, course, experiment, guardrail
from tests.reports.hostile import HOSTILE
from tests.reports.reading import Page
from tests.reports.samples import campaign, model
from tests.reports.understood import understanding

ONE = normal_estimate(1.0, 0.2)
ORIGINS = ("model", "experiment", "run_id")


def hostile_campaign(name: str) -> CampaignReport:
    return dataclasses.replace(
        campaign(),
        campaign=name,
        experiment=name,
        title=name,
        channel=name,
        uplift=name,
        budget=None,  # holds no name, and takes long to draw
        checks=(check(name, "soft", False, detail=name), check("pre_period", "soft", None, detail=name)),
        offers=(OfferResult(name, 10, ONE), OfferResult(name, 10, None, name)),
        baselines=(Way(name, ONE), Way("everyone", ONE)),
        truth=dataclasses.replace(campaign().truth, ways=((name, 1.0),)),  # type: ignore[type-var]
        origin=Origin(name, name, name, date(2026, 1, 1), (name,)),
    )


def hostile_model(name: str) -> ModelReport:
    gains, fit = model().gain_curves[0], model().calibrations[0]
    return dataclasses.replace(
        model(),
        name=name,
        version=name,
        winner=name,
        outcome=name,
        over=name,
        checks=(check(name, "soft", False, detail=name),),
        gate=(check(name, "hard", False, detail=name),),
        arms=(ArmRow(name, 10, 0.5, 0.5, 1.0),),
        effects=(Effect(name, ONE),),
        candidates=(Candidate(name, (("qini." + name, ONE), (name, None))), Candidate(name, ((name, ONE),))),
        gain_curves=(dataclasses.replace(gains, arm=name, points=gains.points[::10]),),
        calibrations=(dataclasses.replace(fit, arm=name, groups=fit.groups[::5]),),
        limits=(name,),
        understanding=understanding(("none", name), name),
        origin=Origin(name, name, name, date(2026, 1, 1), (name,)),
    )


def hostile_experiment(name: str) -> ExperimentReport:
    measure = Measure(name, "share", "primary")
    one = better(measure, name)
    facts: dict[str, str | float] = {
        "metric": name,
        "arm": name,
        "covariate": name,
        "share": 0.6,
        "units": 100.0,
        "slope": 1.0,
    }
    kinds = ("before", "outliers", "skewed_small_arm", "trend", "unknown")
    return dataclasses.replace(
        experiment(),
        name=name,
        arms=(Arm(name, 10, 0.5), Arm(name + " ", 10, 0.5)),
        cause="open",
        shipped=None,
        checks=tuple(Checked(check(name, "soft", False, 0.1, detail=name), kind, facts) for kind in kinds),
        results=(one, dataclasses.replace(one, effect=None, reason="other"), guardrail()),
        segments=(Segment(name, ((name, one),), (Interaction(name, name, 0.4),)),),
        courses=(course(measure, days=3, arm=name),),
        cut=(name,),
        origin=Origin(name, name, name, date(2026, 1, 1), (name,)),
    )


def skeleton(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """Tags with the names of their attributes, in order."""
    return [(tag, tuple(attrs)) for tag, attrs in page.tags]


PLAIN = {
    language: (
        Page(render_campaign(hostile_campaign("x"), language)),
        Page(render_model(hostile_model("x"), language)),
        Page(render_experiment(hostile_experiment("x"), language)),
    )
    for language in ("en", "zh-CN")
}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_changes_nothing_but_text(name: str, language: str) -> None:
    found = (
        Page(render_campaign(hostile_campaign(name), language)),
        Page(render_model(hostile_model(name), language)),
        Page(render_experiment(hostile_experiment(name), language)),
    )
    for page, plain in zip(found, PLAIN[language], strict=True):
        assert skeleton(page) == skeleton(plain)


@pytest.mark.parametrize("name", [n for n in HOSTILE if n.isprintable()], ids=repr)
def test_a_hostile_name_is_shown_as_it_is(name: str) -> None:
    page = Page(render_campaign(hostile_campaign(name), "en"))
    assert name in "".join(page.pieces)
    assert [row for row in page.rows if row[0].strip().startswith(name)]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_page_holds_only_characters_that_can_be_shown_and_stored(name: str) -> None:
    html = render_campaign(hostile_campaign(name), "en")
    html.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", html)


@pytest.mark.parametrize("name", ["$(rm -rf ~); `id`", "two words", "it's"])
def test_a_name_in_a_command_is_one_word_of_the_shell(name: str) -> None:
    page = Page(render_campaign(hostile_campaign(name), "en"))
    commands = [piece for piece in page.pieces if piece.startswith("lab ")]
    assert commands
    assert all(shlex.split(command)[-1] == name for command in commands)
