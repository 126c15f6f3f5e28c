from pathlib import Path

import pytest

from retention_lab import catalog
from retention_lab.config.loading import read_definition
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.errors import ConfigurationError
from tests.config.labs import FLAT, lab_in

PAST = "kind: uplift\nexperiments: [winback-2026-03-01]\noutcome: {metric: revenue, horizon_days: 14}\n"


def read(folder: Path, text: str, *overrides: str) -> UpliftDefinition:
    definition = read_definition(lab_in(folder, mail=text), "mail", overrides)
    assert isinstance(definition, UpliftDefinition)
    return definition


def test_a_flat_definition_has_the_contracts_defaults(tmp_path: Path) -> None:
    definition = read(tmp_path, FLAT)
    assert definition.flat
    assert definition.primary_outcome == "visit"
    assert (definition.id, definition.arms, definition.features, definition.time) == (None,) * 4
    assert definition.propensity == "randomised"
    split = definition.validation
    assert (split.share, split.folds, split.seed) == (0.3, None, 7)
    assert definition.learners == catalog.DEFAULT_LEARNERS


def test_a_definition_over_past_experiments_has_the_metric_as_outcome(tmp_path: Path) -> None:
    definition = read(tmp_path, PAST)
    assert not definition.flat
    assert definition.primary_outcome == "revenue"
    assert definition.metric.horizon_days == 14


def test_without_anything_all_experiments_are_judged_by_30_days_of_contribution(tmp_path: Path) -> None:
    definition = read(tmp_path, "kind: uplift\n")
    assert (definition.metric.metric, definition.metric.horizon_days) == ("contribution", 30)
    assert definition.experiments is None


def test_labels_become_text_whatever_yaml_makes_of_them(tmp_path: Path) -> None:
    assert read(tmp_path, FLAT.replace("control: none", "control: 0")).treatment.control == "0"  # type: ignore[union-attr]
    assert read(tmp_path, FLAT.replace("control: none", "control: false")).treatment.control == "false"  # type: ignore[union-attr]
    assert read(tmp_path, FLAT.replace("control: none", "control: No")).treatment.control == "No"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "override", "key"),
    [
        (FLAT, "experiments=[a]", "experiments"),
        (FLAT, "outcome={metric: revenue}", "outcome"),
        (FLAT, "since=2026-01-01", "since"),
        (PAST, "treatment={column: a, control: b}", "treatment"),
        (PAST, "outcomes={visit: binary}", "outcomes"),
        (PAST, "arms=[a, b]", "arms"),
        (PAST, "value={outcome: revenue}", "value"),
        (PAST, "time=assigned_at", "time"),
    ],
)
def test_the_two_forms_do_not_mix(tmp_path: Path, text: str, override: str, key: str) -> None:
    with pytest.raises(ConfigurationError, match="means nothing") as caught:
        read(tmp_path, text, override)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("treatment=null", "treatment", "column of the arms"),
        ("outcomes={}", "outcomes", "needs outcomes"),
        ("primary=null", "primary", "none is primary"),
        ("primary=vist", "primary", "Did you mean 'visit'"),
        ("arms=[none]", "arms", "only arm"),
        ("arms=[mail, mail]", "arms.1", "named twice"),
        ("planned_shares={none: 0.5, mail: 0.4}", "planned_shares", "sum to 0.9"),
        ("planned_shares={mail: 0.5, sms: 0.5}", "planned_shares", "disagree about 'none'"),
        ("features=[age, spend]", "features.1", "an outcome"),
        ("features=[group]", "features.0", "the treatment"),
        ("value={outcome: revenue}", "value.outcome", "not among the outcomes"),
        ("value={outcome: spend, per_unit: 0}", "value.per_unit", "above 0"),
        ("value={outcome: spend, cost: {mail: -1}}", "value.cost.mail", "at least 0"),
        ("propensity=randomized", "propensity", "Did you mean 'randomised'"),
        ("propensity={}", "propensity", "named once"),
        ("learners=[]", "learners", "not empty"),
        ("learners=[s, s]", "learners.1", "named twice"),
    ],
)
def test_a_flat_definition_that_contradicts_itself_is_refused(
    tmp_path: Path, override: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, FLAT, override)
    assert caught.value.key == key
    assert message in str(caught.value)


def test_planned_shares_of_thirds_may_be_rounded_to_six_places(tmp_path: Path) -> None:
    shares = {"none": 0.333333, "a": 0.333333, "b": 0.333334}
    assert read(tmp_path, FLAT, f"planned_shares={shares}").planned_shares == shares


def test_every_learner_of_the_contract_can_be_asked_for_and_no_other(tmp_path: Path) -> None:
    contract = (
        "stack, constant, s, t, x, r, dr, transformed, ridge_r, boosted_r, causalml.t, causalml.uplift_forest"
    )
    assert read(tmp_path, FLAT, f"learners=[{contract}]").learners == tuple(contract.split(", "))
    with pytest.raises(ConfigurationError, match=r"named 'stak'.*Did you mean 'stack'"):
        read(tmp_path, FLAT, "learners=[stak]")


def test_propensities_come_from_one_column_or_one_per_arm(tmp_path: Path) -> None:
    assert read(tmp_path, FLAT, "propensity={column: p}").propensity.column == "p"  # type: ignore[union-attr]
    found = read(tmp_path, FLAT, "propensity={columns: {none: p0, mail: p1}}").propensity
    assert found.columns == {"none": "p0", "mail": "p1"}  # type: ignore[union-attr]
