from dataclasses import dataclass, replace

import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.checks import Check
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, matrix
from retention_lab.uplift import fit
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.understanding.refute import (
    RefuteParams,
    refute,
    with_placebo,
    with_random_cause,
)
from tests.uplift.populations import Population, partly_feasible, population

ARMS = ("none", "coupon", "points")
ONCE = RefuteParams(repeats=1)


@dataclass(frozen=True)
class Linear:
    """Effects linear in the features: what least squares says, arm by arm."""

    weight: Floats

    def effect(self, features: Features | Floats) -> Floats:
        x = matrix(features)
        return np.asarray(np.column_stack([np.ones(len(x)), x]) @ self.weight)

    def to_files(self) -> dict[str, bytes]:
        return {}


def least_squares(sample: UpliftSample) -> Linear:
    x = np.column_stack([np.ones(len(sample)), sample.features.values])
    fits = [
        np.linalg.lstsq(x[sample.arm == k], sample.outcome[sample.arm == k], rcond=None)[0] for k in range(3)
    ]
    return Linear(np.column_stack([one - fits[0] for one in fits[1:]]))


def by_name(found: tuple[Check, ...]) -> dict[str, Check]:
    return {one["name"]: one for one in found}


def test_a_sound_model_of_a_strong_effect_passes_every_attempt() -> None:
    found = refute(population(6000, 1).sample, least_squares, ARMS)
    assert [one["name"] for one in found] == [
        "placebo_average",
        "placebo_ranking",
        "placebo_spread",
        "random_cause_average",
        "random_cause_ranking",
        "subset_average",
        "subset_ranking",
    ]
    assert all(one["passed"] for one in found)
    assert all(one["severity"] == "soft" for one in found)


def test_a_model_of_noise_fails_where_it_spreads_as_far_on_a_placebo() -> None:
    found = by_name(refute(population(4000, 2, strength=0.0).sample, least_squares, ARMS))
    spread = found["placebo_spread"]
    assert spread["passed"] is False
    assert isinstance(spread["value"], float)
    assert spread["value"] > 0.5
    assert found["placebo_ranking"]["passed"]


def test_a_pipeline_that_finds_an_effect_in_a_placebo_is_caught() -> None:
    def biased(sample: UpliftSample) -> Linear:
        model = least_squares(sample)
        shift = np.zeros_like(model.weight)
        shift[0] = 0.5
        return replace(model, weight=model.weight + shift)

    found = by_name(refute(population(4000, 3).sample, biased, ARMS, ONCE))
    assert found["placebo_average"]["passed"] is False
    assert found["placebo_ranking"]["passed"]  # a shift ranks nobody


def test_a_model_that_learns_from_whatever_is_added_is_caught() -> None:
    def last_column(sample: UpliftSample) -> Linear:
        weight = np.zeros((sample.features.values.shape[1] + 1, 2))
        weight[-1] = 1.0
        return Linear(weight)

    found = by_name(refute(population(2000, 4).sample, last_column, ARMS, ONCE))
    assert found["random_cause_ranking"]["passed"] is False
    assert found["subset_ranking"]["passed"]


