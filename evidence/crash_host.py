"""A process that has imported everything and forks a command at each request, to be killed at its work.

Most of a command's time is imports, in which nothing can break; a fork begins where the work begins. The host
itself runs no command, so that no thread and no open file of one reaches the next.

`Host` is the other end: it starts `python -m evidence.crash_host` and talks to it in lines of JSON.
"""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.0002


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. code: its exit code, -9 where it was killed. moment: seconds until the kill."""

    code: int
    seconds: float
    moment: float
    out: str
    errors: str

    @property
    def killed(self) -> bool:
        """Whether the kill came before the end."""
        return self.code == -signal.SIGKILL

    def result(self) -> dict[str, Any]:
        """What the command printed with --json."""
        found: dict[str, Any] = json.loads(self.out)["result"]
        return found


class Host:
    """Runs commands of `lab` in forks of one process. import_seconds: what every fork is spared."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "evidence.crash_host"],
            cwd=ROOT,
            env=plain_environment(),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.import_seconds = float(self._answer()["import_seconds"])

    def run(
        self, folder: Path, words: Sequence[str], *, kill_after: float | None = None, at: Sequence[str] = ()
    ) -> Ended:
        """Run a command in `folder`. kill_after: seconds until kill -9, counted from when a new file matches
        one of the patterns `at`, or from the start."""
        assert self._process.stdin is not None
        request = {"folder": str(folder), "words": list(words), "kill_after": kill_after, "at": list(at)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ended(**self._answer())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the host of the commands has ended")
        found: dict[str, Any] = json.loads(line)
        return found


def plain_environment() -> dict[str, str]:
    """This process's environment without a tracking server, one core a process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return kept | {"OMP_NUM_THREADS": "1"}


def main() -> None:
    """Answer requests until the other end closes."""
    started = time.monotonic()
    _import_all()
    _say({"import_seconds": time.monotonic() - started})
    for line in sys.stdin:
        request = json.loads(line)
        folder = Path(request["folder"])
        there = _matches(folder, request["at"])
        began = time.monotonic()
        child = _fork(folder, request["words"])
        code, moment = _watch(child, folder, request, there)
        _say(
            {
                "code": code,
                "seconds": time.monotonic() - began,
                "moment": moment,
                "out": _captured(folder, "out").read_text(encoding="utf-8"),
                "errors": _captured(folder, "errors").read_text(encoding="utf-8"),
            }
        )


def _import_all() -> None:
    from retention_lab.tracking.quiet import quietly

    with quietly():
        import mlflow.pyfunc
        import mlflow.store.model_registry.sqlalchemy_store
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401

    from retention_lab import catalog, cli  # noqa: F401
    from retention_lab.uplift.learners import constant, s_learner, t_learner  # noqa: F401
    from retention_lab.workflows import (  # noqa: F401
        export_campaign,
        launch_campaign,
        plan_campaign,
        promote,
        store,
        train,
    )


def _fork(folder: Path, words: Sequence[str]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # libraries hold idle threads from their import
        child = os.fork()
    if child == 0:
        _command(folder, words)
    return child


def _command(folder: Path, words: Sequence[str]) -> NoReturn:
    from retention_lab import cli

    code = 70
    try:
        for stream, name in ((1, "out"), (2, "errors")):
            file = os.open(_captured(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, stream)
        os.chdir(folder)
        code = cli.run(list(words))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _watch(
    child: int, folder: Path, request: dict[str, Any], there: set[tuple[Path, int]]
) -> tuple[int, float]:
    """Wait for the child's end, or kill it at the moment asked for; its exit code and that moment."""
    began = since = time.monotonic()
    waiting = bool(request["at"])
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        now = time.monotonic()
        if done:
            return os.waitstatus_to_exitcode(status), now - began
        if waiting and _matches(folder, request["at"]) - there:
            waiting, since = False, time.monotonic()
        if request["kill_after"] is not None and not waiting and now - since >= request["kill_after"]:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            return os.waitstatus_to_exitcode(status), now - began
        time.sleep(POLL_SECONDS)


def _matches(folder: Path, patterns: Sequence[str]) -> set[tuple[Path, int]]:
    """Files with the numbers of their content: one that takes the place of another counts as new."""
    found = set()
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        with suppress(FileNotFoundError):  # gone between the two looks
            found.add((path, path.stat().st_ino))
    return found


def _captured(folder: Path, name: str) -> Path:
    """Beside the project, not in it."""
    return folder.with_name(f"{folder.name}.{name}")


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
