from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.simulate import AS_OF, Difficulty, Retailer, retailer
from tests.simulate.observed import distinct, index_of, moments

TIMES = {
    "customers": ["signup_at"],
    "transactions": ["ordered_at"],
    "events": ["at"],
    "feedback": ["at"],
    "subscriptions": ["started_at", "ended_at"],
    "assignments": ["assigned_at"],
    "redemptions": ["redeemed_at"],
    "suppressions": ["since"],
}


@pytest.fixture(scope="module")
def small() -> Retailer:
    return retailer(3_000, seed=0)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    first, again, other = retailer(300, seed=3), retailer(300, seed=3), retailer(300, seed=4)
    assert all(first.tables[name].equals(again.tables[name]) for name in first.tables)
    np.testing.assert_array_equal(first.truth.expected_profit, again.truth.expected_profit)
    assert not first.tables["transactions"].equals(other.tables["transactions"])


def test_every_row_lies_before_the_retailers_instant(small: Retailer) -> None:
    for table, columns in TIMES.items():
        for column in columns:
            found = small.tables[table][column]
            assert found.type == pa.timestamp("us")
            assert pc.max(found).as_py() < AS_OF.replace(tzinfo=None), (table, column)


def test_no_order_comes_before_its_customers_sign_up(small: Retailer) -> None:
    lines = small.tables["transactions"].filter(pc.field("customer_id").is_valid())
    signup = moments(small.tables["customers"]["signup_at"])
    assert (moments(lines["ordered_at"]) >= signup[index_of(small, lines["customer_id"])]).all()


def test_nobody_is_assigned_again_while_a_campaign_is_open(small: Retailer) -> None:
    assigned = small.tables["assignments"]
    key = np.lexsort([moments(assigned["assigned_at"]), index_of(small, assigned["customer_id"])])
    customer, at = index_of(small, assigned["customer_id"])[key], moments(assigned["assigned_at"])[key]
    same = customer[1:] == customer[:-1]
    assert same.any()
    assert (np.diff(at)[same] >= 30 * 86_400_000_000).all()
    assert (at + 30 * 86_400_000_000 <= moments(pa.chunked_array([pa.array([AS_OF])]))[0]).all()


def test_propensities_sum_to_one_and_agree_with_the_assignments(small: Retailer) -> None:
    table = small.tables["propensities"]
    total = table.group_by(["experiment", "customer_id"]).aggregate([("propensity", "sum")])
    np.testing.assert_allclose(total["propensity_sum"].to_numpy(), 1.0, atol=1e-12)
    keys = ["experiment", "customer_id", "arm"]
    joined = small.tables["assignments"].join(table, keys, right_suffix="_logged", join_type="left outer")
    randomised = joined.filter(pc.field("propensity").is_valid())
    assert randomised["propensity"].equals(randomised["propensity_logged"])
    others = joined.filter(pc.field("propensity").is_null())
    assert all(name.startswith("observational-") for name in others["experiment"].unique().to_pylist())
    assert others["propensity_logged"].null_count == others.num_rows > 0


def test_a_holdout_gets_nothing_and_arms_appear_as_often_as_their_logged_probability(small: Retailer) -> None:
    assigned = small.tables["assignments"]
    assert set(assigned.filter(pc.field("role") == "holdout")["arm"].to_pylist()) == {"none"}
    for arm in ("none", "coupon_10", "message"):
        logged = small.tables["propensities"].filter(pc.field("arm") == arm)["propensity"].to_numpy()
        randomised = assigned.filter(pc.field("propensity").is_valid())
        drawn = pc.sum(pc.equal(randomised["arm"], arm)).as_py()
        spread = np.sqrt((logged * (1 - logged)).sum())
        assert abs(drawn - logged.sum()) < 4 * spread  # independent draws: 4 standard errors


def test_redemptions_belong_to_the_arm_assigned_and_happen_once(small: Retailer) -> None:
    redeemed, assigned = small.tables["redemptions"], small.tables["assignments"]
    assert redeemed.group_by(["experiment", "customer_id"]).aggregate([]).num_rows == redeemed.num_rows > 50
    joined = redeemed.join(assigned, ["experiment", "customer_id"])
    assert pc.all(pc.equal(joined["offer_id"], joined["arm"])).as_py()
    assert pc.all(pc.greater_equal(joined["redeemed_at"], joined["assigned_at"])).as_py()
    noted = small.tables["transactions"].filter(pc.field("offer_id").is_valid() & (pc.field("amount") > 0))
    assert len(noted["order_id"].unique()) == redeemed.num_rows


