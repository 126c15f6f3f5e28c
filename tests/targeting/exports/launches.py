"""A small launch with everybody who must not be in a send file, and random ones."""

import csv
import io
from typing import Any

import numpy as np

from retention_lab.targeting.draw import EXPLORATION, HOLDOUT, POLICY
from retention_lab.targeting.exports.send import Contacts, Launched, Sending

ORIGIN = {"model_version": "winback-uplift/3", "policy": "net_value"}
OFFERS = ("coupon_10", "Points, 200")

# customer, arm, role, may, email, phone, first name, last name, postcode
PEOPLE = (
    ("c3", 1, POLICY, True, " Cloudy.SanFrancisco+shop@Gmail.com ",
     "030 23125 000", "Mary", "O'Neill", "10115"),
    ("c1", 2, EXPLORATION, True, "user.name+NYC@Example.com",
     "+1 (800) 555-0100", "Valéry", "Smith", "80331"),
    ("c2", 1, POLICY, True, None, "0049 151 23456789", " zoe ", None, None),
    ("c4", 0, HOLDOUT, True, "held@example.org", None, None, None, None),
    ("c5", 0, POLICY, True, "none@example.org", None, None, None, None),
    ("c6", 1, POLICY, False, "withdrew@example.org", None, None, None, None),
    ("c7", 1, POLICY, True, "no address", "12", None, None, None),
    ("c8", 2, POLICY, True, "Held@Example.org", None, None, None, None),  # c4's mailbox
    ("=c9", 1, POLICY, True, "nine@example.org", None, None, None, None),  # an id that would be run
)  # fmt: skip
FIELDS = ("email", "phone", "first_name", "last_name", "postcode")


def launched() -> Launched:
    columns: list[Any] = list(zip(*PEOPLE, strict=True))
    return Launched(
        experiment="winback-2026-06-01",
        customers=columns[0],
        arm=np.array(columns[1]),
        role=np.array(columns[2]),
        may=np.array(columns[3]),
        offers=OFFERS,
    )


def contacts(*fields: str) -> Contacts:
    columns: list[Any] = list(zip(*PEOPLE, strict=True))
    return Contacts({field: columns[4 + FIELDS.index(field)] for field in fields}, "DE")


def rows(found: Sending) -> list[dict[str, str]]:
    """The rows of all files, as a reader of CSV sees them."""
    return [
        row for file in found.files for row in csv.DictReader(io.StringIO(file.data.decode(), newline=""))
    ]
