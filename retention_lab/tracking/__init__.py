"""The only folder that knows MLflow: the store, runs, registered models, the journal of promotions.

MLflow reads its environment when it is imported, and this file runs before any module beside it, so this is
where it is kept quiet and off the network. Whatever the user has set already stays.
"""

import os

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # seconds of waiting; MLflow's own 7 make minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",  # seconds
    "GIT_PYTHON_REFRESH": "quiet",
}
for _key, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_key, _value)
