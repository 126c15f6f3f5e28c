from pathlib import Path

import pytest

from retention_lab.config.loading import (
    read_definition,
)
from retention_lab.errors import ConfigurationError, UsageError
from tests.config.labs import FLAT, lab_in


def test_overrides_reach_into_mappings_and_lists(tmp_path: Path) -> None:
    project = lab_in(tmp_path, mail=FLAT + "exclude: [a, b]\n")
    definition = read_definition(
        project,
        "mail",
        ["validation.seed=11", "exclude.1=c", "value.outcome=spend", "arms=[none, 1.0, true]"],
    )
    said = definition.model_dump()
    assert said["validation"]["seed"] == 11
    assert said["exclude"] == ("a", "c")
    assert said["value"]["outcome"] == "spend"
    assert said["arms"] == ("none", "1", "true")  # arms are compared as text


@pytest.mark.parametrize("override", ["validation.seed", "=3", "a..b=1", ""])
def test_a_word_that_sets_nothing_is_a_usage_error(tmp_path: Path, override: str) -> None:
    project = lab_in(tmp_path, mail=FLAT)
    with pytest.raises(UsageError):
        read_definition(project, "mail", [override])


@pytest.mark.parametrize("override", ["kind.x=1", "exclude.5=a", "exclude.x=a", "kind.x.y=1"])
def test_an_override_that_leads_nowhere_is_refused(tmp_path: Path, override: str) -> None:
    project = lab_in(tmp_path, mail=FLAT + "exclude: [a]\n")
    with pytest.raises(ConfigurationError, match="leads nowhere"):
        read_definition(project, "mail", [override])
