from dataclasses import dataclass

import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, matrix
from retention_lab.uplift.learners.t_learner import TLearner
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.understanding.drivers import drivers, why
from tests.uplift.populations import population

ARMS = ("none", "coupon", "points")
SCHEMA = FeatureSchema(
    ("age", "noise", "channel", "spend"), (None, None, ("mail", "shop", "web", "wire"), None)
)


@dataclass(frozen=True)
class Additive:
    """Effects that are sums of known functions of single features, so that their contributions are known."""

    def contributions(self, features: Features | Floats) -> Floats:
        x = np.nan_to_num(matrix(features))
        by_channel = np.array([0.0, -2.0, 3.0, 0.5])[x[:, 2].astype(int)]
        found = np.zeros((len(x), 2, 5))
        found[:, 0] = np.column_stack([-x[:, 0], 0 * x[:, 1], 0.1 * by_channel, x[:, 3] ** 2, 0 * x[:, 0]])
        found[:, 1] = np.column_stack([0 * x[:, 0], 0.01 * x[:, 1], by_channel, 0 * x[:, 3], 0 * x[:, 0] + 7])
        return found


def customers(rows: int = 4000, seed: int = 1) -> Features:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    x[:, 2] = rng.integers(0, 4, rows)
    return Features(x, SCHEMA)


def test_features_are_sorted_by_how_much_they_move_the_effect() -> None:
    coupon, points = drivers(Additive(), customers(), ARMS)
    assert [d.feature for d in coupon.drivers] == ["spend", "age", "channel", "noise"]
    assert [d.feature for d in points.drivers][:2] == ["channel", "noise"]
    assert sum(d.share for d in coupon.drivers) == pytest.approx(1.0)
    assert coupon.drivers[1].strength == pytest.approx(np.sqrt(2 / np.pi), abs=0.03)  # E|normal|, 3 s.e.
    assert (coupon.arm, coupon.base, points.base) == ("coupon", 0.0, 7.0)


def test_the_direction_of_a_number_is_its_rank_correlation_with_what_it_adds() -> None:
    trend = {d.feature: d.trend for d in drivers(Additive(), customers(), ARMS)[0].drivers}
    assert trend["age"] == pytest.approx(-1.0)
    assert trend["spend"] is not None
    assert abs(trend["spend"]) < 0.1  # a parabola falls and rises
    assert trend["noise"] is None  # its contribution never varies
    assert trend["channel"] is None  # levels have no order


def test_the_levels_that_raise_and_lower_the_effect_are_named() -> None:
    channel = drivers(Additive(), customers(), ARMS)[1].drivers[0]
    assert (channel.raising, channel.lowering) == (("web", "wire"), ("shop",))


def test_bins_show_the_shape_and_cover_everybody_once() -> None:
    spend = drivers(Additive(), customers(), ARMS)[0].drivers[0]
    shape = [b.contribution for b in spend.bins]
    assert shape[0] > shape[1] > shape[2] < shape[3] < shape[4]
    assert [b.share for b in spend.bins] == pytest.approx([0.2] * 5, abs=0.001)
    assert spend.bins[0].low is None
    assert spend.bins[-1].high is None
    assert all(a.high == b.low for a, b in zip(spend.bins, spend.bins[1:], strict=False))


def test_missing_values_and_rare_levels_have_bins_of_their_own() -> None:
    features = customers()
    features.values[:400, 3] = np.nan
    levels = tuple(f"l{i:02d}" for i in range(30))
    schema = FeatureSchema(SCHEMA.names, (None, levels, ("mail", "shop", "web", "wire"), None))
    features.values[:, 1] = np.random.default_rng(2).integers(0, 30, 4000)
    coupon = drivers(Additive(), Features(features.values, schema), ARMS)[0]
    found = {d.feature: d.bins for d in coupon.drivers}
    assert found["spend"][-1].missing
    assert found["spend"][-1].share == pytest.approx(0.1)
    assert found["noise"][-1].others
    assert len(found["noise"]) == 11
    assert sum(b.share for b in found["noise"]) == pytest.approx(1.0)


