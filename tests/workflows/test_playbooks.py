"""The campaigns that `lab init` writes: they can be read, ask for columns that exist, and plan."""

from pathlib import Path

import pytest

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import read_definition, read_project
from retention_lab.data.expressions import check_where
from retention_lab.data.snapshot_columns import COLUMNS
from retention_lab.simulate.offers import OFFERS
from retention_lab.workflows.plan_campaign import plan_campaign
from retention_lab.workflows.project import Lab
from retention_lab.workflows.scaffold import TEMPLATES, scaffold
from retention_lab.workflows.validate import validate
from tests.workflows.conftest import silent
from tests.workflows.small_shops import small_shop

PLAYBOOKS = sorted(file.name.removesuffix(".yaml") for file in (TEMPLATES / "campaigns").iterdir())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return small_shop(tmp_path_factory.mktemp("playbooks") / "lab")[0]


def test_the_playbooks_are_those_that_a_retailer_asks_for() -> None:
    expected = {"winback", "welcome", "second-purchase", "loyalty-tier", "sleeping", "education"}
    assert set(PLAYBOOKS) == expected


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_asks_for_columns_and_offers_that_there_are(tmp_path: Path, name: str) -> None:
    scaffold(tmp_path)
    definition = read_definition(read_project(tmp_path), name)
    assert isinstance(definition, CampaignDefinition)
    check_where(str(definition.audience.where), list(COLUMNS))
    assert set(definition.offer_names) <= set(OFFERS)
    assert definition.holdout > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_validates_and_plans_on_the_simulated_retailer(shop: Lab, name: str) -> None:
    report = validate(shop.project, [name])
    assert (report.exit_code, report.definitions[0].status) == (0, "ready")
    plan = plan_campaign(shop, name, say=silent)
    assert 0 < plan.result["eligible"] < plan.result["considered"]
    assert plan.result["expected_spend"] <= plan.result["budget"]
