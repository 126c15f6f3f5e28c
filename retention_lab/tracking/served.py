"""A registered model as MLflow serves it: its own files, read by this package, never a pickle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from mlflow.pyfunc import PythonModel, PythonModelContext

from retention_lab.tracking.model_files import load_function, read_model


class LabModel(PythonModel):  # type: ignore[misc]  # MLflow is untyped here
    """MLflow's face of a model of this package."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model's files, each checked against its hash."""
        folder = Path(context.artifacts["files"])
        loader, files = read_model(lambda name: (folder / name).read_bytes())
        self._model = load_function(loader)(files)

    # no type hints: MLflow would validate by them, in place of the signature
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """One row per input row, as a pandas frame."""
        return _predict(self._model, model_input, params or {})


def _predict(model: Any, rows: Any, params: Mapping[str, Any]) -> pd.DataFrame:
    table = (
        rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)
    )
    answer: pa.Table = model.predict(table, params)
    return answer.to_pandas()
