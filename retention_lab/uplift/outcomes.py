"""Models of the outcome under each arm: what would happen to a customer with an offer, and without one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.uplift.attribution import prediction_contributions, product_contributions
from retention_lab.uplift.boosting import Binned, Boosted, BoostingParams, binned, constant_model

FEWEST_EVENTS = 50  # fewer say how many, not who


class OutcomeModel(Protocol):
    """A fitted model of an outcome's mean."""

    def predict(self, values: Floats) -> Floats:
        """(n, d) -> (n,) mean outcome."""

    def to_files(self) -> dict[str, bytes]:
        """The model in open formats, by file name."""


def outcome_contributions(model: OutcomeModel, values: Floats) -> Floats:
    """(n, d) -> (n, d + 1): SHAP values of the mean outcome, the base value last; they sum to it.

    Raises LabError for a model that is not made of boosted ones.
    """
    if isinstance(model, TwoPart):
        parts = (prediction_contributions(one, values) for one in (model.event, model.amount))
        return product_contributions(*parts)
    if isinstance(model, Boosted):
        return prediction_contributions(model, values)
    raise LabError(
        f"A {type(model).__name__} cannot say which features moved the outcome.", "Explain a boosted model."
    )


@dataclass(frozen=True, slots=True)
class TwoPart:
    """Whether anything happens, times how much when it does: for money with many zeros.

    Source: Duan, Manning, Morris, Newhouse (1983), Journal of Business & Economic Statistics 1(2),
    doi:10.1080/07350015.1983.10509330.
    """

    event: Boosted
    amount: Boosted

    def predict(self, values: Floats) -> Floats:
        """(n, d) -> (n,) mean outcome."""
        return self.event.predict(values) * self.amount.predict(values)

    def to_files(self) -> dict[str, bytes]:
        """Two texts."""
        return {"event.txt": self.event.text.encode(), "amount.txt": self.amount.text.encode()}


@dataclass(frozen=True, slots=True)
class OutcomeModels:
    """Outcome models of each arm, control first; of several models of an arm, the average counts."""

    models: tuple[tuple[OutcomeModel, ...], ...]

    def mean(self, features: Features | Floats) -> Floats:
        """(n, K + 1): predicted outcome under each arm, in the outcome's unit."""
        values = matrix(features)
        return np.column_stack([_average([one.predict(values) for one in arm]) for arm in self.models])

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K + 1, d + 1): SHAP values of the outcome under each arm, the base value last."""
        values = matrix(features)
        by_arm = [_average([outcome_contributions(one, values) for one in arm]) for arm in self.models]
        return np.stack(by_arm, axis=1)

    def to_files(self) -> dict[str, bytes]:
        """One text per arm and model, or two where the model has two parts."""
        return {
            f"arm_{k}/{i}/{name}": data
            for k, arm in enumerate(self.models)
            for i, one in enumerate(arm)
            for name, data in one.to_files().items()
        }

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "OutcomeModels":
        """The models that `to_files` wrote."""
        found: dict[int, dict[int, dict[str, str]]] = {}
        for path, data in files.items():
            arm, number, name = path.split("/")
            of_arm = found.setdefault(int(arm.removeprefix("arm_")), {})
            of_arm.setdefault(int(number), {})[name] = data.decode()
        return OutcomeModels(
            tuple(tuple(_read(found[k][i]) for i in sorted(found[k])) for k in sorted(found))
        )


def averaged(several: tuple[OutcomeModels, ...]) -> OutcomeModels:
    """The average of outcome models of the same arms."""
    arms = zip(*(one.models for one in several), strict=True)
    return OutcomeModels(tuple(tuple(model for models in arm for model in models) for arm in arms))


def fit_probabilities(
    features: Features,
    arm: Ints,
    event: Floats,
    arm_count: int,
    params: BoostingParams | None = None,
    *,
    bins: Binned | None = None,
    weight: Floats | None = None,
) -> OutcomeModels:
    """Probability of an event (0 or 1, (n,)) under each arm: of redeeming an offer, say, or of buying at all.

    An arm with fewer than 50 events, or fewer than 50 rows without one, gets its share for everybody; an arm
    without rows is refused with LabError. bins: the features in bins, where they have been cut already;
    weight: (n,) rows that each stands for.
    """
    bins = bins or binned(features, params or BoostingParams())
    members = (np.flatnonzero(arm == k) for k in range(arm_count))
    return OutcomeModels(tuple((event_model(bins, event, rows, weight),) for rows in members))


def event_model(bins: Binned, event: Floats, rows: Ints, weight: Floats | None) -> Boosted:
    """Probability of an event, on index array `rows`; the share for everybody where events are too few."""
    if len(rows) == 0:
        raise LabError(
            "An arm has no rows, so nothing can be learnt about it.",
            "Provide rows of every arm, or leave that arm out with `arms:`.",
        )
    events, own = float(event[rows].sum()), None if weight is None else weight[rows]
    if min(events, len(rows) - events) < FEWEST_EVENTS:
        return constant_model(float(np.average(event[rows], weights=own)), bins.params.threads)
    return bins.train(event[rows], "binary", rows=rows, weight=own)


def _read(files: Mapping[str, str]) -> OutcomeModel:
    if "event.txt" in files:
        return TwoPart(Boosted(files["event.txt"]), Boosted(files["amount.txt"]))
    return Boosted(files["model.txt"])


def _average(predictions: list[Floats]) -> Floats:
    return predictions[0] if len(predictions) == 1 else np.asarray(np.mean(predictions, axis=0))
