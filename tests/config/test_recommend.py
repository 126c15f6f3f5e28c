from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError
from tests.config.kinds import read


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("split={time: 0.8, last: 1}", "split", "in one way"),
    ],
)
def test_a_wrong_value_is_refused_by_key(tmp_path: Path, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "recommend", override)
    assert caught.value.key == key
    assert message in str(caught.value)
