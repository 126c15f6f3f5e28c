import json

import numpy as np
import pytest

from retention_lab.nested_files import in_folder, json_bytes, of_folder


def test_what_goes_into_a_folder_comes_out_of_it() -> None:
    inner, other = {"a.txt": b"1", "deep/b.txt": b"2"}, {"a.txt": b"3"}
    files = in_folder("model", inner) | in_folder("model_2", other) | {"about.json": b"{}"}
    assert len(files) == 4
    assert of_folder("model", files) == inner
    assert of_folder("model_2", files) == other
    assert of_folder("nowhere", files) == {}


def test_numbers_survive_json_to_the_last_bit() -> None:
    numbers = [*np.random.default_rng(1).normal(size=100).tolist(), 5e-324, 1.7976931348623157e308, -0.0]
    assert json.loads(json_bytes(numbers)) == numbers
    assert json_bytes({"Größe": "大"}) == '{"Größe": "大"}'.encode()


def test_what_json_cannot_say_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        json_bytes(float("nan"))
