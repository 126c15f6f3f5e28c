"""The same customers, written down differently, get the same effects to 1e-9, from every learner."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift import UpliftRegressor, UpliftSample, fit
from retention_lab.uplift.learners import LEARNERS
from retention_lab.uplift.scores import doubly_robust_scores
from tests.uplift.populations import population

ROWS = 1000
EVERY = ("stack", *LEARNERS)
QUICK = ("stack", "dr")  # the first has most of the others as its parts
OF_SHARES, OF_MONEY = ("causalml.uplift_forest",), ("two_part",)  # what their outcomes have to be
# how a table is written is settled before any learner sees it: one shows it quickly, the others in time
EACH_LEARNER_IN_TIME = pytest.mark.parametrize(
    "learner", [pytest.param(name, marks=() if name == "stack" else pytest.mark.slow) for name in EVERY]
)
EACH_LEARNER = pytest.mark.parametrize(
    "learner", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in EVERY]
)
EACH_LEARNER_AND_OUTCOME = pytest.mark.parametrize(
    ("learner", "outcome"),
    [
        pytest.param(name, outcome, marks=() if name in QUICK else pytest.mark.slow)
        for name in EVERY
        for outcome in ("share", "money", "number")
        if not (name in OF_SHARES and outcome != "share") and not (name in OF_MONEY and outcome == "number")
    ],
)


class Campaign:
    """A table with gaps of every kind, three arms, and an outcome that all of its columns move."""

    def __init__(self, learner: str = "stack", seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        region = rng.choice(["north", "south", "west", None], ROWS, p=[0.4, 0.3, 0.2, 0.1])
        member = rng.random(ROWS) < 0.4
        spend = np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(size=ROWS))
        self.frame = pd.DataFrame({"region": region, "member": member, "spend": spend})
        self.arm = rng.choice(3, ROWS, p=[0.5, 0.3, 0.2])
        pull = np.column_stack([np.zeros(ROWS), region == "south", member + np.nan_to_num(spend)])
        outcome = pull[np.arange(ROWS), self.arm] + 0.5 * np.nan_to_num(spend) + rng.normal(size=ROWS)
        # money comes in cents; equal outcomes also leave the order of rows to be decided by the others
        self.outcome = as_outcome(outcome, kind_of(learner)).round(2)


def kind_of(learner: str) -> str:
    return "share" if learner in OF_SHARES else "money" if learner in OF_MONEY else "number"


def as_outcome(number: np.ndarray, kind: str) -> np.ndarray:
    """As it is; whether it is high; or what it is above that, as money that most customers do not spend."""
    high = np.maximum(number - 0.6, 0.0)
    return {"number": number, "share": (high > 0).astype(float), "money": high}[kind]


def sample_of(kind: str) -> UpliftSample:
    found = population(ROWS).sample
    return found.with_outcome(as_outcome(found.outcome, kind))


def regressor(learner: str, assignment: str = "randomised") -> UpliftRegressor:
    return UpliftRegressor(
        learner, seed=3, folds=2, assignment=assignment
    )  # two folds: quicker, and as good here


def effects(learner: str, one: Campaign, frame: object = None) -> np.ndarray:
    """(n, K) effects of the campaign's customers, in their order, from the table as it is written there."""
    if frame is None:
        return as_it_is(learner)
    return regressor(learner).fit(frame, one.outcome, treatment=one.arm).predict(frame)


@cache
def as_it_is(learner: str) -> np.ndarray:
    """(n, K) effects from the table as `Campaign` writes it, which many tests compare with."""
    one = Campaign(learner)
    return regressor(learner).fit(one.frame, one.outcome, treatment=one.arm).predict(one.frame)


def assert_same(found: np.ndarray, wanted: np.ndarray) -> None:
    assert np.isfinite(wanted).all()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)


@EACH_LEARNER_IN_TIME
def test_every_column_of_the_campaign_matters(learner: str) -> None:
    one = Campaign(learner)
    wanted = effects(learner, one)
    for name in one.frame.columns:  # or the tests below could not fail
        assert np.abs(effects(learner, one, one.frame.drop(columns=name)) - wanted).max() > 1e-6


