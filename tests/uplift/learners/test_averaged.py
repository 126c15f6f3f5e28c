from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.uplift.learners.averaged import Averaged
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.learners.protocol import contributions
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.selection import fit_candidate
from tests.uplift.populations import population


@dataclass(frozen=True)
class Slope:
    """effect = slope x first feature; says nothing of why."""

    slope: float

    def effect(self, features: Features | Floats) -> Floats:
        return self.slope * matrix(features)[:, :1]

    def to_files(self) -> dict[str, bytes]:
        return {"slope.txt": repr(self.slope).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Slope":
        return Slope(float(files["slope.txt"]))


def test_the_effect_is_the_average_of_the_models() -> None:
    x = np.array([[1.0], [2.0], [np.nan]])
    found = Averaged((Slope(1.0), Slope(2.0), Slope(6.0))).effect(x)
    np.testing.assert_array_equal(found, 3 * x)


def test_models_keep_their_places_through_files() -> None:
    model = Averaged(tuple(Slope(float(i)) for i in range(12)))  # fold_10 sorts before fold_2
    files = model.to_files()
    assert len(files) == 12
    assert Averaged.from_files(files, Slope.from_files) == model


def test_parts_of_the_effect_are_averages_and_sum_to_it() -> None:
    task = prepare(population(800).sample)
    model = fit_candidate("boosted_r", task).model
    assert isinstance(model, Averaged)
    assert len(model.models) == task.fold_count
    assert all(isinstance(one, EffectModels) for one in model.models)
    parts = contributions(model, task.sample.features)
    np.testing.assert_allclose(parts.sum(axis=2), model.effect(task.sample.features), atol=1e-9)
    by_hand = np.mean([contributions(one, task.sample.features) for one in model.models], axis=0)
    np.testing.assert_array_equal(parts, by_hand)


def test_models_that_cannot_say_why_are_refused_by_name() -> None:
    with pytest.raises(LabError, match="A Slope cannot say"):
        Averaged((Slope(1.0),)).contributions(np.zeros((2, 1)))
