from pathlib import Path

import pytest

from retention_lab.errors import ConfigurationError
from tests.config.kinds import read


def test_a_guardrails_margin_may_be_a_share_of_control(tmp_path: Path) -> None:
    metric = read(tmp_path, "abtest", "metrics.5.worse_by_at_most='2%'").metrics[5]
    assert metric.worse_by_at_most == "2%"


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("metrics=[]", "metrics", "not empty"),
        ("metrics.0.name=rounds", "metrics.1.name", "Two metrics"),
        ("metrics.0.typ=mean", "metrics.0.typ", "Did you mean 'type'"),
        ("metrics.3.q=90", "metrics.3.q", "below 1"),
        ("metrics.0.worse_by_at_most=0.1", "metrics.0.worse_by_at_most", "Only a guardrail"),
        ("metrics.5.worse_by_at_most=much", "metrics.5.worse_by_at_most", "2%"),
    ],
)
def test_a_wrong_value_is_refused_by_key(tmp_path: Path, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "abtest", override)
    assert caught.value.key == key
    assert message in str(caught.value)
