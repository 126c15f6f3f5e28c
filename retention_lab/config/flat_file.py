"""Where a definition's flat table lies: in the project, or among the data sets that a user collects."""

import os
from pathlib import Path

from retention_lab.config.project import Project
from retention_lab.errors import ConfigurationError

DATA_FOLDER_VARIABLE = "RETENTION_LAB_DATA"


def find_flat_file(
    project: Project, table: str, *, source: str | None = None, file: Path | None = None, key: str = "table"
) -> Path:
    """The file that `table` names: relative to the project, else under $RETENTION_LAB_DATA.

    In that folder a file may lie at the same path, directly, or in a folder of its own name.
    source: where it can be had, told when it is missing. file, key: the definition, for the message.
    Raises ConfigurationError that names the paths looked at.
    """
    looked_at = [project.path(table)]
    shared = os.environ.get(DATA_FOLDER_VARIABLE)
    if shared and not Path(table).is_absolute():
        folder, name = Path(shared), Path(table).name
        looked_at += [folder / table, folder / name, folder / name.partition(".")[0] / name]
    for path in looked_at:
        if path.is_file():
            return path
    where = f"It can be had from: {source}. " if source else ""
    elsewhere = "" if shared else f", or set {DATA_FOLDER_VARIABLE} to the folder that has it"
    raise ConfigurationError(
        f"The table is not there; looked at {', '.join(map(str, looked_at))}.",
        f"{where}Put it at {looked_at[0]}, or correct the path{elsewhere}.",
        file=file,
        key=key,
    )
