"""Keyed hashes of customers: how a version remembers whom it was trained on, without knowing them."""

import hashlib
from dataclasses import dataclass

import numpy as np

from retention_lab.data.privacy import pseudonym_key, pseudonyms
from retention_lab.workflows.project import Lab

_DIGITS = 16  # 64 bits: among ten million customers two share a hash once in a few hundred thousand projects


@dataclass(frozen=True, slots=True)
class CustomerKeys:
    """values: (n,) keyed hashes. key_id: which key made them; it does not tell the key."""

    values: np.ndarray
    key_id: str


def customer_keys(lab: Lab, units: np.ndarray) -> CustomerKeys:
    """The keyed hash of every unit, with the project's key."""
    named = lab.settings.privacy.pseudonym_key_file
    key = pseudonym_key(lab.project.path(named) if named else None)
    values = [int(text[:_DIGITS], 16) for text in pseudonyms(units.tolist(), key)]
    key_id = hashlib.sha256(b"retention-lab key id" + key).hexdigest()[:_DIGITS]
    return CustomerKeys(np.array(values, dtype=np.uint64), key_id)
