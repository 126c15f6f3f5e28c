"""A send file that any tool reads: one row per customer to contact, and a manifest that says what it is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.targeting.draw import HOLDOUT

# What a spreadsheet takes for the start of a formula, the full-width forms among them.
FORMULA_STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")
# A separator of any country's spreadsheets, or a line's end: such cells are quoted.
QUOTED: Final = frozenset(',;\t|"\r\n')


@dataclass(frozen=True, slots=True)
class SendFile:
    """The bytes of the file, and a manifest with row counts, hash, model version and policy."""

    name: str
    data: bytes
    manifest: dict[str, Any]


def send_file(
    experiment: str,
    customers: Sequence[str],
    arm: Ints,
    role: np.ndarray,
    offers: Sequence[str],
    origin: Mapping[str, Any],
    channels: Sequence[str | None] | None = None,
) -> SendFile:
    """CSV (UTF-8, comma, one header line) of customer_id, offer and, where channels are given, channel.

    customers, arm, role: of all n assigned; only those with an offer are in the file, never none or the
    holdout. offers: K names. channels: of each offer. origin: what the manifest says beside, such as
    model_version and policy. Rows are sorted by customer, so that the same launch gives the same bytes. A
    cell that a spreadsheet would run as a formula gets a leading apostrophe.

    Raises LabError where a customer of the holdout has an offer, or comes twice.
    """
    _check(customers, arm, role, len(offers))
    sent = sorted((str(customers[row]), int(arm[row]) - 1) for row in np.flatnonzero(arm > 0).tolist())
    header = ["customer_id", "offer"] + (["channel"] if channels is not None else [])
    lines = [header]
    for customer, offer in sent:
        channel = [] if channels is None else [channels[offer] or ""]
        lines.append([customer, offers[offer], *channel])
    data = "".join(",".join(map(cell, line)) + "\n" for line in lines).encode()
    counts = (
        np.bincount([offer for _, offer in sent], minlength=len(offers)) if sent else np.zeros(len(offers))
    )
    manifest = {
        "experiment": experiment,
        "file": f"{experiment}.csv",
        "columns": header,
        "rows": len(sent),
        "offers": {name: int(count) for name, count in zip(offers, counts, strict=True)},
        "sha256": hashlib.sha256(data).hexdigest(),
        "withheld": {
            "holdout": int((role == HOLDOUT).sum()),
            "none": int(((arm == 0) & (role != HOLDOUT)).sum()),
        },
        **origin,
    }
    return SendFile(f"{experiment}.csv", data, manifest)


def cell(text: str) -> str:
    """One cell: harmless in a spreadsheet, quoted where a reader could take part of it for another cell.

    >>> cell("=1+1"), cell("a;=1+1"), cell("anna")
    ("'=1+1", '"a;=1+1"', 'anna')
    """
    safe = "'" + text if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text
    return '"' + safe.replace('"', '""') + '"' if QUOTED & set(safe) else safe


def _check(customers: Sequence[str], arm: Ints, role: np.ndarray, offers: int) -> None:
    if len(set(customers)) != len(customers):
        raise LabError("A customer comes twice in the launch.", "Export one launch at a time.")
    if len(arm) and (arm.min() < 0 or arm.max() > offers):
        raise LabError(
            f"A customer has the arm {int(arm.max())}, and there are {offers} offers.",
            "Name every offer of the launch, in the order of its arms.",
        )
    held = int(((arm > 0) & (role == HOLDOUT)).sum())
    if held:
        raise LabError(
            f"{held} customers of the holdout have an offer, so the assignments were changed after the draw.",
            "Restore the launch's assignments; a holdout that is contacted cannot be measured.",
        )