def test_a_model_that_hangs_on_a_few_customers_is_caught() -> None:
    def first_customer(sample: UpliftSample) -> Linear:
        return Linear(np.outer(np.append(0.0, sample.features.values[len(sample) // 2]), np.ones(2)))

    found = by_name(refute(population(800, 5).sample, first_customer, ARMS, RefuteParams(repeats=4)))
    assert found["subset_ranking"]["passed"] is False


def test_a_constant_model_has_no_ranking_to_refute() -> None:
    found = by_name(refute(population(600, 6).sample, lambda s: fit("constant", s), ARMS, ONCE))
    for name in ("placebo_spread", "random_cause_ranking", "subset_ranking"):
        assert found[name]["passed"] is None
        assert "same effect for everybody" in found[name]["detail"]
    assert found["subset_average"]["passed"]


@pytest.mark.slow
def test_a_placebo_of_a_sound_model_is_rejected_as_rarely_as_promised() -> None:
    runs, failed = 60, np.zeros(2)
    for seed in range(runs):
        found = by_name(refute(population(600, seed).sample, least_squares, ARMS, ONCE))
        failed += [not found[name]["passed"] for name in ("placebo_average", "placebo_ranking")]
    assert failed.max() / runs < 0.01 + 0.041  # 3.2 binomial standard errors


def test_equal_chances_make_arms_change_places() -> None:
    task = prepare(population(3000, 7).sample)
    sample, placebo = task.sample, with_placebo(task, seed=1)
    np.testing.assert_array_equal(np.bincount(placebo.arm), np.bincount(sample.arm))
    assert 0.3 < np.mean(placebo.arm == sample.arm) < 0.46  # .5² + .3² + .2² = .38 by chance
    np.testing.assert_array_equal(placebo.outcome, sample.outcome)
    np.testing.assert_array_equal(placebo.features.values, sample.features.values)


@pytest.mark.parametrize("estimate", [False, True])
def test_differing_chances_are_kept_by_a_placebo(estimate: bool) -> None:
    given = partly_feasible(8000, 8).sample
    task = prepare(UpliftSample(given.features, given.arm, given.outcome) if estimate else given)
    found = task.sample
    some = found.features.values[:, 3] > 0
    placebo = with_placebo(task, seed=2)
    shares = np.bincount(placebo.arm[some], minlength=3) / some.sum()
    # 4 binomial standard errors; an estimated probability is never below .01
    np.testing.assert_allclose(shares, [0.6, 0.4, 0.0], atol=0.045 if estimate else 0.031)
    if not estimate:
        assert shares[2] == 0.0
    assert np.corrcoef(placebo.arm == 2, found.arm == 2)[0, 1] < 0.2  # only as far as the chances differ


def test_a_random_cause_is_one_more_feature_and_nothing_else() -> None:
    found = population(500, 9).sample
    wider = with_random_cause(with_random_cause(found, 1), 2)
    assert wider.features.schema.names[-2:] == ("random_cause", "random_cause_")
    np.testing.assert_array_equal(wider.features.values[:, :4], found.features.values)
    assert abs(np.corrcoef(wider.features.values[:, 4], wider.outcome)[0, 1]) < 4 / np.sqrt(500)
    np.testing.assert_array_equal(wider.propensity, found.propensity)


def test_categories_stay_categories_beside_a_random_cause() -> None:
    found = population(50, 10).sample
    schema = FeatureSchema(("a", "b", "c", "d"), (None, None, None, ("x", "y")))
    sample = UpliftSample(Features(found.features.values, schema), found.arm, found.outcome, found.propensity)
    assert with_random_cause(sample, 1).features.schema.levels == (None, None, None, ("x", "y"), None)


def test_the_same_seed_finds_the_same_and_groups_stay_together() -> None:
    found = population(1200, 11).sample
    grouped = UpliftSample(
        found.features, found.arm, found.outcome, found.propensity, np.repeat(np.arange(400), 3)
    )
    assert refute(grouped, least_squares, ARMS, ONCE) == refute(grouped, least_squares, ARMS, ONCE)


def test_of_many_customers_a_part_is_refitted() -> None:
    seen: list[int] = []

    def counted(sample: UpliftSample) -> Linear:
        seen.append(len(sample))
        return least_squares(sample)

    refute(population(3000, 12).sample, counted, ARMS, RefuteParams(rows=1000, repeats=1))
    assert seen == [1000, 500, 500, 1000, 800]


def test_offers_that_some_could_not_get_are_judged_on_those_who_could() -> None:
    found: Population = partly_feasible(6000, 13)
    assert all(one["passed"] for one in refute(found.sample, least_squares, ARMS, ONCE))


def test_no_repeats_and_one_outcome_are_refused() -> None:
    found = population(200, 14).sample
    with pytest.raises(LabError, match="repeats"):
        refute(found, least_squares, ARMS, RefuteParams(repeats=0))
    same = UpliftSample(found.features, found.arm, np.ones(200), found.propensity)
    with pytest.raises(LabError, match="same outcome"):
        refute(same, least_squares, ARMS)
