"""The retailer is neither easy nor hopeless. Its settings were fixed on other seeds than those used here."""

import lightgbm as lgb
import numpy as np
import pytest
from scipy.stats import spearmanr

from retention_lab.arrays import Floats
from retention_lab.simulate import Difficulty, Retailer, retailer
from retention_lab.simulate.difficulty import RANGES
from retention_lab.simulate.offers import ARMS
from tests.simulate.observed import CATEGORICAL, FEATURES, Rows, campaign_rows, distinct, features_at

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[0, 1])
def shop(request: pytest.FixtureRequest) -> Retailer:
    return retailer(20_000, seed=request.param)


def _gain(shop: Retailer) -> Floats:
    return shop.truth.expected_profit[:, 1:] - shop.truth.expected_profit[:, :1]


def _earned(gain: Floats, score: Floats) -> float:
    """True gain when a fifth of the customers, those of the best scores, get the offer of the best score."""
    best = score.max(1)
    chosen = np.argsort(-best, kind="stable")[: len(gain) // 5]
    chosen = chosen[best[chosen] > 0]
    return float(gain[chosen, score[chosen].argmax(1)].sum())


def test_churn_risk_says_little_about_who_is_worth_contacting(shop: Retailer) -> None:
    best = _gain(shop).max(1)
    assert abs(spearmanr(shop.truth.churn_risk, best)[0]) <= 0.2
    assert abs(spearmanr(shop.truth.churn_risk, best.clip(0))[0]) <= 0.2
    gain, riskiest = _gain(shop), np.argsort(-shop.truth.churn_risk)[:4_000]
    assert gain[riskiest].sum(0).max() < 0.1 * _earned(gain, gain)


def test_sleeping_dogs_are_ten_to_twenty_five_in_a_hundred(shop: Retailer) -> None:
    contribution = shop.truth.expected_contribution
    hurt = (contribution[:, 1:] - contribution[:, :1]).max(1) < -1e-9
    assert 0.10 <= hurt.mean() <= 0.25
    assert (hurt == shop.truth.sleeping_dog).all()


def test_there_are_customers_to_persuade_customers_who_only_cost_and_lost_causes(shop: Retailer) -> None:
    gain, none = _gain(shop), shop.truth.expected_contribution[:, 0]
    persuadable = gain.max(1) > 1
    only_cost = (gain.max(1) < 0) & (none > np.median(none)) & ~shop.truth.sleeping_dog
    lost = (np.asarray(shop.truth.phase) == "gone") & (gain.max(1) < 0)
    assert persuadable.mean() > 0.15
    assert only_cost.mean() > 0.1
    assert lost.mean() > 0.1
    assert set(gain[persuadable].argmax(1)) == set(range(len(ARMS) - 1))


def test_one_feature_alone_does_not_find_them(shop: Retailer) -> None:
    gain = _gain(shop)
    at = int(shop.as_of.timestamp()) * 1_000_000
    features = features_at(shop, distinct(shop.tables["transactions"]), at)
    shuffled = np.random.default_rng(0).permutation(len(gain))
    earned = 0.0
    for j in range(len(FEATURES)):
        value = np.nan_to_num(features[shuffled, j], nan=np.nanmedian(features[:, j]))
        levels = np.unique(value) if j in CATEGORICAL else []
        orders = [value, -value, *(-(value == level).astype(float) for level in levels)]
        for order in orders:
            chosen = shuffled[np.argsort(order, kind="stable")[:4_000]]
            earned = max(earned, gain[chosen].sum(0).max())
    assert 0 < earned <= 0.6 * _earned(gain, gain)


def test_a_default_t_learner_leaves_much_behind_and_a_careful_one_gets_most(shop: Retailer) -> None:
    gain, rows = _gain(shop), campaign_rows(shop)
    at = int(shop.as_of.timestamp()) * 1_000_000
    now = features_at(shop, distinct(shop.tables["transactions"]), at)
    oracle = _earned(gain, gain)
    default = _t_learner(rows, now, {})
    careful = _t_learner(rows, now, CAREFUL)
    seen = _visible(now, gain)
    assert _earned(gain, default) <= 0.75 * oracle
    assert _earned(gain, careful) > _earned(gain, default)
    assert _earned(gain, careful) >= 0.5 * _earned(gain, seen)
    assert _earned(gain, seen) >= 0.65 * oracle


def test_at_most_three_tenths_of_the_variance_of_a_months_contribution_can_be_known(shop: Retailer) -> None:
    rows = campaign_rows(shop)
    known = 1 - np.mean((rows.contribution - rows.expected_contribution) ** 2) / np.var(rows.contribution)
    assert 0.05 <= known <= 0.3


def test_sending_one_offer_to_everyone_earns_far_less_than_choosing(shop: Retailer) -> None:
    gain = _gain(shop)
    assert gain.sum(0).max() < 0.5 * _earned(gain, gain)


@pytest.mark.parametrize("key", ["effect_size", "noise", "sleeping_dogs", "feature_signal", "fade", "drift"])
@pytest.mark.parametrize("end", [0, 1])
def test_extreme_settings_still_make_a_retailer(key: str, end: int) -> None:
    shop = retailer(2_000, seed=0, difficulty=Difficulty(**{key: RANGES[key][end]}))
    truth = shop.truth
    assert np.isfinite(truth.expected_profit).all()
    assert (truth.expected_redemptions >= 0).all()
    assert (truth.expected_redemptions <= 1).all()
    assert shop.tables["transactions"].num_rows > 1_000


def test_harder_settings_are_harder() -> None:
    easy, hard = (
        retailer(5_000, 0, Difficulty(effect_size=1.5)),
        retailer(5_000, 0, Difficulty(effect_size=0.5)),
    )
    assert _earned(_gain(easy), _gain(easy)) > 2 * _earned(_gain(hard), _gain(hard))
    dogs = [retailer(5_000, 0, Difficulty(sleeping_dogs=s)).truth.sleeping_dog.mean() for s in (0, 0.2, 0.45)]
    assert dogs[0] == 0 < dogs[1] < dogs[2]


ROUNDS = 100
CAREFUL: dict[str, float] = {
    "num_leaves": 8,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.6,
    "lambda_l2": 20.0,
}


def _t_learner(rows: Rows, now: Floats, settings: dict[str, float]) -> Floats:
    mean = [
        _fit(rows.features[rows.arm == k], rows.profit[rows.arm == k], settings).predict(now)
        for k in range(6)
    ]
    return np.stack(mean[1:], axis=1) - mean[0][:, None]


def _visible(now: Floats, gain: Floats) -> Floats:
    """What the features say about the true gain, from the other half of the customers."""
    half = np.random.default_rng(1).permutation(len(now)) % 2
    seen = np.zeros_like(gain)
    for h in (0, 1):
        for k in range(gain.shape[1]):
            model = _fit(now[half != h], gain[half != h, k], {"min_data_in_leaf": 30})
            seen[half == h, k] = model.predict(now[half == h])
    return seen


def _fit(x: Floats, y: Floats, settings: dict[str, float]) -> lgb.Booster:
    data = lgb.Dataset(x, y, categorical_feature=list(CATEGORICAL), params={"verbose": -1})
    fixed = {"objective": "regression", "verbose": -1, "num_threads": 1, "seed": 0}
    return lgb.train({**fixed, **settings}, data, num_boost_round=ROUNDS)
