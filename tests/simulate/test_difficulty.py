import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.simulate import Difficulty


@pytest.mark.parametrize(
    ("key", "value"),
    [("effect_size", -0.1), ("sleeping_dogs", 0.6), ("fade", 1.5), ("noise", float("nan")), ("drift", 2)],
)
def test_a_setting_outside_its_range_is_refused_by_name(key: str, value: float) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Difficulty(**{key: value})
    assert caught.value.key == key
    assert "between" in caught.value.next_step


def test_every_switch_can_be_turned_off() -> None:
    Difficulty(
        effect_size=0, noise=0, confounding=0, sleeping_dogs=0, feature_signal=0, fade=0, drift=0, confusion=0
    )
