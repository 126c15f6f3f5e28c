"""Which features moved an effect: asked of every learner that can say it."""

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift import fit
from retention_lab.uplift.learners import LEARNERS, read_model
from retention_lab.uplift.learners.protocol import contributions
from tests.uplift.populations import Population, population

OWN = ["stack", *(name for name in LEARNERS if not name.startswith("causalml."))]
KINDS = [(name, binary) for name in OWN for binary in (True, False) if binary or name != "two_part"]


def money(rows: int = 1200) -> Population:
    """Amounts that are mostly zero, so that models are made of two parts; x0 moves the effect."""
    found = population(rows, binary=True)
    rng = np.random.default_rng(5)
    bought = found.sample.outcome * (rng.random(rows) < 0.6)
    amount = bought * rng.gamma(3.0, 10.0 * np.exp(0.3 * found.sample.features.values[:, 2]))
    return Population(found.sample.with_outcome(amount), found.effect, found.mean)


def assert_they_sum_to_the_effect(name: str, found: Population) -> None:
    sample = found.sample
    model = fit(name, sample)
    effect, parts = model.effect(sample.features), contributions(model, sample.features)
    assert parts.shape == (len(sample), 2, 5)
    np.testing.assert_allclose(parts.sum(axis=2), effect, rtol=1e-9, atol=1e-12 * np.abs(effect).max())
    assert np.ptp(parts[:, :, -1], axis=0).max() == 0.0  # the base value is the same for everybody


@pytest.mark.parametrize(("name", "binary"), KINDS)
def test_contributions_sum_to_the_effect(name: str, binary: bool) -> None:
    assert_they_sum_to_the_effect(name, population(600, binary=binary))


@pytest.mark.parametrize("name", ["stack", "t", "two_part"])
def test_contributions_to_money_with_many_zeros_sum_to_the_effect(name: str) -> None:
    assert_they_sum_to_the_effect(name, money())


@pytest.mark.parametrize("name", ["s", "t", "scaled_r", "two_part", "stack"])
def test_what_moves_each_effect_has_the_largest_contributions(name: str) -> None:
    binary = name in ("scaled_r", "two_part")  # both ask for outcomes that are not below 0
    sample = population(4000, binary=binary, strength=2.0).sample
    strength = np.abs(contributions(fit(name, sample), sample.features)).mean(axis=0)[:, :-1]
    assert strength[0].argmax() == 0
    assert strength[1].argmax() == 1
    if not binary:  # a share moves less near 0 and 1, so x2 moves its effects as well
        assert strength[:, 3].max() < 0.35 * strength.max(axis=1).min()


@pytest.mark.parametrize("name", ["stack", "s", "two_part"])
def test_a_model_read_from_its_files_gives_the_same_reasons_bit_for_bit(name: str) -> None:
    sample = population(800, binary=True).sample
    model = fit(name, sample)
    again = read_model(name, model.to_files())
    np.testing.assert_array_equal(
        contributions(again, sample.features), contributions(model, sample.features)
    )


def test_a_model_that_cannot_say_it_says_so() -> None:
    sample = population(600, binary=True).sample
    with pytest.raises(LabError, match="cannot say which features"):
        contributions(fit("causalml.t", sample), sample.features)
