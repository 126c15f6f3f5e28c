"""MLflow's own UI on the project's store."""

import subprocess
import sys

from retention_lab.errors import StoreError, UsageError
from retention_lab.workflows.project import Lab

HIGHEST_PORT = 65_535


def serve_ui(lab: Lab, port: int) -> None:
    """Run `mlflow ui` on 127.0.0.1 until it is stopped.

    Raises StoreError where the store is a server, which has a UI of its own.
    """
    if not 0 < port <= HIGHEST_PORT:
        raise UsageError(f"Port {port} does not exist.", f"Use one from 1 to {HIGHEST_PORT}.")
    store = lab.open_store()
    if not store.uri.startswith("sqlite:"):
        raise StoreError(
            "This project's runs are on a tracking server, which shows its own UI.",
            "Open the server's address in a browser.",
        )
    print(f"MLflow's UI on this project's store: http://127.0.0.1:{port} (Ctrl-C stops it)", file=sys.stderr)
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store.uri]
    try:
        subprocess.run([*command, "--host", "127.0.0.1", "--port", str(port)], check=False)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
