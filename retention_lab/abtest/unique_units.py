"""One row a unit, or no assignment."""

import numpy as np

from retention_lab.abtest.hashes import hash64
from retention_lab.abtest.unit_ids import Ids, UnitIds, unit_ids
from retention_lab.errors import LabError


def unique_units(ids: Ids) -> UnitIds:
    """(n,) ids as text, each once.

    Raises LabError where there is none, an id is missing or empty, or a unit appears twice.
    """
    units = unit_ids(ids)
    if len(units) == 0:
        raise LabError("There are no units to assign.", "Give at least one id.")
    empty = units.offset[1:] == units.offset[:-1]
    if empty.any():
        raise LabError(
            f"The id in row {int(np.argmax(empty)) + 1} is empty.",
            "Remove rows without an id, or give them one.",
        )
    hashes = hash64(units, "")
    ordered = np.sort(hashes)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(again):
        _refuse_same_text(units, np.flatnonzero(np.isin(hashes, again)))
    return units


def _refuse_same_text(units: UnitIds, rows: np.ndarray) -> None:
    """Equal hashes are all but certainly equal ids; the text decides."""
    first: dict[bytes, int] = {}
    for row in rows.tolist():
        text = units.data[units.offset[row] : units.offset[row + 1]].tobytes()
        if text in first:
            raise LabError(
                f"Rows {first[text] + 1} and {row + 1} are the same unit.",
                "Keep one row a unit: it is assigned once, however often it comes.",
            )
        first[text] = row
