from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError
from tests.config.kinds import read


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("customer=null", "customer", "needs its `customer` column"),
        ("table=null", "customer", "belongs to a `table:`"),
        ("calibration_end=soon", "calibration_end", "a date such as"),
        ("time_unit=weeks", "time_unit", "Did you mean 'week'"),
    ],
)
def test_a_wrong_value_is_refused_by_key(tmp_path: Path, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "clv", override)
    assert caught.value.key == key
    assert message in str(caught.value)
