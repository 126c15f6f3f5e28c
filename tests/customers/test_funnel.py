import numpy as np
import pytest

from retention_lab.customers.funnel import Funnel, funnel, funnels_by
from retention_lab.errors import LabError


def flags(*words: str) -> tuple[np.ndarray, ...]:
    return tuple(np.array([letter in word for word in words]) for letter in "vco")


def test_only_who_took_every_step_before_is_at_a_step() -> None:
    found = funnel(*flags("vco", "vc", "v", "vo", "co", "o", ""))
    assert found == Funnel(view=4, cart=2, order=1, elsewhere=3)
    assert found.step("cart").value == 0.5  # type: ignore[union-attr]
    assert found.step("order").value == 0.5  # type: ignore[union-attr]
    assert found.whole().value == 0.25  # type: ignore[union-attr]


def test_where_nobody_looked_there_is_no_share() -> None:
    found = funnel(*flags("o")).as_json()
    assert found["cart_share"] is None
    assert found["whole_share"] is None
    assert found["ordered_elsewhere"] == 1


def test_groups_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(2)
    viewed, carted, ordered = (rng.random(200) < p for p in (0.8, 0.4, 0.2))
    groups = [("a", "b", None)[i] for i in rng.integers(0, 3, 200)]
    parts = funnels_by(groups, viewed, carted, ordered)
    whole = funnel(viewed, carted, ordered)
    assert list(parts) == ["a", "b", None]
    for name in ("view", "cart", "order", "elsewhere"):
        assert sum(getattr(part, name) for part in parts.values()) == getattr(whole, name)


def test_steps_of_different_customers_are_refused() -> None:
    with pytest.raises(LabError, match="different customers"):
        funnel(np.array([True]), np.array([True]), np.array([True, False]))
