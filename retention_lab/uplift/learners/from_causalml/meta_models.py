"""What remains of causalml's meta-learners once fitted: boosted models, and how an effect comes out of them.

Each model's `fitted_on` is the number of rows that causalml was given.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.boosting import Boosted
from retention_lab.uplift.learners.from_causalml.training_part import against_control
from retention_lab.uplift.propensities import PropensityModel

_ABOUT = "about.json"


@dataclass(frozen=True, slots=True)
class CausalmlS:
    """models: for each offer, one of its own customers and control's, whose first column says which."""

    models: tuple[Boosted, ...]
    fitted_on: int

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): each model's answer with the offer less its answer without."""
        values = matrix(features)
        without, given = (np.column_stack([np.full(len(values), arm), values]) for arm in (0.0, 1.0))
        return np.column_stack([model.predict(given) - model.predict(without) for model in self.models])

    def to_files(self) -> dict[str, bytes]:
        """One text per offer, and the number of rows."""
        return _texts("offer", self.models) | _about(self.fitted_on)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "CausalmlS":
        """The model that `to_files` wrote."""
        return CausalmlS(_models(files, "offer"), _fitted_on(files))


@dataclass(frozen=True, slots=True)
class CausalmlT:
    """models: of the outcome, one per arm, control first."""

    models: tuple[Boosted, ...]
    fitted_on: int

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): predicted outcome with each offer less without one."""
        mean = np.column_stack([model.predict(matrix(features)) for model in self.models])
        return mean[:, 1:] - mean[:, :1]

    def to_files(self) -> dict[str, bytes]:
        """One text per arm, and the number of rows."""
        return _texts("arm", self.models) | _about(self.fitted_on)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "CausalmlT":
        """The model that `to_files` wrote."""
        return CausalmlT(_models(files, "arm"), _fitted_on(files))


@dataclass(frozen=True, slots=True)
class CausalmlX:
    """from_control, from_offer: models of each offer's effect, learned from customers without and with it.

    chance: (K,) probability of each offer against control, the mean over the rows fitted on; propensities:
    the model of it by features, where nobody logged it, and then `chance` is not used.
    """

    from_control: tuple[Boosted, ...]
    from_offer: tuple[Boosted, ...]
    chance: tuple[float, ...]
    propensities: PropensityModel | None
    fitted_on: int

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): the two answers, each weighted by the chance of the other's arm."""
        values = matrix(features)
        chance = (
            np.array(self.chance)
            if self.propensities is None
            else against_control(self.propensities.probability(values))
        )
        control = np.column_stack([model.predict(values) for model in self.from_control])
        offer = np.column_stack([model.predict(values) for model in self.from_offer])
        return np.asarray(chance * control + (1 - chance) * offer, dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """Two texts per offer, the chances, and the propensity model where there is one."""
        files = _texts("from_control", self.from_control) | _texts("from_offer", self.from_offer)
        if self.propensities is not None:
            files |= {f"propensity_{name}": data for name, data in self.propensities.to_files().items()}
        return files | _about(self.fitted_on, chance=list(self.chance))

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "CausalmlX":
        """The model that `to_files` wrote."""
        start = "propensity_"
        found = {name.removeprefix(start): data for name, data in files.items() if name.startswith(start)}
        return CausalmlX(
            _models(files, "from_control"),
            _models(files, "from_offer"),
            tuple(float(x) for x in json.loads(files[_ABOUT])["chance"]),
            PropensityModel.from_files(found) if found else None,
            _fitted_on(files),
        )


@dataclass(frozen=True, slots=True)
class CausalmlEffects:
    """models: for each offer, those whose mean is its effect: the R-learner has one, the DR-learner three."""

    models: tuple[tuple[Boosted, ...], ...]
    fitted_on: int

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): mean of the models of each offer."""
        values = matrix(features)
        return np.column_stack(
            [np.mean([model.predict(values) for model in models], axis=0) for models in self.models]
        )

    def to_files(self) -> dict[str, bytes]:
        """One text per model, and the number of rows."""
        files = _about(self.fitted_on, offers=len(self.models))
        for k, models in enumerate(self.models):
            files |= _texts(f"offer_{k}", models)
        return files

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "CausalmlEffects":
        """The model that `to_files` wrote."""
        offers = range(int(json.loads(files[_ABOUT])["offers"]))
        return CausalmlEffects(tuple(_models(files, f"offer_{k}") for k in offers), _fitted_on(files))


def _texts(name: str, models: Sequence[Boosted]) -> dict[str, bytes]:
    return {f"{name}_{i}.txt": model.text.encode() for i, model in enumerate(models)}


def _models(files: Mapping[str, bytes], name: str) -> tuple[Boosted, ...]:
    count = sum(1 for one in files if one.startswith(f"{name}_") and one.endswith(".txt"))
    return tuple(Boosted(files[f"{name}_{i}.txt"].decode()) for i in range(count))


def _about(fitted_on: int, **more: object) -> dict[str, bytes]:
    return {_ABOUT: json.dumps({"fitted_on": fitted_on, **more}).encode()}


def _fitted_on(files: Mapping[str, bytes]) -> int:
    return int(json.loads(files[_ABOUT])["fitted_on"])
