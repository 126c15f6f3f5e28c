"""A process of its own for the tests: opens the store and does what its first argument says."""

import os
import random
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
warnings.simplefilter("error")

from retention_lab.tracking import registry  # noqa: E402  # after the path is set
from retention_lab.tracking.journal import champion_is_gated, move_champion  # noqa: E402
from retention_lab.tracking.models import load_version, read_files, register  # noqa: E402
from retention_lab.tracking.quiet import quietly  # noqa: E402
from retention_lab.tracking.reap import open_runs, reap  # noqa: E402
from retention_lab.tracking.runs import run_tags, start_run  # noqa: E402
from retention_lab.tracking.store import open_store  # noqa: E402
from retention_lab.workflows.store import doctor  # noqa: E402
from tests.tracking import tiny  # noqa: E402


def train(folder: Path, number: str) -> None:
    store = open_store(folder)
    with start_run(store, "train/winback", f"parent {number}", run_tags("uplift", "winback")) as parent:
        for k in range(3):
            with start_run(store, "train/winback", f"child {number}.{k}", {}, parent=parent) as child:
                child.log_metrics({f"metric {i}": float(i) for i in range(20)})
                child.log_params({"learner": k})
        parent.log_json("result.json", {"number": number})
        register(parent, "winback", tiny.tiny_model(float(number)), {"number": number}, alias="challenger")


def train_and_promote_for_ever(folder: Path, ready: int) -> None:
    store = open_store(folder)
    os.write(ready, b"r")
    while True:
        with start_run(store, "train/winback", "parent", {}) as parent:
            with start_run(store, "train/winback", "child", {}, parent=parent) as child:
                child.log_metrics({"a": 1.0})
            version = register(parent, "winback", tiny.tiny_model(), {}, alias="challenger")
        move_champion(store, "winback", version, who="test", why="because", evidence={"version": version})


def train_eight(folder: Path) -> None:
    """Eight processes that have imported everything and open the store at the same instant."""
    reading, writing = os.pipe()
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)  # until the parent closes its end
            _end_with(lambda number=number: train(folder, str(number)))
        children.append(child)
    os.close(writing)
    sys.exit(sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))


def kill_at_random(folder: Path, rounds: str) -> None:
    """Kill a process at a random moment, and let another examine what it left; again and again.

    By turns while it opens the store (the first time: makes it) and while it trains, registers and promotes.
    """
    _import_all()
    moments = random.Random(7)
    for turn in range(int(rounds)):
        reading, writing = os.pipe()
        victim = os.fork()
        if victim == 0:
            _end_with(lambda ready=writing: train_and_promote_for_ever(folder, ready))
        os.close(writing)
        if turn % 2 == 0:
            time.sleep(moments.uniform(0.0, 0.1))
        else:
            os.read(reading, 1)
            # the later, the further: on a busy machine only a patient round sees a version registered
            time.sleep(moments.uniform(0.0, 1.0) * (1 + turn))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        os.close(reading)
        examiner = os.fork()
        if examiner == 0:
            _end_with(lambda: examine(folder))
        if os.waitpid(examiner, 0)[1] != 0:
            sys.exit(1)


def _import_all() -> None:
    """What MLflow imports late, so that a process just forked is at work at once; no database is opened."""
    with quietly():
        import mlflow.pyfunc
        import mlflow.store.model_registry.sqlalchemy_store
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401


def examine(folder: Path) -> None:
    store = open_store(folder)
    reap(store)
    assert open_runs(store) == []
    for version in registry.versions(store, "winback"):
        read_files(store, version)
    assert champion_is_gated(store, "winback")
    assert not [*(folder / "mlruns").rglob("*.part"), *(folder / "mlruns").rglob("*.writing")]
    report = doctor(folder)
    assert report.passed, report.checks


def _end_with(task: Callable[[], None]) -> NoReturn:
    try:
        task()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def wait_in_run(folder: Path) -> None:
    store = open_store(folder)
    with (
        start_run(store, "train/winback", "parent", {}) as parent,
        start_run(store, "train/winback", "child", {}, parent=parent),
    ):
        print("ready", flush=True)
        time.sleep(120)


def load(folder: Path) -> None:
    tiny.install()
    loaded = load_version(open_store(folder), "winback")
    print(loaded.version, loaded.model.slope)


def load_by_mlflow(folder: Path) -> None:
    warnings.simplefilter("ignore")  # MLflow's own, on import
    import pandas as pd
    from mlflow import pyfunc, set_tracking_uri

    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    tiny.install()
    set_tracking_uri(open_store(folder).uri)
    model = pyfunc.load_model("models:/winback@challenger")
    print(model.predict(pd.DataFrame({"x": [0.1, 2.0]}), params={"shift": 1.0})["y"].tolist())


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
