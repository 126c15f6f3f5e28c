"""The scores of a training's held-out rows as a file: the evidence, for those who want to ask more of it."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.arrays import Floats

GAMMA_FILE = "gamma.parquet"


def gamma_file(unit: np.ndarray, arms: tuple[str, ...], gamma: Floats, effect: Floats) -> bytes:
    """Parquet with a row a held-out row: `unit`, `gamma.<arm>` for each arm, `effect.<arm>` for each offer.

    unit: (m,) keyed hashes of the customers, written as hexadecimal text: without the project's key nobody is
    known by them. gamma: (m, K + 1) doubly robust scores, whose mean over any rows is their mean outcome
    under that arm; effect: (m, K) as the best learner predicts it. Both in the outcome's unit.
    """
    columns = {"unit": pa.array([f"{key:016x}" for key in unit.tolist()], pa.string())}
    columns |= {f"gamma.{arm}": pa.array(gamma[:, k]) for k, arm in enumerate(arms)}
    columns |= {f"effect.{arm}": pa.array(effect[:, k]) for k, arm in enumerate(arms[1:])}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()
