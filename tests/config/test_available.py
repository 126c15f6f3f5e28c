from pathlib import Path

import pytest

from retention_lab.config.available import require_engine
from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.kinds import KINDS, read
from tests.config.labs import CAMPAIGN, FLAT, lab_in


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_without_an_engine_is_refused_plainly(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"'{kind}'.*uplift, campaign") as caught:
        require_engine(read(tmp_path, kind))
    assert caught.value.key == "kind"


@pytest.mark.parametrize("text", [FLAT, CAMPAIGN])
def test_a_kind_with_an_engine_passes(tmp_path: Path, text: str) -> None:
    require_engine(read_definition(lab_in(tmp_path, one=text), "one"))
