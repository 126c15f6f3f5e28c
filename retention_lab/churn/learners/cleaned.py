"""A model behind a cleaning of gaps and outliers, which was learned from the same rows."""

from collections.abc import Callable
from dataclasses import dataclass

from retention_lab.arrays import Floats
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.sample import ChurnSample
from retention_lab.cleaning import Cleaning, CleaningRule, fit_cleaning
from retention_lab.features import Features


@dataclass(frozen=True, slots=True)
class Cleaned:
    """cleaning: None leaves gaps and outliers to the model itself."""

    cleaning: Cleaning | None
    model: ChurnModel

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving; every row has one, also where `drop` learned from none."""
        return self.model.probability(cleaned(self.cleaning, features))


def fit_cleaned(
    sample: ChurnSample, rule: CleaningRule | None, fit: Callable[[ChurnSample], ChurnModel]
) -> Cleaned:
    """Learn the cleaning and then the model from the same rows, and no others.

    Raises LabError where a column has no value at all, or no row stays.
    """
    if rule is None:
        return Cleaned(None, fit(sample))
    cleaning = fit_cleaning(sample.features, rule)
    features, kept = cleaning.apply(sample.features)
    group = None if sample.group is None else sample.group[kept]
    return Cleaned(cleaning, fit(ChurnSample(features, sample.left[kept], group)))


def cleaned(cleaning: Cleaning | None, features: Features | Floats) -> Features | Floats:
    """(n, d) features without gaps, all rows of them; as they came where there is no cleaning."""
    if cleaning is None:
        return features
    known = features if isinstance(features, Features) else Features(features, cleaning.schema)
    return cleaning.fill_gaps(known)
