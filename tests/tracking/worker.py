"""A process of its own for the tests: opens the store and does what its first argument says."""

import os
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
warnings.simplefilter("error")

from retention_lab.tracking.journal import move_champion  # noqa: E402  # after the path is set
from retention_lab.tracking.models import load_version, register  # noqa: E402
from retention_lab.tracking.runs import run_tags, start_run  # noqa: E402
from retention_lab.tracking.store import open_store  # noqa: E402
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


def train_and_promote_for_ever(folder: Path) -> None:
    store = open_store(folder)
    print("ready", flush=True)
    while True:
        with start_run(store, "train/winback", "parent", {}) as parent:
            with start_run(store, "train/winback", "child", {}, parent=parent) as child:
                child.log_metrics({"a": 1.0})
            version = register(parent, "winback", tiny.tiny_model(), {}, alias="challenger")
        move_champion(store, "winback", version, who="test", why="because", evidence={"version": version})


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
