"""A model of one number, at home under the package's name so that its loader is one of the package's."""

import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.tracking.model_files import ModelFiles
from retention_lab.tracking.models import register
from retention_lab.tracking.runs import start_run
from retention_lab.tracking.store import Store

MODULE = "retention_lab.tiny_for_tests"


@dataclass(frozen=True)
class Tiny:
    slope: float

    def predict(self, table: pa.Table, params: Mapping[str, Any]) -> pa.Table:
        x = table["x"].to_numpy()
        return pa.table({"y": self.slope * x + float(params.get("shift", 0.0))})


def from_files(files: Mapping[str, bytes]) -> Tiny:
    return Tiny(float(files["weights/slope.txt"]))


def install() -> None:
    module = types.ModuleType(MODULE)
    module.from_files = from_files  # type: ignore[attr-defined]
    sys.modules[MODULE] = module


def tiny_model(slope: float = 2.0, **more: bytes) -> ModelFiles:
    install()
    return ModelFiles(
        loader=f"{MODULE}:from_files",
        files={"weights/slope.txt": repr(slope).encode(), **more},
        inputs=pa.schema([pa.field("x", pa.float64(), nullable=False), pa.field("note", pa.string())]),
        outputs=pa.schema([("y", pa.float64())]),
        params={"shift": 0.0},
        requirements=(f"numpy=={np.__version__}",),
    )


def with_versions(store: Store, count: int) -> Store:
    """Versions 1 to `count` of the model winback, the last one as challenger."""
    for slope in range(count):
        with start_run(store, "train/winback", "x", {}) as run:
            register(run, "winback", tiny_model(float(slope)), {}, alias="challenger")
    return store
