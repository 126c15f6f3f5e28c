import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.learners.constant import ConstantEffect
from retention_lab.uplift.learners.protocol import Explained, contributions
from tests.uplift.learners.test_averaged import Slope


def test_a_model_that_says_why_is_asked() -> None:
    model = ConstantEffect((1.0, 2.0))
    assert isinstance(model, Explained)
    found = contributions(model, np.zeros((3, 4)))
    assert found.shape == (3, 2, 5)
    np.testing.assert_array_equal(found.sum(axis=2), model.effect(np.zeros((3, 4))))


def test_one_that_does_not_is_refused() -> None:
    assert not isinstance(Slope(1.0), Explained)
    with pytest.raises(LabError, match="A Slope cannot say") as error:
        contributions(Slope(1.0), np.zeros((3, 4)))
    assert "stack" in str(error.value.next_step)
