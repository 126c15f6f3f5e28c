"""A lab to rehearse in: a campaign and its model as the project defines them, over a simulated retailer."""

from pathlib import Path

import yaml

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.config.loading import PROJECT_FILE, read_definition, read_project
from retention_lab.config.yaml_text import read_yaml
from retention_lab.errors import ConfigurationError
from retention_lab.whole_files import write_all
from retention_lab.workflows.project import Lab

_OF_THE_PROJECT_ALONE = ("data", "tracking")  # where its tables and runs lie; the rehearsal has its own


def rehearsal_lab(lab: Lab, definition: CampaignDefinition, folder: Path) -> Lab:
    """The project's settings, the campaign's definition and its model's, written into `folder`.

    Raises ConfigurationError where the campaign or its model is not about the project's own tables, or the
    campaign's offers are priced by itself: the simulated retailer has tables, offers and costs of its own.
    """
    model = read_definition(lab.project, definition.policy.model.name)
    if definition.audience.flat or getattr(model, "table", None) is not None:
        raise ConfigurationError(
            "The campaign or its model reads a flat file, whose customers no simulation can play.",
            "Rehearse a campaign over the project's tables: `lab init` writes one, winback.",
            file=definition.file,
            key="audience.table",
        )
    if definition.inline_offers is not None:
        raise ConfigurationError(
            "The campaign prices its offers itself, and the simulated customers answer to offers at the "
            "simulated retailer's costs.",
            "Name offers of its table: coupon_10, coupon_20, points_200, free_shipping, message.",
            file=definition.file,
            key="offers",
        )
    settings = read_yaml(lab.folder / PROJECT_FILE)
    own = {key: value for key, value in settings.items() if key not in _OF_THE_PROJECT_ALONE}
    files = {
        folder / "experiments" / model.file.name: model.file.read_bytes(),
        folder / "campaigns" / definition.file.name: definition.file.read_bytes(),
        folder / PROJECT_FILE: yaml.safe_dump(own, allow_unicode=True).encode(),
    }
    write_all(list(files.items()))
    for name in ("data", "mlruns"):
        (folder / name).mkdir(exist_ok=True)
    return Lab(read_project(folder), own_store=True)