def test_a_flag_has_two_bins_and_a_constant_one() -> None:
    features = customers()
    features.values[:, 0] = features.values[:, 0] > 0
    features.values[:, 3] = 1.0
    bins = {d.feature: d.bins for d in drivers(Additive(), features, ARMS)[0].drivers}
    assert [b.contribution for b in bins["age"]] == [0.0, -1.0]
    assert [b.share for b in bins["spend"]] == [1.0]


def test_the_order_of_the_customers_does_not_matter() -> None:
    features = customers(500)
    order = np.random.default_rng(3).permutation(500)
    for one, two in zip(
        drivers(Additive(), features, ARMS), drivers(Additive(), features.rows(order), ARMS), strict=True
    ):
        assert [d.feature for d in one.drivers] == [d.feature for d in two.drivers]
        for a, b in zip(one.drivers, two.drivers, strict=True):
            assert a.strength == pytest.approx(b.strength, abs=1e-12)
            assert [x.contribution for x in a.bins] == pytest.approx([x.contribution for x in b.bins])


def test_of_many_customers_a_random_part_is_explained_the_same_each_time() -> None:
    features = customers(3000)
    one, two = (drivers(Additive(), features, ARMS, rows=800, seed=5) for _ in range(2))
    assert one == two
    whole = drivers(Additive(), features, ARMS)
    assert one[0].drivers[1].strength != whole[0].drivers[1].strength
    assert one[0].drivers[1].strength == pytest.approx(whole[0].drivers[1].strength, abs=0.08)  # 4 s.e.


def test_why_lists_the_strongest_contributions_of_one_customer_and_adds_up() -> None:
    customer = Features(np.array([[2.0, 1.0, 1.0, np.nan]]), SCHEMA)
    coupon, points = why(Additive(), customer, ARMS, count=2)
    assert [(r.feature, r.value, r.contribution) for r in coupon.reasons] == [
        ("age", 2.0, -2.0),
        ("channel", "shop", pytest.approx(-0.2)),
    ]
    for one in (coupon, points):
        assert one.base + sum(r.contribution for r in one.reasons) + one.rest == pytest.approx(one.effect)
    assert points.effect == pytest.approx(7 - 2 + 0.01)
    assert {r.feature: r.value for r in why(Additive(), customer, ARMS)[0].reasons}["spend"] is None


def test_why_is_asked_of_one_customer() -> None:
    with pytest.raises(LabError, match="2 customers"):
        why(Additive(), customers(2), ARMS)


def test_arms_that_the_model_does_not_have_are_refused() -> None:
    with pytest.raises(LabError, match="shape"):
        drivers(Additive(), customers(10), ("none", "coupon"))


def test_no_customers_are_refused() -> None:
    with pytest.raises(LabError, match="no customers"):
        drivers(Additive(), customers(0), ARMS)


@pytest.mark.parametrize("binary", [False, True])
def test_what_moves_the_effects_of_a_fitted_model_is_what_moves_the_true_ones(binary: bool) -> None:
    found = population(6000, 1, strength=2.0, binary=binary)
    outcomes = prepare(found.sample).outcomes
    model, features = TLearner(outcomes), found.sample.features
    mean = outcomes.mean(features)
    np.testing.assert_allclose(
        model.contributions(features).sum(axis=2), mean[:, 1:] - mean[:, :1], atol=1e-9
    )
    coupon, points = (one.drivers[0] for one in drivers(model, features, ARMS, rows=2000))
    assert (coupon.feature, points.feature) == ("x0", "x1")
    assert min(coupon.trend or 0, points.trend or 0) > 0.9
    assert coupon.bins[0].contribution < 0 < coupon.bins[-1].contribution


def test_levels_of_fewer_customers_than_asked_are_not_named() -> None:
    features = customers(400)
    features.values[:, 2] = 0
    features.values[:5, 2] = 1  # lowers the effect of points most, for five customers
    channel = next(
        d for d in drivers(Additive(), features, ARMS, smallest=6)[1].drivers if d.feature == "channel"
    )
    assert channel.lowering == ()
    assert [(b.level, b.others) for b in channel.bins] == [("mail", False), (None, True)]
    named = next(d for d in drivers(Additive(), features, ARMS)[1].drivers if d.feature == "channel")
    assert named.lowering == ("shop",)
