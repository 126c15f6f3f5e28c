"""JSON Schemas of every kind of definition and of lab.yaml, for editors; generated, never edited.

`python -m retention_lab.config.schemas` writes them again.
"""

import json
from pathlib import Path
from typing import Any

from retention_lab import catalog
from retention_lab.config.project import ProjectSettings

FOLDER = Path(__file__).parent
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas() -> dict[str, dict[str, Any]]:
    """File name -> schema. What the loader adds (name and file) is no key of the YAML."""
    models = {
        "lab": ProjectSettings,
        **{kind: catalog.resolve(dotted) for kind, dotted in catalog.KINDS.items()},
    }
    return {f"{name}.json": _schema(model) for name, model in models.items()}


def write_schemas(folder: Path = FOLDER) -> list[Path]:
    """Write every schema; returns the files."""
    written = []
    for name, schema in json_schemas().items():
        path = folder / name
        path.write_text(schema_text(schema), encoding="utf-8")
        written.append(path)
    return written


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _schema(model: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"$schema": _DRAFT, **model.model_json_schema(by_alias=True)}
    for key in model.set_by_loader:
        schema["properties"].pop(key)
        schema["required"].remove(key)
    return schema
