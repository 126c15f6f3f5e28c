"""The code that MLflow keeps with each registered model, and runs to load it ("models from code")."""

from mlflow.models import set_model

from retention_lab.tracking.served import LabModel

set_model(LabModel())
