from pathlib import Path

import pytest

from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.kinds import read
from tests.config.labs import lab_in


def test_a_bare_yes_is_the_text_that_it_shows(tmp_path: Path) -> None:
    assert read(tmp_path, "churn", "label.positive=Yes").label.positive == "Yes"
    assert read(tmp_path, "churn", "label.positive=1").label.positive == "1"
    assert read(tmp_path, "churn", "label.positive=true").label.positive == "true"


def test_cleaning_and_rolling_looks_can_be_named(tmp_path: Path) -> None:
    found = read(tmp_path, "churn", "cleaning={missing: model, cap: 0.99, scale: robust}").cleaning
    assert (found.missing, found.cap, found.scale) == ("model", 0.99, "robust")
    project = lab_in(tmp_path, leave="kind: churn\nlabel: {inactive_days: 90}\nvalidation: {rolling: 3}\n")
    leave = read_definition(project, "leave")
    assert leave.validation.rolling == 3  # type: ignore[union-attr]
    assert leave.cleaning is None  # type: ignore[union-attr]


def test_tuning_and_a_scale_contradict_each_other(tmp_path: Path) -> None:
    text = "kind: churn\nlabel: {inactive_days: 90}\ntune: true\ncleaning: {scale: standard}\n"
    with pytest.raises(ConfigurationError, match="looks for curves or straight lines itself"):
        read_definition(lab_in(tmp_path, leave=text), "leave")


def test_churn_over_the_projects_tables_needs_no_table(tmp_path: Path) -> None:
    for label in ("{inactive_days: 90}", "{subscription: ended}"):
        project = lab_in(tmp_path, leave=f"kind: churn\nlabel: {label}\n")
        assert read_definition(project, "leave").name == "leave"


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("label={inactive_days: 90}", "label", "label column"),
        ("label={column: Churn}", "label", "value that counts as yes"),
        ("table=null", "label", "no label column"),
        ("snapshots={count: 3}", "snapshots", "project's tables"),
        ("validation={rolling: 2}", "validation.rolling", "no time to roll over"),
        ("cleaning={missing: drp}", "cleaning.missing", "Did you mean 'drop'"),
        ("cleaning={cap: 0.4}", "cleaning.cap", "above 0.5"),
        ("models=[logistc]", "models.0", "Did you mean 'logistic'"),
        ("profit={clv: 200}", "profit.contact_cost", "missing"),
    ],
)
def test_a_wrong_value_is_refused_by_key(tmp_path: Path, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "churn", override)
    assert caught.value.key == key
    assert message in str(caught.value)
