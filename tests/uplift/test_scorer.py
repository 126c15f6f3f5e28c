import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.features import encode, infer_schema
from retention_lab.uplift.learners import LEARNERS
from retention_lab.uplift.learners.constant import ConstantEffect
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.outcomes import fit_probabilities
from retention_lab.uplift.sample import UpliftSample, observed_propensity
from retention_lab.uplift.scorer import UpliftScorer, from_files
from retention_lab.uplift.selection import fit_candidate
from retention_lab.uplift.spread import fit_spread
from retention_lab.uplift.worth import Worth

ARMS = ("none", "coupon", "优惠 10%")


def table(rows: int = 1500) -> pa.Table:
    rng = np.random.default_rng(1)
    recency = pa.array(rng.integers(1, 90, rows), mask=rng.random(rows) < 0.1)
    return pa.table({"recency": recency, "region": rng.choice(["north", "south", "上海"], rows)})


def scorer(name: str = "t", worth: Worth | None = None, *, unknown: bool = False) -> UpliftScorer:
    found = table()
    schema = infer_schema(found, ["recency", "region"])
    features = encode(found, schema)
    rng = np.random.default_rng(2)
    arm = rng.integers(0, 3, len(features))
    outcome = np.nan_to_num(features.values[:, 0]) / 50 * (arm == 1) + features.values[:, 1] * (arm == 2)
    outcome = outcome + rng.normal(size=len(arm))
    sample = UpliftSample(features, arm, outcome, None if unknown else observed_propensity(arm, 3))
    task = prepare(sample)
    return UpliftScorer(
        learner=name,
        model=fit_candidate(name, task).model,
        schema=schema,
        arms=ARMS,
        outcome="contribution",
        kind="money",
        outcomes=task.outcomes,
        worth=worth or Worth(),
        redemption=fit_probabilities(features, arm, (outcome > 1) & (arm > 0), 3),
        activity=fit_probabilities(features, arm, outcome > 0, 3),
        details={"rows": len(arm)},
        propensities=task.propensities,
    )


# the uplift forest reads outcomes of 0 and 1 only, and two parts need amounts above 0 beside zeros
@pytest.mark.parametrize("name", ["stack", *sorted(LEARNERS.keys() - {"causalml.uplift_forest", "two_part"})])
def test_a_scorer_survives_its_files_bit_for_bit(name: str) -> None:
    one = scorer(name, Worth(0.3, (0.0, 0.1, 0.2)), unknown=True)
    again = from_files(one.to_files())
    features = one.features(table())
    assert again.predict(table()).equals(one.predict(table()))
    assert again.to_files() == one.to_files()
    for part in ("mean", "effect", "redemption_probability", "activity_probability"):
        np.testing.assert_array_equal(getattr(again, part)(features), getattr(one, part)(features))
    assert again.propensities is not None
    assert (again.worth, again.details, again.kind) == (one.worth, one.details, one.kind)


def test_files_are_text_that_anybody_can_read() -> None:
    files = scorer().to_files()
    assert json.loads(files["scorer.json"])["arms"] == list(ARMS)
    for data in files.values():
        data.decode()


def test_one_row_comes_out_per_row_in_order_with_an_effect_per_offer() -> None:
    one = scorer()
    found = one.predict(table())
    assert found.schema.equals(one.output_schema())
    assert found.column_names == ["id", "effect.coupon", "effect.优惠 10%", "best_arm"]
    backwards = table().take(np.arange(1500)[::-1])
    again, turned = one.predict(backwards), found.take(np.arange(1500)[::-1])
    assert again.drop_columns("id").equals(turned.drop_columns("id"))
    assert again["id"].to_pylist() == [str(i) for i in range(1500)]  # the row's number: no column names it


def test_a_row_alone_scores_as_it_does_among_others() -> None:
    one = scorer()
    named = replace(one, id_column="customer")
    rows = table().append_column("customer", pa.array(range(100, 1600)))
    alone = named.predict(rows.slice(7, 1))
    assert alone.equals(named.predict(rows).slice(7, 1).combine_chunks())
    assert alone["id"].to_pylist() == ["107"]


