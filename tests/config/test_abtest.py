from pathlib import Path

import pytest

from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.kinds import read
from tests.config.labs import lab_in


def test_a_test_of_the_projects_own_experiment_knows_its_columns(tmp_path: Path) -> None:
    text = "kind: abtest\nexperiment: winback-2026-03-01\nmetrics: [{name: p, type: mean, column: profit}]\n"
    project = lab_in(tmp_path, own=text)
    assert read_definition(project, "own").name == "own"
    with pytest.raises(ConfigurationError, match="Did you mean 'profit'"):
        read_definition(project, "own", ["metrics.0.column=proft"])
    with pytest.raises(ConfigurationError, match="belongs to a flat"):
        read_definition(project, "own", ["unit=customer_id"])
    with pytest.raises(ConfigurationError, match="own tables are read by DuckDB"):
        read_definition(project, "own", ["engine=spark"])


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("experiment=winback-1", "table", "one source"),
        ("table=null", "table", "one source"),
        ("engine=sparc", "engine", "spark"),
        ("planned_shares={a: 0.5, b: 0.5}", "planned_shares", "Control has no share"),
        ("planned_shares={gate_30: 0.5, gate_40: 0.6}", "planned_shares", "sum to 1.1"),
        ("analysis.pooled=no", "analysis.pooled", "Only true and false are booleans"),
        ("analysis.correction=hom", "analysis.correction", "Did you mean 'holm'"),
        ("layer={name: home, start: 0.5, end: 0.5}", "layer.end", "The slice is empty"),
        ("layer={name: home, start: -0.1, end: 0.5}", "layer.start", "of at least 0"),
        ("layer={name: home, begin: 0.1, end: 0.5}", "layer.begin", "not known"),
    ],
)
def test_a_wrong_value_is_refused_by_key(tmp_path: Path, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "abtest", override)
    assert caught.value.key == key
    assert message in str(caught.value)


def test_a_flat_table_names_its_units_or_says_that_it_cannot(tmp_path: Path) -> None:
    text = "kind: abtest\ntable: a.csv\narm: g\ncontrol: A\nmetrics: [{name: m, type: mean, column: spend}]\n"
    project = lab_in(tmp_path, silent=text, said=text + "unit: null\n")
    with pytest.raises(ConfigurationError, match="or `unit: null`"):
        read_definition(project, "silent")
    assert read_definition(project, "said").unit is None
