import json

import pytest

from retention_lab import catalog
from retention_lab.config.schemas import FOLDER, json_schemas, schema_text


@pytest.mark.parametrize("name", [*(f"{kind}.json" for kind in catalog.KINDS), "lab.json"])
def test_the_schema_that_ships_is_up_to_date(name: str) -> None:
    expected = schema_text(json_schemas()[name])
    # pydantic may word a schema differently in another version; then compare what it means here
    assert json.loads((FOLDER / name).read_text(encoding="utf-8")) == json.loads(expected), (
        "run: python -m retention_lab.config.schemas"
    )


def test_no_other_schema_ships() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(json_schemas())


def test_a_schema_asks_for_what_the_yaml_has_and_not_for_what_the_loader_adds() -> None:
    schema = json_schemas()["campaign.json"]
    assert set(schema["required"]) == {"kind", "offers", "policy"}
    assert not {"name", "file"} & set(schema["properties"])
    assert schema["additionalProperties"] is False