def test_a_return_gives_back_a_line_of_its_order(small: Retailer) -> None:
    lines = distinct(small.tables["transactions"].drop_columns(["product_id", "channel"]))
    back = lines.filter(pc.field("amount") < 0)
    assert back.num_rows > 100
    assert pc.all(pc.less(back["quantity"], 0)).as_py()
    earliest = lines.filter(pc.field("amount") > 0).group_by("order_id").aggregate([("ordered_at", "min")])
    joined = back.join(earliest, "order_id")
    known = joined.filter(pc.field("ordered_at_min").is_valid())
    assert pc.all(pc.greater(known["ordered_at"], known["ordered_at_min"])).as_py()


def test_money_adds_up_on_every_line(small: Retailer) -> None:
    lines = small.tables["transactions"].filter(pc.field("product_id").is_valid())
    products = small.tables["products"].select(["product_id", "price"])
    joined = lines.join(products, "product_id")
    listed = joined["price"].to_numpy() * joined["quantity"].to_numpy()
    np.testing.assert_allclose(joined["amount"].to_numpy() + joined["discount"].to_numpy(), listed, atol=1e-6)


def test_the_confusions_of_a_real_retailer_are_there_and_can_be_switched_off(small: Retailer) -> None:
    lines = small.tables["transactions"]
    assert 0.001 < 1 - distinct(lines).num_rows / lines.num_rows < 0.006
    assert (np.diff(moments(lines["ordered_at"])) < 0).mean() > 0.002
    assert lines["customer_id"].null_count > 0
    assert small.tables["customers"]["birth_year"].null_count > 0
    bought = pc.count_distinct(lines["customer_id"]).as_py()
    assert bought < small.tables["customers"].num_rows
    clean = retailer(500, seed=0, difficulty=Difficulty(confusion=0)).tables
    assert clean["transactions"]["customer_id"].null_count == 0
    assert distinct(clean["transactions"]).num_rows == clean["transactions"].num_rows
    assert clean["customers"]["birth_year"].null_count == 0


def test_browsing_thins_out_while_customers_fade(small: Retailer) -> None:
    events = small.tables["events"].filter(pc.field("session_id").is_valid())  # no marks
    recent = moments(events["at"]) >= moments(pa.chunked_array([pa.array([AS_OF])]))[0] - 30 * 86_400_000_000
    visits = np.bincount(index_of(small, events["customer_id"])[recent], minlength=3_000)
    phase = np.asarray(small.truth.phase.to_pylist())
    assert visits[phase == "active"].mean() > 1.5 * visits[phase == "fading"].mean()
    assert visits[phase == "fading"].mean() > visits[phase == "gone"].mean()


def test_texts_are_in_two_languages_and_their_tone_follows_satisfaction(small: Retailer) -> None:
    feedback = small.tables["feedback"]
    chinese = pc.match_substring_regex(feedback["text"], r"\p{Han}").to_numpy()
    assert 0.15 < chinese.mean() < 0.45
    mood = small.truth.satisfaction[index_of(small, feedback["customer_id"])]
    label = np.asarray(feedback["label"].to_pylist(), dtype=object)
    assert mood[label == "positive"].mean() > mood[label == "negative"].mean() + 0.2


def test_planted_pairs_are_bought_together_far_more_often_than_by_chance(small: Retailer) -> None:
    lines = small.tables["transactions"].filter((pc.field("amount") > 0) & pc.field("product_id").is_valid())
    first = lines.select(["order_id", "product_id"]).join(
        small.truth.complements, "product_id", join_type="inner"
    )
    renamed = lines.select(["order_id", "product_id"]).rename_columns(["order_id", "complement_id"])
    together = first.join(renamed, ["order_id", "complement_id"], join_type="inner").num_rows
    assert 0.25 < together / first.num_rows < 0.45  # planted: .35


def test_the_observational_campaign_contacted_those_who_had_not_bought_for_long(small: Retailer) -> None:
    assigned = small.tables["assignments"].filter(pc.field("propensity").is_null())
    at = int(moments(assigned["assigned_at"])[0])
    lines = small.tables["transactions"].filter(pc.field("customer_id").is_valid())
    before = moments(lines["ordered_at"]) < at
    last = np.zeros(3_000)
    np.maximum.at(last, index_of(small, lines["customer_id"])[before], moments(lines["ordered_at"])[before])
    customer, contacted = (
        index_of(small, assigned["customer_id"]),
        pc.not_equal(assigned["arm"], "none").to_numpy(),
    )
    assert np.median(last[customer[contacted]]) < np.median(last[customer[~contacted]]) - 30 * 86_400_000_000


def test_nonsense_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        retailer(10)
    with pytest.raises(ConfigurationError):
        retailer(1_000, seed=-1)
    with pytest.raises(ConfigurationError):
        retailer(1_000, as_of=datetime(2026, 3, 1))


def test_a_year_earlier_is_the_same_retailer_in_another_season() -> None:
    earlier = retailer(300, seed=3, as_of=datetime(2025, 9, 1, tzinfo=UTC))
    assert pc.max(earlier.tables["transactions"]["ordered_at"]).as_py() < datetime(2025, 9, 1)
