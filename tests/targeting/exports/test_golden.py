"""The files of every platform, byte by byte: a change of format has to be meant."""

from pathlib import Path

import pytest

from retention_lab import catalog
from retention_lab.targeting.exports.send import send_files
from tests.targeting.exports.launches import FIELDS, ORIGIN, contacts, launched

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("to", list(catalog.EXPORTS))
def test_the_files_are_those_of_before(to: str) -> None:
    form = catalog.resolve(catalog.EXPORTS[to])
    found = send_files(launched(), contacts(*(one for one in FIELDS if one in form.fields)), form, ORIGIN)
    expected = {path.name.removeprefix(f"{to}."): path.read_bytes() for path in GOLDEN.glob(f"{to}.*")}
    assert {file.name.removeprefix("winback-2026-06-01."): file.data for file in found.files} == expected
