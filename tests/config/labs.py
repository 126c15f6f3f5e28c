"""A small project on disk for the tests of definitions."""

from pathlib import Path

from retention_lab.config.loading import read_project
from retention_lab.config.project import Project

FLAT = """\
kind: uplift
table: people.csv
treatment: {column: group, control: none}
outcomes: {visit: binary, spend: money}
primary: visit
"""

CAMPAIGN = """\
kind: campaign
offers: [coupon_10, points_200]
policy: {uplift: mail@champion}
"""


def lab_in(folder: Path, settings: str = "name: acme\n", **definitions: str) -> Project:
    """A project with these definitions; those of kind campaign go to campaigns/."""
    (folder / "lab.yaml").write_text(settings, encoding="utf-8")
    for name, text in definitions.items():
        place = folder / ("campaigns" if "kind: campaign" in text else "experiments")
        place.mkdir(exist_ok=True)
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_project(folder)
