"""Models of the outcome under each arm: what would happen to a customer with an offer, and without one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.uplift.attribution import prediction_contributions, product_contributions
from retention_lab.uplift.boosting import Binned, Boosted, BoostingParams, binned, constant_model
from retention_lab.uplift.file_tree import json_bytes, of_folder

_ARMS = "arms.json"
FEWEST_EVENTS = 50  # fewer say how many, not who


class OutcomeModel(Protocol):
    """A fitted model of an outcome's mean."""

    def predict(self, values: Floats) -> Floats:
        """(n, d) -> (n,) mean outcome."""

    def to_files(self) -> dict[str, bytes]:
        """The model in open formats, by file name."""


def outcome_contributions(model: OutcomeModel, values: Floats, known: Mapping[int, float]) -> Floats:
    """(n, d) -> (n, d + 1): SHAP values of the mean outcome, the base value last; they sum to it.

    known: features that count as known, by position. Raises LabError for a model that is not made of boosted
    ones.
    """
    if isinstance(model, TwoPart):
        parts = (prediction_contributions(one, values, known) for one in (model.event, model.amount))
        return product_contributions(*parts)
    if isinstance(model, Boosted):
        return prediction_contributions(model, values, known)
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
    """Models of the outcome that read the arm as a feature; of several, the average counts.

    places: (K + 1,) which of the arm's columns is each arm's, control 0; see `with_arm`.
    """

    models: tuple[OutcomeModel, ...]
    places: tuple[int, ...]

    def mean(self, features: Features | Floats) -> Floats:
        """(n, K + 1): predicted outcome under each arm, in the outcome's unit."""
        values, arms = matrix(features), len(self.places)
        found = np.zeros((len(values), arms))
        for k, place in enumerate(self.places):
            rows = with_arm(values, np.full(len(values), place), arms)
            found[:, k] = _average([model.predict(rows) for model in self.models])
        return found

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K + 1, d + 1): SHAP values of the outcome under each arm, the base value last."""
        values = matrix(features)
        d, offers = values.shape[1], len(self.places) - 1
        wider = np.column_stack([values, np.zeros((len(values), offers))])
        by_arm = []
        for place in self.places:
            arm = {d + k: float(place == k + 1) for k in range(offers)}
            found = _average([outcome_contributions(model, wider, arm) for model in self.models])
            by_arm.append(np.delete(found, np.s_[d : d + offers], axis=1))
        return np.stack(by_arm, axis=1)

    def to_files(self) -> dict[str, bytes]:
        """A folder a model, and the places of the arms."""
        texts = {
            f"{i}/{name}": data for i, one in enumerate(self.models) for name, data in one.to_files().items()
        }
        return {_ARMS: json_bytes(list(self.places)), **texts}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "OutcomeModels":
        """The models that `to_files` wrote."""
        count = len({path.partition("/")[0] for path in files if path != _ARMS})
        models = tuple(_read(of_folder(str(i), files)) for i in range(count))
        return OutcomeModels(models, tuple(int(k) for k in json.loads(files[_ARMS])))


@dataclass(frozen=True, slots=True)
class ArmModels:
    """One model per arm, control first."""

    models: tuple[Boosted, ...]

    def mean(self, features: Features | Floats) -> Floats:
        """(n, K + 1): predicted outcome under each arm, in the outcome's unit."""
        return np.column_stack([model.predict(matrix(features)) for model in self.models])

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K + 1, d + 1): SHAP values of the outcome under each arm, the base value last."""
        values = matrix(features)
        return np.stack([prediction_contributions(model, values) for model in self.models], axis=1)

    def to_files(self) -> dict[str, bytes]:
        """One text per arm."""
        return {f"arm_{k}.txt": model.text.encode() for k, model in enumerate(self.models)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ArmModels":
        """The models that `to_files` wrote."""
        return ArmModels(tuple(Boosted(files[f"arm_{k}.txt"].decode()) for k in range(len(files))))


def averaged(several: tuple[OutcomeModels, ...]) -> OutcomeModels:
    """The average of outcome models of the same arms."""
    return OutcomeModels(tuple(model for one in several for model in one.models), several[0].places)


def with_arm(values: Floats, place: Ints, arm_count: int) -> Floats:
    """(n, d) features and (n,) places of arms as (n, d + K): one indicator per offer.

    LightGBM asks more of a category's split than of a number's.
    """
    return np.column_stack([values, place[:, None] == np.arange(1, arm_count)])


def fit_probabilities(
    features: Features,
    arm: Ints,
    event: Floats,
    arm_count: int,
    params: BoostingParams | None = None,
    *,
    bins: Binned | None = None,
    weight: Floats | None = None,
) -> ArmModels:
    """Probability of an event (0 or 1, (n,)) under each arm: of redeeming an offer, say, or of buying at all.

    An arm with fewer than 50 events, or fewer than 50 rows without one, gets its share for everybody; an arm
    without rows is refused with LabError. bins: the features in bins, where they have been cut already;
    weight: (n,) rows that each stands for.
    """
    bins = bins or binned(features, params or BoostingParams())
    members = (np.flatnonzero(arm == k) for k in range(arm_count))
    return ArmModels(tuple(event_model(bins, event, rows, weight) for rows in members))


def event_model(
    bins: Binned, event: Floats, rows: Ints, weight: Floats | None, *, arm_too: bool = False
) -> Boosted:
    """Probability of an event, on index array `rows`; the share for everybody where events are too few.

    arm_too: whether the arm is among the features.
    """
    if len(rows) == 0:
        raise LabError(
            "An arm has no rows, so nothing can be learnt about it.",
            "Provide rows of every arm, or leave that arm out with `arms:`.",
        )
    events, own = float(event[rows].sum()), None if weight is None else weight[rows]
    if min(events, len(rows) - events) < FEWEST_EVENTS:
        return constant_model(float(np.average(event[rows], weights=own)), bins.params.threads)
    return bins.train(event[rows], "binary", rows=rows, weight=own, arm_too=arm_too)


def _read(files: Mapping[str, bytes]) -> OutcomeModel:
    if "event.txt" in files:
        return TwoPart(Boosted(files["event.txt"].decode()), Boosted(files["amount.txt"].decode()))
    return Boosted(files["model.txt"].decode())


def _average(predictions: list[Floats]) -> Floats:
    return predictions[0] if len(predictions) == 1 else np.asarray(np.mean(predictions, axis=0))
