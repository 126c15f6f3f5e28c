from dataclasses import replace

import numpy as np
import pytest

from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.learners.ridge_r import LinearBasis, RidgeEffects, fit_ridge_r
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.populations import Population, knowing, population, straight_line


def with_gaps(rows: int = 3000) -> Population:
    """The effect is higher on one level, and where a number is missing; one level is rare."""
    rng = np.random.default_rng(1)
    level = rng.choice(4, rows, p=[0.5, 0.3, 0.19, 0.01]).astype(float)
    number = np.where(rng.random(rows) < 0.2, np.nan, 100 + 5 * rng.normal(size=rows))
    effect = 1.0 + 2.0 * (level == 1) - 1.5 * np.isnan(number)
    x = Features(
        np.column_stack([level, number, np.ones(rows)]),
        FeatureSchema(("c", "n", "same"), (tuple("abcd"), None, None)),
    )
    arm = rng.integers(0, 2, rows)
    mean = np.column_stack([np.zeros(rows), effect])
    outcome = effect * arm + 0.1 * rng.normal(size=rows)
    return Population(UpliftSample(x, arm, outcome, np.full((rows, 2), 0.5)), effect[:, None], mean)


def test_a_straight_line_is_found() -> None:
    found = straight_line(20_000)
    model = fit_ridge_r(prepare(found.sample).whole)
    # numbers are standard normal: slopes come out as they were planted, to 4 standard errors of 2 / sqrt(n)
    np.testing.assert_allclose(model.slopes[0], [0.3, -0.2, 0.0, 0.0], atol=4 * 2 / np.sqrt(20_000))
    assert model.intercept[0] == pytest.approx(0.2, abs=4 * 2 / np.sqrt(20_000))


def test_levels_and_gaps_are_told_apart() -> None:
    found = with_gaps()
    model = fit_ridge_r(knowing(found))
    features = found.sample.features
    assert np.sqrt(np.mean((model.effect(features) - found.effect) ** 2)) < 0.1
    assert model.basis.gaps == (1,)
    assert [j for j, _, _ in model.basis.numbers] == [1]  # what never varies is no feature
    assert model.basis.levels == ((0, 0.0), (0, 1.0), (0, 2.0), (0, 3.0))
    unseen = model.effect(np.array([[np.nan, 100.0, 1.0], [9.0, 100.0, 1.0]]))
    assert np.isfinite(unseen).all()


def test_one_customer_far_out_does_not_turn_the_line() -> None:
    basis = LinearBasis(((0, 10.0, 2.0),), (), ())
    np.testing.assert_array_equal(
        basis.columns(np.array([[10.0], [14.0], [1e9], [-1e9], [np.nan]]))[:, 0], [0, 2, 3, -3, 0]
    )


def test_only_common_levels_have_a_column() -> None:
    level = np.repeat(np.arange(30.0), np.arange(30, 0, -1))
    features = Features(level[:, None], FeatureSchema(("c",), (tuple(map(str, range(30))),)))
    arm = np.arange(len(level)) % 2
    sample = UpliftSample(features, arm, np.zeros(len(level)), np.full((len(level), 2), 0.5))
    model = fit_ridge_r(prepare(sample, folds=2).whole)
    assert [code for _, code in model.basis.levels] == list(range(20))


def test_noise_is_shrunk_to_the_average() -> None:
    found = population(4000, strength=0.0)
    model = fit_ridge_r(knowing(found))
    effect = model.effect(found.sample.features)
    # four slopes without a penalty would spread by some 2 sqrt(4 / n), for a small arm by more
    assert np.all(effect.std(axis=0) < np.array([0.07, 0.09]))
    means = np.array(model.intercept)
    np.testing.assert_allclose(effect.mean(axis=0), means, atol=1e-9)


def test_parts_of_the_effect_sum_to_it() -> None:
    found = with_gaps()
    model = fit_ridge_r(knowing(found))
    parts = model.contributions(found.sample.features)
    np.testing.assert_allclose(parts.sum(axis=2), model.effect(found.sample.features), atol=1e-12)
    np.testing.assert_array_equal(parts[:, 0, 2], 0.0)  # the feature that never varies
    # parts are against the average customer
    np.testing.assert_allclose(parts[:, 0, :3].mean(axis=0), 0.0, atol=1e-9)


def test_units_of_the_features_are_irrelevant() -> None:
    task = knowing(population(2000))
    x = task.sample.features.values
    moved = x * np.array([1e6, 1e-6, -3.0, 1.0]) + np.array([5.0, 0.0, 1e3, -7.0])
    sample = UpliftSample(moved, task.sample.arm, task.sample.outcome, task.sample.propensity)
    again = replace(task, sample=sample)
    np.testing.assert_allclose(fit_ridge_r(again).effect(moved), fit_ridge_r(task).effect(x), atol=1e-6)


def test_what_matters_is_how_rows_weigh_against_each_other() -> None:
    task = knowing(population(600))
    weight = np.random.default_rng(2).integers(1, 4, 600).astype(float)
    x = task.sample.features
    one, two = (fit_ridge_r(replace(task, sample=task.sample.weighing(w))) for w in (weight, 7 * weight))
    np.testing.assert_allclose(two.effect(x), one.effect(x), atol=1e-9)
    # the intercept is the average effect on those that the rows stand for
    np.testing.assert_allclose(np.average(one.effect(x), axis=0, weights=weight), one.intercept, atol=1e-9)
    assert np.abs(one.effect(x) - fit_ridge_r(task).effect(x)).max() > 0.01


def test_a_model_is_its_files_bit_for_bit() -> None:
    found = with_gaps()
    model = fit_ridge_r(knowing(found))
    again = RidgeEffects.from_files(model.to_files())
    assert again == model
    np.testing.assert_array_equal(again.effect(found.sample.features), model.effect(found.sample.features))
