"""What a fitted churn model answers."""

from typing import Protocol, runtime_checkable

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features


class Predicting(Protocol):
    """What says who leaves."""

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving."""


class ChurnModel(Predicting, Protocol):
    """A fitted churn model."""

    def to_files(self) -> dict[str, bytes]:
        """The model in open formats, by file name."""


@runtime_checkable
class Explained(Protocol):
    """A churn model that can say which features moved a customer's risk."""

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): each feature's part of the log-odds, the base value last; rows sum to the log-odds."""


def contributions(model: ChurnModel, features: Features | Floats) -> Floats:
    """(n, d + 1) parts of the log-odds; raises LabError where the model has none."""
    if not isinstance(model, Explained):
        raise LabError(
            f"A {type(model).__name__} cannot say which features moved a risk.",
            "Explain `logistic`, `lightgbm`, `blend`, `hazard`, `tree` or `forest`.",
        )
    return model.contributions(features)
