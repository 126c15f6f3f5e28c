"""Which rows of a table a version was trained on."""

import numpy as np

from retention_lab.arrays import Bools
from retention_lab.errors import LabError
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.keys import CustomerKeys
from retention_lab.workflows.trained_on import TrainedOn

ROWS_BY_TAG = "lab.rows_by"
BY_ID, BY_CONTENT = "id", "content"


def rows_by(id_column: str | None) -> str:
    """How a table's rows are known again, as a version's tag says it."""
    return BY_CONTENT if id_column is None else BY_ID


def seen_rows(version: Loaded, keys: CustomerKeys, unit: np.ndarray, id_column: str | None) -> Bools:
    """(n,) True for the rows of customers whom the version was trained on.

    keys: of unit, (n,) text. id_column: of the rows; None: they go by their content.
    Raises LabError where the version's rows were known in another way, so that none would be recognised.
    """
    _require_same_way(version, rows_by(id_column))
    trained = TrainedOn.from_files(version.files)
    seen = ~trained.new_rows(keys.values, keys.key_id)
    return seen if id_column is not None else same_customers(seen, len(trained.keys), unit)


def same_customers(seen: Bools, trained: int, unit: np.ndarray) -> Bools:
    """(n,) which rows without an id are customers seen in training, and not others who only look like them.

    seen: rows that say what one of the `trained` rows said. They are those rows where all of those are here
    (the training's table, perhaps grown), or where more are seen than chance explains: of the rows that
    nobody in this table resembles, twice the share of the table's rows that do resemble another.
    """
    if seen.sum() == trained:
        return seen
    content = np.array([one.rpartition("-")[0] for one in unit.tolist()])
    _, kind, count = np.unique(content, return_inverse=True, return_counts=True)
    alone = count[kind] == 1
    recognised = float(seen[alone].mean()) if alone.any() else 0.0
    if recognised > 2 * float(1 - alone.mean()):
        return seen
    return np.zeros(len(seen), dtype=np.bool_)


def _require_same_way(version: Loaded, now: str) -> None:
    then = version.tags.get(ROWS_BY_TAG)
    if then is None and now == BY_CONTENT:
        raise LabError(
            f"Version {version.version} was trained when rows without an id went by their number, which does "
            "not tell them in a file that was sorted or extended.",
            f"Train again: `lab train {version.name}`.",
        )
    if then not in (None, now):
        raise LabError(
            f"Version {version.version} knew its rows by their {then}, and the definition knows them by "
            f"their {now} now: nobody would be recognised.",
            f"Restore `id:` in the definition, or train again: `lab train {version.name}`.",
            key="id",
        )
