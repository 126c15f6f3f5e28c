from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention_lab.abtest.entry import Entry
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from retention_lab.workflows.experiment_entry import entry_at, planned_arms
from retention_lab.workflows.project import Lab
from tests.workflows.abtest_labs import abtest_lab, define

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
OWN = "kind: abtest\nexperiment: spring\nmetrics: [{name: p, type: mean, column: profit}]\n"


def gate(lab: Lab) -> AbTestDefinition:
    definition = read_definition(lab.project, "gate")
    assert isinstance(definition, AbTestDefinition)
    return definition


def own(lab: Lab, shares: str) -> list[str]:
    (lab.folder / "experiments" / "gate.yaml").write_text(f"{OWN}planned_shares: {shares}\n")
    return list(planned_arms(gate(lab)))


def test_control_comes_first_then_as_planned(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, control="40", planned_shares={"30": 0.2, "40": 0.5, "10": 0.3})
    assert planned_arms(gate(lab)) == {"40": 0.5, "30": 0.2, "10": 0.3}
    assert own(lab, "{points: 0.5, none: 0.5}") == ["none", "points"]
    assert own(lab, "{points: 0.5, coupon: 0.5}") == ["coupon", "points"]
    assert planned_arms(gate(abtest_lab(tmp_path, planned_shares=None))) == {}


@pytest.mark.parametrize(("dates", "held"), [
    ("from: 2026-03-01", True), ("from: 2026-03-02", False),
    ("from: 2026-01-01, until: 2026-03-01", False), ("from: 2026-01-01, until: 2026-03-02", True),
])  # fmt: skip
def test_the_holdout_stays_out_from_its_first_day_until_its_last(
    tmp_path: Path, dates: str, held: bool
) -> None:
    lab = abtest_lab(tmp_path, settings=f"global_holdout: {{share: 0.1, salt: s, {dates}}}\n")
    assert (entry_at(lab, gate(lab), MOMENT).holdout is not None) == held


def test_without_holdout_and_layer_everybody_may_enter(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path)
    assert entry_at(lab, gate(lab), MOMENT) == Entry()


def test_slices_that_touch_or_lie_in_other_layers_are_no_overlap(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, layer={"name": "home", "start": 0.0, "end": 0.5})
    define(tmp_path, "next", layer={"name": "home", "start": 0.5, "end": 1.0})
    define(tmp_path, "mail", layer={"name": "mail", "start": 0.0, "end": 1.0})
    define(tmp_path, "broken", layer={"name": "home", "start": 0.9, "end": 0.1})
    (tmp_path / "experiments" / "other.yaml").write_text("kind: uplift\n")
    assert entry_at(lab, gate(lab), MOMENT).probability() == pytest.approx(0.5)
    define(tmp_path, "clash", layer={"name": "home", "start": 0.49, "end": 0.6})
    with pytest.raises(ConfigurationError, match="'clash' has part of the same slice"):
        entry_at(lab, gate(lab), MOMENT)