def test_the_best_arm_is_net_of_costs_and_effects_are_before_them() -> None:
    free, dear = scorer(), scorer(worth=Worth(2.0, (0.0, 1e6, 1e6)))
    assert set(dear.predict(table())["best_arm"].to_pylist()) == {"none"}
    assert len(set(free.predict(table())["best_arm"].to_pylist())) > 1
    doubled = dear.predict(table())["effect.coupon"].to_numpy()
    np.testing.assert_allclose(doubled, 2 * free.predict(table())["effect.coupon"].to_numpy())


def test_one_offer_may_be_asked_for_alone() -> None:
    assert scorer().predict(table(), {"arm": ""}).equals(scorer().predict(table()))  # as MLflow asks
    found = scorer().predict(table(), {"arm": "coupon"})
    assert found.column_names == ["id", "effect.coupon", "best_arm"]
    assert set(found["best_arm"].to_pylist()) <= {"none", "coupon"}


def test_the_spread_of_the_effects_is_told_when_asked_for() -> None:
    one = spread_scorer(Worth(2.0, (0.0, 0.1, 0.2)))
    for each in (one, from_files(one.to_files())):
        found = each.predict(table(), {"interval": True})
        assert found.column_names == [
            "id", "effect.coupon", "effect.优惠 10%", "spread.coupon", "spread.优惠 10%", "best_arm",
        ]  # fmt: skip
        np.testing.assert_allclose(
            found["spread.coupon"].to_numpy(), 2.0 * one.spread(one.features(table()))[:, 0]
        )
        assert found.drop_columns(["spread.coupon", "spread.优惠 10%"]).equals(each.predict(table()))
        assert each.predict(table(), {"interval": False}).equals(each.predict(table()))
    alone = one.predict(table(), {"interval": True, "arm": "coupon"})
    assert alone.column_names == ["id", "effect.coupon", "spread.coupon", "best_arm"]


def spread_scorer(worth: Worth) -> UpliftScorer:
    one = scorer("x", worth)
    sample = UpliftSample(one.features(table()), np.arange(1500) % 3, np.arange(1500) / 1500.0)
    task = prepare(sample.with_propensity(observed_propensity(sample.arm, 3)), folds=2)
    candidate = fit_candidate("x", task)
    return replace(one, model=candidate.model, refits=fit_spread(candidate, task, refits=2))


def test_a_version_without_refits_says_how_to_get_them() -> None:
    with pytest.raises(LabError, match="spread: 8"):
        scorer().predict(table(), {"interval": True})
    with pytest.raises(LabError, match="neither true nor false"):
        scorer().predict(table(), {"interval": "yes"})


def test_a_constant_policy_gives_its_one_offer_to_everybody() -> None:
    one = scorer()
    constant = UpliftScorer(
        learner="constant",
        model=ConstantEffect((0.1, 0.2)),
        schema=one.schema,
        arms=ARMS,
        outcome="contribution",
        kind="money",
        outcomes=one.outcomes,
        constant_arm="coupon",
    )
    for each in (constant, from_files(constant.to_files())):
        assert set(each.predict(table())["best_arm"].to_pylist()) == {"coupon"}
        np.testing.assert_array_equal(each.policy(each.features(table())), 1)
    assert set(constant.predict(table(), {"arm": "优惠 10%"})["best_arm"].to_pylist()) == {"none"}


def test_probabilities_stay_between_0_and_1_and_are_absent_where_not_learnt() -> None:
    one = scorer()
    redemption = one.redemption_probability(one.features(table()))
    assert redemption is not None
    assert redemption.shape == (1500, 2)
    assert 0 <= redemption.min() <= redemption.max() <= 1
    bare = from_files(
        {k: v for k, v in one.to_files().items() if not k.startswith(("redemption", "activity"))}
    )
    assert bare.redemption_probability(bare.features(table())) is None
    assert bare.activity_probability(bare.features(table())) is None


@pytest.mark.parametrize("params", [{"arm": "kupon"}, {"arn": "coupon"}])
def test_an_unknown_parameter_or_offer_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(LabError, match="Known:"):
        scorer().predict(table(), params)


def test_a_missing_column_is_refused_by_name() -> None:
    with pytest.raises(LabError, match="'region' first"):
        scorer().predict(table().drop_columns(["region"]))
