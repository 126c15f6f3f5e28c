from pathlib import Path

import pytest

from retention_lab.config.demand import DemandDefinition
from retention_lab.demand.learners import LEARNERS
from retention_lab.errors import ConfigurationError
from tests.config.kinds import read

OF_PROJECT = ("table=null", "series=null", "time=null", "value=null")


def definition(**values: object) -> DemandDefinition:
    return DemandDefinition(name="d", file=Path("d.yaml"), kind="demand", **values)  # type: ignore[arg-type]


def test_models_go_by_their_own_names_each_once() -> None:
    found = definition(models=("ets", "holt_winters", "lags", "random_forest", "decision_tree"))
    assert found.candidates == ("holt_winters", "lightgbm", "forest", "tree")
    assert set(definition().candidates) <= set(LEARNERS)


@pytest.mark.parametrize(
    ("overrides", "key", "message"),
    [
        (("time=null",), "time", "needs its `time` column"),
        (("value=null",), "value", "needs its `value` column"),
        (("table=null",), "time", "belongs to a `table:`"),
        (("campaign_days=10",), "campaign_days", "tells of its own in a column"),
        (("planned=[{starts: 2026-03-02, contacts: 5}]",), "planned", "tells of its own in a column"),
        ((*OF_PROJECT, "value=profit"), "value", "Known: amount, contribution, quantity, orders"),
        ((*OF_PROJECT, "series=customer_id"), "series", "would name customers"),
        ((*OF_PROJECT, "campaign=promo"), "campaign", "belongs to a `table:`"),
        (("horizon=0",), "horizon", "at least 1"),
        (("models=[smothing]",), "models.0", "smoothing"),
    ],
)
def test_a_wrong_value_is_refused_by_key(
    tmp_path: Path, overrides: tuple[str, ...], key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "demand", *overrides)
    assert caught.value.key == key
    assert message in str(caught.value)


def test_a_series_of_the_projects_needs_no_table(tmp_path: Path) -> None:
    found = read(tmp_path, "demand", *OF_PROJECT, "series=category", "value=quantity")
    assert (found.series, found.value) == ("category", "quantity")
