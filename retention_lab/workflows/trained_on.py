"""Whom a version was trained on, by keyed hash: the rows of all others can judge it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools
from retention_lab.errors import LabError

TRAINED_ON_FILE = "evidence/trained_on.npz"


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """Keyed hashes of the customers that a version was trained on, and which key made them."""

    keys: np.ndarray
    key_id: str

    def to_file(self) -> bytes:
        """The hashes as npz."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, keys=self.keys, key_id=np.array(self.key_id))
        return buffer.getvalue()

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "TrainedOn":
        """The hashes among a version's files. Raises LabError where it has none."""
        if TRAINED_ON_FILE not in files:
            raise LabError(
                "This version does not say whom it was trained on, so no rows are known to be new to it.",
                "Train again: `lab train NAME`.",
            )
        with np.load(io.BytesIO(files[TRAINED_ON_FILE]), allow_pickle=False) as arrays:
            return TrainedOn(arrays["keys"], str(arrays["key_id"]))

    def new_rows(self, keys: np.ndarray, key_id: str) -> Bools:
        """(n,) True for the customers that the version was not trained on.

        Raises LabError where the hashes were made with another key: nobody could be recognised.
        """
        if key_id != self.key_id:
            raise LabError(
                "This version's customers were hashed with another key: who was trained on cannot be told.",
                "Set privacy.pseudonym_key_file in lab.yaml to the training's key, or train again.",
                key="privacy.pseudonym_key_file",
            )
        return np.asarray(~np.isin(keys, self.keys), dtype=np.bool_)
