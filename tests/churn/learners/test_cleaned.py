import numpy as np
import pytest

from retention_lab.churn.folds import cross_fitted
from retention_lab.churn.learners import read_calibrated
from retention_lab.churn.learners.cleaned import fit_cleaned
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.selection import Candidates
from retention_lab.cleaning import CleaningRule
from retention_lab.errors import LabError
from retention_lab.features import Features
from retention_lab.split import stratified_folds
from tests.churn.populations import population

SAMPLE = population(400, missing=0.2).sample
FOLD = stratified_folds(SAMPLE.left, 3, seed=1)


def with_value(sample: ChurnSample, row: int, value: float) -> ChurnSample:
    values = sample.features.values.copy()
    values[row, 0] = value
    return ChurnSample(Features(values, sample.features.schema), sample.left)


@pytest.mark.parametrize("missing", ["drop", "mean", "median", "mode", "model"])
def test_a_row_never_moves_what_its_own_fold_is_filled_or_capped_with(missing: str) -> None:
    rule = CleaningRule(missing, cap=0.95)  # type: ignore[arg-type]
    one, other = with_value(SAMPLE, 0, -3.0), with_value(SAMPLE, 0, 900.0)
    before, after = (
        cross_fitted(lambda rows: fit_cleaned(rows, rule, fit_logistic), s, FOLD) for s in (one, other)
    )
    mine = (FOLD[0] == FOLD) & (np.arange(len(SAMPLE)) != 0)
    np.testing.assert_array_equal(before[mine], after[mine])
    assert (before[FOLD[0] != FOLD] != after[FOLD[0] != FOLD]).any()


def test_every_choice_is_another_model() -> None:
    rules = [None, *(CleaningRule(how) for how in ("drop", "mean", "median", "mode", "model"))]  # type: ignore[arg-type]
    rules.append(CleaningRule("median", cap=0.9))
    found = [fit_cleaned(SAMPLE, rule, fit_logistic).probability(SAMPLE.features) for rule in rules]
    assert len({one.tobytes() for one in found}) == len(rules)
    assert all(np.isfinite(one).all() for one in found)


def test_drop_learns_from_whole_rows_alone_and_predicts_all() -> None:
    whole = SAMPLE.rows(~np.isnan(SAMPLE.features.values).any(axis=1))
    found = fit_cleaned(SAMPLE, CleaningRule("drop"), fit_logistic)
    np.testing.assert_array_equal(
        found.probability(whole.features), fit_logistic(whole).probability(whole.features)
    )
    assert len(found.probability(SAMPLE.features)) == len(SAMPLE)


def test_numbers_that_are_capped_no_longer_move_the_prediction() -> None:
    found = fit_cleaned(SAMPLE, CleaningRule("median", cap=0.95), fit_logistic)
    far, farther = (with_value(SAMPLE, 0, value).features for value in (50.0, 5000.0))
    np.testing.assert_array_equal(found.probability(far), found.probability(farther))


@pytest.mark.parametrize("name", ["logistic", "lightgbm", "blend"])
def test_the_cleaning_travels_with_the_files_to_the_bit(name: str) -> None:
    model = Candidates(SAMPLE, FOLD, cleaning=CleaningRule("model", cap=0.95)).fit(name).model
    again = read_calibrated(name, model.to_files())
    np.testing.assert_array_equal(again.probability(SAMPLE.features), model.probability(SAMPLE.features))
    np.testing.assert_array_equal(
        again.probability(SAMPLE.features.values), model.probability(SAMPLE.features)
    )
    parts = again.contributions(SAMPLE.features)
    assert parts.shape == (len(SAMPLE), 5)


def test_a_hazard_models_clock_may_have_gaps_that_are_filled() -> None:
    with pytest.raises(LabError, match="cannot be a clock"):
        Candidates(SAMPLE, FOLD, clock=(0, 1.0)).fit("hazard")
    found = Candidates(SAMPLE, FOLD, clock=(0, 1.0), cleaning=CleaningRule("median")).fit("hazard")
    assert np.isfinite(found.probability).all()


@pytest.mark.parametrize("name", ["logistic", "svm", "mlp"])
def test_a_scale_replaces_curves_by_lines(name: str) -> None:
    def losses(scale: str | None) -> float:
        return Candidates(SAMPLE, FOLD, scale=scale).fit(name).log_loss  # type: ignore[arg-type]

    assert len({losses(None), losses("standard"), losses("minmax"), losses("robust")}) == 4


def test_lines_cannot_see_a_curve() -> None:
    sample = population(1500).sample  # `swing` works by its size, whatever its sign
    fold = stratified_folds(sample.left, 3, seed=1)
    curved, straight = (Candidates(sample, fold, scale=scale).fit("logistic") for scale in (None, "standard"))
    assert straight.log_loss > curved.log_loss + 0.02


def test_trees_do_not_mind_the_scale() -> None:
    plain, scaled = (Candidates(SAMPLE, FOLD, scale=scale).fit("lightgbm") for scale in (None, "robust"))
    np.testing.assert_array_equal(plain.probability, scaled.probability)
