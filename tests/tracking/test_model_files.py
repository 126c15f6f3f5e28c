import io
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.tracking.model_files import (
    DESCRIPTION,
    check_files,
    describe,
    load_function,
    manifest_sha256,
    read_model,
    sha256,
)
from tests.tracking.tiny import MODULE, Tiny, from_files, tiny_model


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\x", "model.json", "c:x"])
def test_names_that_lead_out_of_the_model_are_refused(name: str) -> None:
    with pytest.raises(LabError):
        check_files(tiny_model(**{name: b"x"}))


def test_pickles_are_refused_whatever_they_are_called() -> None:
    objects = io.BytesIO()
    np.savez(objects, a=np.array([{"b": 1}], dtype=object))
    for name, data in {
        "model.pkl": b"x",
        "model.txt": pickle.dumps([1]),
        "model.npz": objects.getvalue(),
    }.items():
        with pytest.raises(LabError, match="pickle"):
            check_files(tiny_model(**{name: data}))


def test_arrays_of_numbers_are_taken() -> None:
    arrays = io.BytesIO()
    np.savez(arrays, a=np.arange(3.0))
    check_files(tiny_model(**{"arrays.npz": arrays.getvalue()}))


@pytest.mark.parametrize("loader", ["os:system", "retention_lab_evil.x:f", "retention_lab.nothing:f", "eval"])
def test_loaders_from_elsewhere_are_refused(loader: str) -> None:
    with pytest.raises(LabError, match="loader"):
        check_files(replace(tiny_model(), loader=loader))


def test_a_model_without_files_is_refused() -> None:
    with pytest.raises(LabError, match="without files"):
        check_files(replace(tiny_model(), files={}))


def test_what_is_described_reads_back() -> None:
    model = tiny_model(0.1)
    folder = {**model.files, DESCRIPTION: describe(model)}
    loader, files = read_model(folder.__getitem__)
    assert (loader, files) == (f"{MODULE}:from_files", dict(model.files))
    assert load_function(loader) is from_files
    assert load_function(loader)(files) == Tiny(0.1)


def test_a_file_that_was_changed_by_one_bit_is_not_read() -> None:
    model = tiny_model(0.1)
    folder = {"weights/slope.txt": b"0.3", DESCRIPTION: describe(model)}
    with pytest.raises(LabError, match=r"slope\.txt is not the one that was registered"):
        read_model(folder.__getitem__)


def test_a_description_that_leads_out_of_the_folder_is_refused_before_anything_is_read() -> None:
    asked = []

    def read(name: str) -> bytes:
        asked.append(name)
        return json.dumps({"loader": f"{MODULE}:from_files", "files": {"../../secret": "0"}}).encode()

    with pytest.raises(LabError, match="lead out"):
        read_model(read)
    assert asked == [DESCRIPTION]


def test_the_hash_of_a_set_of_files_does_not_depend_on_their_order_and_is_that_of_sha256sum() -> None:
    one, two = sha256(b"1"), sha256(b"2")
    assert manifest_sha256({"a": one, "b": two}) == manifest_sha256({"b": two, "a": one})
    assert manifest_sha256({"a": one}) == sha256(f"{one}  a\n".encode())
    assert manifest_sha256({"a": one, "b": two}) != manifest_sha256({"a": two, "b": one})
