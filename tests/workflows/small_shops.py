"""A project with a few hundred simulated customers: enough to see the customer view, and quick to ask."""

from pathlib import Path

from retention_lab.config.loading import read_project
from retention_lab.simulate import Retailer
from retention_lab.workflows.project import Lab
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.simulated_data import simulate_into


def small_shop(folder: Path, customers: int = 500, seed: int = 3) -> tuple[Lab, Retailer]:
    """A scaffolded project with the simulated tables, and the retailer who knows the truth."""
    scaffold(folder)
    lab = Lab(read_project(folder))
    retailer, _ = simulate_into(lab, customers=customers, seed=seed)
    return lab, retailer
