from pathlib import Path

import pytest

from retention_lab.config.loading import read_project
from retention_lab.errors import ConfigurationError
from retention_lab.workflows.plan_campaign import campaign_definition
from retention_lab.workflows.project import Lab
from retention_lab.workflows.rehearsal_lab import rehearsal_lab
from retention_lab.workflows.scaffold import scaffold


def project(folder: Path, holdout: str = "null") -> Lab:
    scaffold(folder)
    settings = (folder / "lab.yaml").read_text().replace("global_holdout: null", f"global_holdout: {holdout}")
    (folder / "lab.yaml").write_text(settings)
    return Lab(read_project(folder))


def test_the_stage_has_the_projects_rules_and_none_of_its_data(tmp_path: Path) -> None:
    lab = project(tmp_path / "own", "{share: 0.05, salt: x, from: 2025-01-01}")
    stage = rehearsal_lab(lab, campaign_definition(lab, "winback"), tmp_path / "stage")
    assert stage.settings.global_holdout == lab.settings.global_holdout is not None
    assert stage.settings.data.source == type(stage.settings.data)().source
    assert sorted(path.stem for path in (stage.folder / "experiments").iterdir()) == ["winback-uplift"]
    assert stage.own_store


def test_offers_that_the_campaign_prices_itself_are_refused(tmp_path: Path) -> None:
    lab = project(tmp_path / "own")
    (lab.folder / "campaigns" / "winback.yaml").write_text(
        "kind: campaign\noffers: {coupon_10: {cost_per_contact: 9}}\n"
        "policy: {uplift: winback-uplift@champion}\n"
    )
    with pytest.raises(ConfigurationError, match="prices its offers itself"):
        rehearsal_lab(lab, campaign_definition(lab, "winback"), tmp_path / "stage")
