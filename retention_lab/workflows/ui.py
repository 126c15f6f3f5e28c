"""MLflow's own UI on the project's store."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress

from retention_lab.errors import LabError, StoreError, UsageError
from retention_lab.tracking.signals import termination_raises
from retention_lab.workflows.project import Lab

HOST = "127.0.0.1"  # this machine only: the UI asks nobody who they are
PATIENCE = 5.0  # seconds that the server has to end by itself


def serve_ui(lab: Lab, port: int, announce: Callable[[str], None]) -> None:
    """Run `mlflow ui` on 127.0.0.1 until Ctrl-C or SIGTERM; nothing of it goes on running afterwards.

    Raises StoreError where the store is a server, which has a UI of its own, UsageError where the port is
    taken, LabError where the UI ends by itself.
    """
    store = lab.open_store()
    if not store.uri.startswith("sqlite:"):
        raise StoreError(
            "This project's runs are on a tracking server, which shows its own UI.",
            "Open the server's address in a browser.",
        )
    _require_free(port)
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", store.uri]
    command += ["--host", HOST, "--port", str(port), "--workers", "1"]
    with termination_raises():
        # a session of its own: MLflow starts further processes, and all of them end together
        server = subprocess.Popen(command, stdout=sys.stderr.fileno(), start_new_session=True)
        try:
            announce(f"http://{HOST}:{port}")
            code = server.wait()
        except KeyboardInterrupt:
            return
        finally:
            _end(server)
    raise LabError(f"MLflow's UI ended by itself with code {code}.", "See what it wrote above.")


def _require_free(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise UsageError(
                f"Port {port} is taken or not to be had.", "Name another one with --port."
            ) from None


def _end(server: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        server.terminate()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(PATIENCE)
