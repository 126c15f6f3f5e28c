"""A registered model as MLflow serves it: its own files, read by this package, never a pickle."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from retention_lab.tracking.model_files import load_function, read_model
from retention_lab.tracking.quiet import quietly

with quietly():  # MLflow warns of its own type hints when this part of it is first imported
    from mlflow.pyfunc import PythonModel, PythonModelContext


class LabModel(PythonModel):  # type: ignore[misc]  # MLflow is untyped here
    """MLflow's face of a model of this package."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model's files, each checked against its hash."""
        folder = Path(context.artifacts["files"])
        loader, files = read_model(lambda name: (folder / name).read_bytes())
        self._model = load_function(loader)(files)

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """What the model's own `predict` says of the rows, as a frame."""
        table = pa.Table.from_pandas(pd.DataFrame(model_input), preserve_index=False)
        answer: pa.Table = self._model.predict(table, params or {})
        frame: pd.DataFrame = answer.to_pandas()
        return frame
