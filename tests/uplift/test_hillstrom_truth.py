"""A real experiment, and copies of it whose truth is known: what is there is found, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.hillstrom import BEST_MAIL, FILE, HELD_OUT, hillstrom_rows, leaderboard, split, train
from retention_lab.arrays import Bools
from retention_lab.uplift.learners.averaged import Averaged
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.understanding.drivers import drivers
from retention_lab.uplift.understanding.rule import fit_rule, rule_value
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import BETTER, NONE_BETTER, Fitted, SplitRule, split_rows
from tests.shared_data import shared_file

pytestmark = pytest.mark.slow
WOMENS = "Womens E-Mail"
LEARNERS = ("stack", "constant", "boosted_r")
SEED = 7
PLANTED = 0.25  # chance that the women's mail brings a visit, where the rule holds and there was none


def test_a_planted_rule_is_found_in_the_verdict_the_drivers_and_the_rule_in_words() -> None:
    rows = planted(real("visit"))
    fitted = train(rows, SEED, LEARNERS)
    assert fitted.targeting == BETTER
    assert fitted.gate.everyone  # better than each mail for everybody, and than none
    training, held_out = parts(rows)
    features = held_out.features(rows.schema())
    womens = next(
        one for one in drivers(boosted(fitted), features, rows.arms, rows=5_000) if one.arm == WOMENS
    )
    assert {driver.feature for driver in womens.drivers[:2]} == {"newbie", "channel"}
    task = prepare(training.sample(rows.schema()))
    rule = fit_rule(task.sample.features, task.gamma, rows.arms)
    assert rule.lines[0] == f"if newbie > 0 and channel is Web: {WOMENS}"
    np.testing.assert_array_equal(rule.step(features) == 0, where(held_out))
    assert all(gain.low > 0 for gain in rule_value(rule, features, fitted.gamma).over.values())


def test_the_planted_effect_is_seen_at_its_size_where_it_is_and_nowhere_else() -> None:
    plain = real("visit")
    held_out = parts(plain)[1]
    womens, rule = plain.arms.index(WOMENS), where(held_out)
    features = held_out.features(plain.schema())
    found = [
        boosted(train(rows, SEED, ("constant", "boosted_r"))).effect(features)[:, womens - 1]
        for rows in (planted(plain), plain)
    ]
    added = found[0] - found[1]
    visits = held_out.outcomes["visit"][rule & (held_out.arm == womens)].mean()
    # a visit is brought to those who had none. Of 3,200 mails, a quarter and those visits each have a
    # standard error of .008; .04 leaves a tenth of the effect to what few steps of boosting shrink
    assert added[rule].mean() == pytest.approx(PLANTED * (1 - visits), abs=0.04)
    assert abs(added[~rule].mean()) < 0.01


@pytest.mark.parametrize("outcome", ["visit", "spend"])
def test_shuffled_arms_end_in_none_better_and_in_no_mail_that_pays(outcome: str) -> None:
    rows = real(outcome)
    fitted = train(replace(rows, arm=np.random.default_rng(1).permutation(rows.arm)), SEED, LEARNERS)
    assert fitted.targeting == NONE_BETTER
    assert not fitted.gate.everyone
    assert not fitted.gate.budget
    assert fitted.constant_check is not None
    assert fitted.constant_check["passed"] is False  # nor may one mail for everybody be promoted


def test_the_real_arms_side_by_side_over_two_splits() -> None:
    splits = [split(real("visit"), seed, ("constant", "t", "boosted_r")) for seed in (0, 1)]
    for one in splits:
        assert one.metrics["constant"][f"policy_gain.{BEST_MAIL}"].value == 0.0
        assert one.metrics["t"][f"qini.{WOMENS}"].low > 0  # whom the women's mail moves can be told
    rows = leaderboard("visit", splits)
    assert sorted(row[0] for row in rows[:-1]) == ["visit: boosted_r", "visit: constant", "visit: t"]
    assert sum(int(row[-1]) for row in rows[:-1]) == 2
    better = sum(one.better for one in splits)
    assert rows[-1][0] == f"visit: verdict `better` in {better}, `none_better` in {2 - better}"


def real(outcome: str) -> UpliftRows:
    return hillstrom_rows(shared_file(FILE.as_posix()), outcome)


def where(rows: UpliftRows) -> Bools:
    """Customers new in the last year who buy on the web: a fifth of all."""
    web = np.array(rows.table["channel"].to_pylist()) == "Web"
    return np.asarray(web & (rows.table["newbie"].to_numpy() == 1))


def planted(rows: UpliftRows) -> UpliftRows:
    """The women's mail brings a visit by a quarter of those for whom the rule holds; else nothing changes."""
    hit = np.random.default_rng(3).random(len(rows)) < PLANTED
    brought = hit & where(rows) & (rows.arm == rows.arms.index(WOMENS))
    return replace(rows, outcomes={**rows.outcomes, "visit": np.maximum(rows.outcomes["visit"], brought)})


def parts(rows: UpliftRows) -> tuple[UpliftRows, UpliftRows]:
    """What `train` learns from, and what it holds out."""
    found = split_rows(rows, SplitRule(HELD_OUT, None, SEED))
    return rows.rows(found.training), rows.rows(found.validation)


def boosted(fitted: Fitted) -> Averaged:
    model = next(one.candidate.model for one in fitted.candidates if one.candidate.name == "boosted_r")
    assert isinstance(model, Averaged)
    return model
