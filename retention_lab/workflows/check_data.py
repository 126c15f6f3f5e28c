"""`lab data check`: are the tables fit to learn from?"""

from retention_lab.data.quality import Quality, check_tables
from retention_lab.workflows.project import Lab


def check_data(lab: Lab) -> Quality:
    """Count and check the project's tables.

    Raises LabError when there are none, or one of them cannot be read at all.
    """
    with lab.open_tables() as tables:
        tables.require(*(() if tables.places else ("customers",)))
        return check_tables(tables)
