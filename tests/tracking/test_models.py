from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.tracking import registry
from retention_lab.tracking.model_files import ModelFiles, manifest_sha256, sha256
from retention_lab.tracking.models import load_version, register
from retention_lab.tracking.quiet import quietly
from retention_lab.tracking.runs import local_artifacts, start_run
from retention_lab.tracking.store import Store
from tests.tracking.conftest import Start
from tests.tracking.tiny import MODULE, Tiny, tiny_model


def registered(store: Store, model: ModelFiles, alias: str | None = None) -> str:
    with start_run(store, "train/winback", "x", {}) as run:
        return register(run, "winback", model, {"lab.as_of": "2026-05-01"}, alias=alias)


def files_of(store: Store, version: str) -> Path:
    folder = local_artifacts(registry.get_version(store, "winback", version).source)
    assert folder is not None
    return folder


def test_a_registered_model_loads_as_it_was(store: Store) -> None:
    version = registered(store, tiny_model(0.1), alias="challenger")
    loaded = load_version(store, "winback", "@challenger")
    assert (loaded.version, loaded.aliases, loaded.model) == (version, ("challenger",), Tiny(0.1))
    assert loaded.files == {"weights/slope.txt": b"0.1"}
    assert loaded.tags["lab.as_of"] == "2026-05-01"


def test_versions_count_up_and_the_challenger_is_picked_first(store: Store) -> None:
    assert [registered(store, tiny_model(slope)) for slope in (1.0, 2.0, 3.0)] == ["1", "2", "3"]
    assert load_version(store, "winback").model == Tiny(3.0)
    registry.set_alias(store, "winback", "champion", "1")
    assert load_version(store, "winback").model == Tiny(1.0)
    registry.set_alias(store, "winback", "challenger", "2")
    assert load_version(store, "winback").model == Tiny(2.0)
    assert load_version(store, "winback", "/3").model == Tiny(3.0)


def test_the_versions_hash_is_the_one_of_its_files_on_disk(store: Store) -> None:
    version = registered(store, tiny_model())
    folder = files_of(store, version)
    hashes = {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert registry.get_version(store, "winback", version).files_sha256 == manifest_sha256(hashes)
    assert "model_script.py" in hashes
    assert not [name for name in hashes if name.endswith(".pkl")]


@pytest.mark.parametrize(
    "name", ["artifacts/files/weights/slope.txt", "artifacts/files/model.json", "MLmodel", "requirements.txt"]
)
def test_a_changed_file_is_found_before_anything_is_loaded(store: Store, name: str) -> None:
    version = registered(store, tiny_model(2.0))
    path = files_of(store, version) / name
    path.write_bytes(path.read_bytes().replace(b"2", b"3") + b"\n")
    with pytest.raises(LabError, match="not the one that was registered"):
        load_version(store, "winback", f"/{version}")


def test_a_missing_file_is_named(store: Store) -> None:
    version = registered(store, tiny_model())
    (files_of(store, version) / "artifacts/files/weights/slope.txt").unlink()
    with pytest.raises(LabError, match=r"slope\.txt .* cannot be read"):
        load_version(store, "winback")


def test_a_version_made_by_others_is_not_loaded(store: Store) -> None:
    store.client.create_registered_model("winback")
    store.client.create_model_version("winback", "file:///nowhere", None)
    with pytest.raises(LabError, match="no hashes"):
        load_version(store, "winback")


def test_a_version_whose_hashes_lead_out_of_its_folder_is_not_read(store: Store) -> None:
    version = registered(store, tiny_model())
    hashes = {"../../result.json": "0" * 64}
    store.client.set_model_version_tag(
        "winback", version, "lab.files", '{"../../result.json": "%s"}' % ("0" * 64)
    )
    store.client.set_model_version_tag("winback", version, "lab.files_sha256", manifest_sha256(hashes))
    with pytest.raises(LabError, match="lead out"):
        load_version(store, "winback")


def test_mlflow_serves_the_same_numbers_by_the_signature(store: Store) -> None:
    version = registered(store, tiny_model(0.1))
    folder = files_of(store, version)
    with quietly():
        from mlflow import pyfunc

        served = pyfunc.load_model(str(folder))
    x = np.array([0.1, 1 / 3])
    answer = served.predict(pd.DataFrame({"x": x}), params={"shift": 1.0})
    assert answer["y"].tolist() == (0.1 * x + 1.0).tolist()
    assert served.metadata.signature.inputs.required_input_names() == ["x"]
    assert (folder / "requirements.txt").read_text().splitlines()[0].startswith("retention-lab==")


def test_a_model_registers_once_a_run(store: Store) -> None:
    with start_run(store, "train/winback", "x", {}) as run:
        register(run, "winback", tiny_model(), {})
        with pytest.raises(LabError, match="already"):
            register(run, "winback", tiny_model(), {})


def test_a_type_without_a_place_in_the_signature_is_named(store: Store) -> None:
    model = ModelFiles(f"{MODULE}:from_files", {"a": b""}, pa.schema([("d", pa.null())]), pa.schema([]))
    tiny_model()
    with pytest.raises(LabError, match="Column d is of type null"):
        registered(store, model)


@pytest.mark.slow
def test_a_fresh_process_loads_and_scores_bit_for_bit_the_same(store: Store, start_worker: Start) -> None:
    registered(store, tiny_model(0.1), alias="challenger")
    first = start_worker("load", store.folder)
    second = start_worker("load_by_mlflow", store.folder, MLFLOW_ALLOW_PICKLE_DESERIALIZATION="false")
    out, err = first.communicate(timeout=120)
    assert (out, err) == ("1 0.1\n", "")
    out, _ = second.communicate(timeout=120)
    assert out == f"{[0.1 * 0.1 + 1.0, 0.1 * 2.0 + 1.0]}\n"