@EACH_LEARNER_IN_TIME
def test_a_gap_is_a_gap_however_it_is_written(learner: str) -> None:
    one = Campaign(learner)
    gaps = one.frame["region"].isna()
    wanted = effects(learner, one)
    for missing in (None, np.nan, pd.NA):
        region = one.frame["region"].astype(object)
        region[gaps] = missing
        assert_same(effects(learner, one, one.frame.assign(region=region)), wanted)
    nullable = one.frame.assign(spend=one.frame["spend"].astype("Float64"))
    assert nullable["spend"].isna().any()
    assert_same(effects(learner, one, nullable), wanted)
    assert_same(effects(learner, one, pa.Table.from_pandas(one.frame)), wanted)


@EACH_LEARNER_IN_TIME
def test_categories_are_read_as_their_text(learner: str) -> None:
    one = Campaign(learner)
    wanted = effects(learner, one)
    for levels in (["north", "south", "west"], ["west", "north", "never seen", "south"]):
        for ordered in (False, True):
            as_category = one.frame.assign(
                region=pd.Categorical(one.frame["region"], levels, ordered=ordered)
            )
            assert_same(effects(learner, one, as_category), wanted)


@EACH_LEARNER_IN_TIME
def test_arrows_categories_are_read_as_their_text_whatever_their_chunks_call_them(learner: str) -> None:
    one = Campaign(learner)
    table, gaps = pa.Table.from_pandas(one.frame), one.frame["region"].isna().to_numpy()
    chunks = []
    for part, levels in (
        (slice(0, 400), ["south", "west", "north"]),
        (slice(400, None), ["west", "north", "south"]),
    ):
        codes = one.frame["region"][part].map({name: i for i, name in enumerate(levels)}).fillna(0)
        indices = pa.array(codes.astype("uint32"), mask=gaps[part])
        # text as Polars hands it over
        chunks.append(pa.DictionaryArray.from_arrays(indices, pa.array(levels, pa.string_view())))
    as_category = table.set_column(0, "region", pa.chunked_array(chunks))
    assert as_category["region"].null_count > 0
    assert_same(effects(learner, one, as_category), effects(learner, one))


@EACH_LEARNER_IN_TIME
def test_categories_that_are_numbers_are_read_as_their_text(learner: str) -> None:
    one = Campaign(learner)
    codes = one.frame["region"].map({"north": 10, "south": 2, "west": 30})
    as_text = one.frame.assign(region=codes.map(lambda x: None if pd.isna(x) else str(int(x))))
    wanted = effects(learner, one, as_text)
    assert_same(effects(learner, one, one.frame.assign(region=codes.astype("category"))), wanted)
    whole = codes.astype("Int64").astype("category")
    assert_same(effects(learner, one, one.frame.assign(region=whole)), wanted)


@EACH_LEARNER_IN_TIME
def test_true_and_false_are_one_and_zero(learner: str) -> None:
    one = Campaign(learner)
    wanted = effects(learner, one)
    for kind in ("int8", "float64", "boolean", "object", "Int64"):
        assert_same(effects(learner, one, one.frame.assign(member=one.frame["member"].astype(kind))), wanted)


@EACH_LEARNER_IN_TIME
def test_true_and_false_with_gaps_are_one_zero_and_a_gap(learner: str) -> None:
    one = Campaign(learner)
    member = one.frame["member"].astype(object)
    member[::7] = None
    wanted = effects(learner, one, one.frame.assign(member=member))
    as_number = one.frame.assign(member=member.astype("float64"))
    assert as_number["member"].isna().any()
    assert_same(effects(learner, one, as_number), wanted)
    assert_same(effects(learner, one, one.frame.assign(member=member.astype("boolean"))), wanted)


@EACH_LEARNER_IN_TIME
def test_a_treatment_of_true_and_false_is_one_and_zero(learner: str) -> None:
    one = Campaign(learner)
    got_one = regressor(learner).fit(one.frame, one.outcome, treatment=one.arm > 0)
    as_number = regressor(learner).fit(one.frame, one.outcome, treatment=(one.arm > 0).astype(float))
    assert_same(got_one.predict(one.frame), as_number.predict(one.frame))


@EACH_LEARNER_IN_TIME
def test_a_matrix_is_a_table_of_numbers(learner: str) -> None:
    sample = sample_of(kind_of(learner))
    values = sample.features.values.copy()
    values[::9, 1] = np.nan
    matrix = regressor(learner).fit(values, sample.outcome, treatment=sample.arm)
    frame = pd.DataFrame(values, columns=list("abcd"))
    table = regressor(learner).fit(frame, sample.outcome, treatment=sample.arm)
    assert_same(table.predict(frame), matrix.predict(values))


