from pathlib import Path

import pytest

from retention_lab.config.available import only_available
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.labs import FLAT, lab_in


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
