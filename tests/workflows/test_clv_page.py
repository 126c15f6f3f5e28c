from pathlib import Path

from retention_lab.config.project import Privacy, Project
from retention_lab.workflows.clv_page import clv_report
from retention_lab.workflows.clv_rows import read_purchases
from retention_lab.workflows.clv_training import fit
from retention_lab.workflows.project import Lab
from retention_lab.workflows.train_clv import clv_definition, question_of, train_clv
from tests.workflows.conftest import silent
from tests.workflows.test_train_clv import lab_with, log_table


def test_groups_are_of_as_many_customers_as_the_project_asks_for(tmp_path: Path) -> None:
    lab = lab_with(tmp_path / "lab", log_table(300), models=["beta_geo"])
    result = train_clv(lab, "value", register=False, say=silent)
    definition = clv_definition(lab, "value")
    purchases = read_purchases(lab, definition, None)
    fitted = fit(question_of(lab, definition, purchases), definition.models, silent)
    sizes = {}
    for least in (1, 60, 200):
        settings = lab.settings.model_copy(update={"privacy": Privacy(min_cell=least)})
        page = clv_report(Lab(Project(lab.folder, settings)), result, purchases, fitted)
        sizes[least] = [one.customers for one in page.groups]
    assert len(sizes[1]) == 10
    assert 2 <= len(sizes[60]) <= 5
    assert min(sizes[60]) >= 60
    assert sizes[200] == []