@EACH_LEARNER
@pytest.mark.parametrize("assignment", ["randomised", "observational"])
def test_the_order_of_the_rows_is_irrelevant(learner: str, assignment: str) -> None:
    one = Campaign(learner)
    order = np.random.default_rng(5).permutation(ROWS)
    fitted = regressor(learner, assignment).fit(one.frame, one.outcome, treatment=one.arm)
    again = regressor(learner, assignment).fit(
        one.frame.iloc[order], one.outcome[order], treatment=one.arm[order]
    )
    assert_same(again.predict(one.frame), fitted.predict(one.frame))


@EACH_LEARNER
def test_the_order_of_the_rows_is_irrelevant_where_customers_come_back(learner: str) -> None:
    one = Campaign(learner)
    customer = np.random.default_rng(6).integers(0, ROWS // 2, ROWS)
    order = np.random.default_rng(5).permutation(ROWS)
    fitted = regressor(learner).fit(one.frame, one.outcome, treatment=one.arm, groups=customer)
    again = regressor(learner).fit(
        one.frame.iloc[order], one.outcome[order], treatment=one.arm[order], groups=customer[order]
    )
    assert_same(again.predict(one.frame), fitted.predict(one.frame))


@EACH_LEARNER_AND_OUTCOME
def test_reordered_rows_of_a_sample_with_known_chances_give_the_same_model(
    learner: str, outcome: str
) -> None:
    sample = sample_of(outcome)
    order = np.random.default_rng(5).permutation(ROWS)
    wanted = fit(learner, sample).effect(sample.features)
    assert_same(fit(learner, sample.rows(order)).effect(sample.features), wanted)


@EACH_LEARNER
@pytest.mark.parametrize("assignment", ["randomised", "observational"])
def test_renumbered_offers_swap_their_effects(learner: str, assignment: str) -> None:
    one = Campaign(learner)
    fitted = regressor(learner, assignment).fit(one.frame, one.outcome, treatment=one.arm)
    renumbered = np.array([0, 2, 1])[one.arm]
    again = regressor(learner, assignment).fit(one.frame, one.outcome, treatment=renumbered)
    assert_same(again.predict(one.frame)[:, ::-1], fitted.predict(one.frame))


@EACH_LEARNER_AND_OUTCOME
def test_renumbered_offers_of_a_sample_with_known_chances_swap_their_effects(
    learner: str, outcome: str
) -> None:
    sample = sample_of(outcome)
    assert sample.propensity is not None
    to = np.array([0, 2, 1])
    renumbered = UpliftSample(sample.features, to[sample.arm], sample.outcome, sample.propensity[:, to])
    wanted = fit(learner, sample).effect(sample.features)
    assert_same(fit(learner, renumbered).effect(sample.features)[:, ::-1], wanted)


def test_scores_follow_their_rows_and_arms() -> None:
    sample = population(ROWS).sample
    assert sample.propensity is not None
    wanted = doubly_robust_scores(sample)
    order = np.random.default_rng(5).permutation(ROWS)
    assert_same(doubly_robust_scores(sample.rows(order)), wanted[order])
    to = np.array([0, 2, 1])
    renumbered = UpliftSample(sample.features, to[sample.arm], sample.outcome, sample.propensity[:, to])
    assert_same(doubly_robust_scores(renumbered)[:, to], wanted)


def test_what_would_be_guesswork_is_refused() -> None:
    one = Campaign()
    mixed = one.frame.assign(member=["yes", *one.frame["member"].tolist()[1:]])
    endless = one.frame.assign(spend=one.frame["spend"].fillna(np.inf))
    twice = pd.concat([one.frame, one.frame[["spend"]]], axis=1)
    for frame, words in (
        (mixed, "'member' holds values of several kinds"),
        (endless, "infinity"),
        (twice, "same"),
    ):
        with pytest.raises(LabError, match=words) as error:
            effects("constant", one, frame)
        assert "yes" not in str(error.value)
    with pytest.raises(LabError, match="whole number"):
        UpliftRegressor().fit(one.frame, one.outcome, treatment=np.array(["a", "b", "c"])[one.arm])
