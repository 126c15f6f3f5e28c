from pathlib import Path

import pytest

from retention_lab import catalog
from retention_lab.config.available import only_available, require_engine
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.kinds import KINDS, read
from tests.config.labs import CAMPAIGN, FLAT, lab_in


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in catalog.ENGINES])
def test_a_kind_without_an_engine_is_refused_plainly(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"'{kind}'.*uplift, .*campaign") as caught:
        require_engine(read(tmp_path, kind))
    assert caught.value.key == "kind"


@pytest.mark.parametrize("text", [FLAT, CAMPAIGN, KINDS["abtest"], KINDS["churn"], KINDS["segments"]])
def test_a_kind_with_an_engine_passes(tmp_path: Path, text: str) -> None:
    require_engine(read_definition(lab_in(tmp_path, one=text), "one"))


def test_a_name_of_a_later_version_is_told_from_one_that_does_not_exist() -> None:
    here, known = {"t": "", "dr": ""}, ("t", "dr", "ridge_r")
    only_available("learner", ["t", "dr"], here, known, key="learners")
    with pytest.raises(Exception, match=r"'ridge_r' is not in this version yet.*What works in it: t, dr"):
        only_available("learner", ["t", "ridge_r"], here, known, key="learners")
    with pytest.raises(Exception, match=r"No learner is named 'ridge'.*Did you mean 'ridge_r'"):
        only_available("learner", ["ridge"], here, known, key="learners")


@pytest.mark.parametrize(
    ("learners", "key"),
    [("[tt]", "learners"), ("[t, tt]", "learners.1"), ("[causalml.tt, t]", "learners.0")],
)
def test_the_key_says_which_of_several_names_it_was(tmp_path: Path, learners: str, key: str) -> None:
    project = lab_in(tmp_path, one=FLAT)
    with pytest.raises(ConfigurationError) as caught:
        read_definition(project, "one", [f"learners={learners}"])
    assert caught.value.key == key
