"""What a fitted effect model answers."""

from typing import Protocol, runtime_checkable

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features


class UpliftModel(Protocol):
    """A fitted effect model."""

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): outcome with each offer less outcome without one, in the outcome's unit."""

    def to_files(self) -> dict[str, bytes]:
        """The model in open formats, by file name."""


@runtime_checkable
class Explained(Protocol):
    """An effect model that can say which features moved an effect."""

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect."""


def contributions(model: UpliftModel, features: Features | Floats) -> Floats:
    """(n, K, d + 1) SHAP values of a model's effects; raises LabError where the model has none."""
    if not isinstance(model, Explained):
        raise LabError(
            f"A {type(model).__name__} cannot say which features moved its effects.",
            "Explain the stack, or one of its parts.",
        )
    return model.contributions(features)
