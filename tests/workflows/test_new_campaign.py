from pathlib import Path

import pytest

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import read_definition
from retention_lab.config.project import Project
from retention_lab.errors import ConfigurationError, LabError, UsageError
from retention_lab.workflows.new_definition import Answers, new_definition
from tests.config.labs import lab_in
from tests.workflows.drafted import new_uplift
from tests.workflows.flat_files import write_german_csv


def new_campaign(project: Project, file: Path, **answers: object) -> CampaignDefinition:
    new_definition(project, "campaign", "may", file, Answers(**answers))  # type: ignore[arg-type]
    definition = read_definition(project, "may")
    assert isinstance(definition, CampaignDefinition)
    return definition


def test_a_campaign_offers_the_models_arms_to_a_second_file(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    new_uplift(project, write_german_csv(tmp_path / "kunden.csv"))
    file = write_german_csv(tmp_path / "next.csv", 300, seed=2, columns=4, first=5000)
    campaign = new_campaign(project, file, model="mail", budget=20.0, cost=0.1)
    assert (campaign.audience.table, campaign.audience.id) == ("next.csv", "Kundennr")
    assert campaign.inline_offers is not None
    assert {name: offer.cost_per_contact for name, offer in campaign.inline_offers.items()} == {"1": 0.1}
    assert campaign.policy.model == ("mail", "@champion")
    assert campaign.policy.objective == "outcome"
    assert campaign.budget == 20.0


def test_a_model_that_is_judged_in_money_makes_a_campaign_for_net_value_at_its_costs(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    file = write_german_csv(tmp_path / "kunden.csv")
    report, _ = new_uplift(project, file)
    value = "value: {outcome: Umsatz, per_unit: 0.4, cost: {1: 0.25}}"
    text = report.path.read_text(encoding="utf-8").replace("value: null", value)
    report.path.write_text(text, encoding="utf-8")
    campaign = new_campaign(project, file, model="mail", budget=10.0)
    assert campaign.policy.objective == "net_value"
    assert campaign.inline_offers is not None
    assert campaign.inline_offers["1"].cost_per_contact == 0.25


@pytest.mark.parametrize(
    ("answers", "error", "message"),
    [
        ({}, UsageError, "--model NAME"),
        ({"model": "mial"}, ConfigurationError, "Did you mean 'mail'"),
        ({"model": "past"}, ConfigurationError, "no uplift model of a flat table"),
        ({"model": "mail", "budget": 5.0}, UsageError, "--cost C"),
        ({"model": "mail", "id": "Stadt"}, LabError, "does not identify rows"),
        ({"model": "mail", "budget": -5.0, "cost": 1.0}, ConfigurationError, "at least 0"),
    ],
)
def test_a_campaign_that_cannot_be_drafted_is_refused(
    tmp_path: Path, answers: dict[str, object], error: type[LabError], message: str
) -> None:
    project = lab_in(tmp_path, past="kind: uplift\n")
    file = write_german_csv(tmp_path / "kunden.csv")
    new_uplift(project, file)
    with pytest.raises(error, match=message):
        new_campaign(project, file, **answers)
    assert not (tmp_path / "campaigns" / "may.yaml").exists()


def test_a_second_file_without_the_models_columns_is_refused(tmp_path: Path) -> None:
    project = lab_in(tmp_path)
    new_uplift(project, write_german_csv(tmp_path / "kunden.csv"))
    file = write_german_csv(tmp_path / "next.csv", 300, columns=2)
    with pytest.raises(LabError, match="lacks 2 of the 3 columns"):
        new_campaign(project, file, model="mail")
