from pathlib import Path

import pyarrow as pa
import pytest

from retention_lab.config.churn import ChurnDefinition
from retention_lab.errors import ConfigurationError
from retention_lab.tracking.models import Loaded
from retention_lab.workflows.as_trained import (
    definition_of,
    definition_text,
    overrides_of,
    overrides_tag,
    served_field,
)
from retention_lab.workflows.project import open_project
from retention_lab.workflows.scaffold import scaffold


def version(tags: dict[str, str]) -> Loaded:
    return Loaded("churn", "1", (), {}, "", tags, "", None)


def test_a_version_remembers_what_was_set() -> None:
    assert overrides_of(version(overrides_tag(["models=[tree]", "label.positive=是"]))) == [
        "models=[tree]",
        "label.positive=是",
    ]
    assert overrides_of(version({})) == []


def test_the_text_stands_below_what_was_set(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("\ufeffkind: churn\n", encoding="utf-8")
    assert definition_text(tmp_path / "a.yaml", ["k=4"]) == "# --set k=4\nkind: churn\n"


def test_whole_numbers_with_gaps_are_served_as_other_numbers() -> None:
    table = pa.table({"whole": pa.array([1, 2]), "gaps": pa.array([1, None]), "text": ["a", "b"]})
    found = [served_field(table, field).type for field in table.schema]
    assert found == [pa.int64(), pa.float64(), pa.string()]


def test_a_definition_of_another_kind_is_refused(tmp_path: Path) -> None:
    scaffold(tmp_path / "lab")
    lab = open_project(tmp_path / "lab")
    assert definition_of(lab, "churn", "churn", ChurnDefinition).name == "churn"
    with pytest.raises(ConfigurationError, match="kind: churn"):
        definition_of(lab, "clv", "churn", ChurnDefinition)
