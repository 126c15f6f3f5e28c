"""The evidence that travels with a registered model: what it predicted for rows it had never seen, and what
those rows' randomised outcomes say. Plans are valued on it; customers are in it by keyed hash only."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError

EVIDENCE_FILE = "evidence/held_out.npz"
TRAINED_ON_FILE = "evidence/trained_on.npz"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """m held-out rows, K + 1 arms.

    key: (m,) keyed hashes of the customers. gamma: (m, K + 1) scores of the outcome in its unit; redeemed:
    (m, K + 1) scores of redemption, 0 where nobody knows. effect: (m, K) predictions. redemption: (m, K)
    predicted probabilities. activity: (m, K + 1) predicted probability to buy, under each arm.
    """

    key: np.ndarray
    gamma: Floats
    redeemed: Floats
    effect: Floats
    redemption: Floats
    activity: Floats

    def __len__(self) -> int:
        return len(self.key)

    def to_file(self) -> bytes:
        """The arrays as npz."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: getattr(self, name) for name in self.__slots__})
        return buffer.getvalue()

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "HeldOut":
        """The evidence among a version's files. Raises LabError where it has none."""
        if EVIDENCE_FILE not in files:
            raise LabError(
                "This version carries no held-out evidence, so nothing planned with it could be valued.",
                "Train again: `lab train NAME`.",
            )
        with np.load(io.BytesIO(files[EVIDENCE_FILE]), allow_pickle=False) as arrays:
            return HeldOut(**{name: arrays[name] for name in HeldOut.__slots__})


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
