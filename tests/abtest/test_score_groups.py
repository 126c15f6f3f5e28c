import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.summarise import summarise
from retention_lab.data.unit_summary import summarise_table
from retention_lab.data.unit_table import open_unit_rows
from tests.abtest.units import MEAN, arms, spec


def scored(rows: int = 4_000, seed: int = 1) -> pa.Table:
    """An offer that works in proportion to a score, which one unit in ten lacks."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(-1, 1, rows)
    arm = np.arange(rows) >= rows // 2
    spend = rng.normal(5, 1, rows) + arm * 2 * score
    score[::10] = np.nan
    return arms(spend[: rows // 2], spend[rows // 2 :], score=score)


ASKED = spec(MEAN, analysis={"score": "score", "score_groups": 5})


def test_effects_grow_with_a_score_that_knows_them() -> None:
    found = analyze(summarise(scored(), ASKED), ASKED)
    by_level = {one.level: one for one in found.segments}
    assert list(by_level) == ["(missing)", "01", "02", "03", "04", "05"]
    effects = [one.lift.value for one in found.segments[1:] if one.lift is not None]
    assert effects == sorted(effects)
    np.testing.assert_allclose(effects, [-1.6, -0.8, 0, 0.8, 1.6], atol=0.25)
    (interaction,) = found.interactions
    assert interaction.p_value is not None
    assert interaction.p_value < 1e-6


def test_the_bands_of_all_groups_hold_at_once() -> None:
    """200 tests whose groups have known effects: fewer than 180 would be chance once in 1,000 at 95 %."""
    held = 0
    for seed in range(200):
        found = analyze(summarise(scored(1_000, seed), ASKED), ASKED).segments[1:]
        truth = (-1.6, -0.8, 0.0, 0.8, 1.6)
        held += all(
            one.lift is not None and one.lift.low - 0.12 <= effect <= one.lift.high + 0.12
            for one, effect in zip(found, truth, strict=True)
        )  # a sample's groups end within .06 of the population's, and effects with them within .12
    assert held >= 180


def test_a_query_groups_as_arrays_do() -> None:
    table = scored()
    mine = summarise(table, ASKED)
    with open_unit_rows(table, threads=1) as units:
        other = summarise_table(units, ASKED)
    assert other.edges == pytest.approx(mine.edges, rel=1e-12)
    one, two = mine.segments["score"], other.segments["score"]
    assert one.levels == two.levels
    for level in range(6):
        assert one.sums("spend", 1, level=level).count == two.sums("spend", 1, level=level).count


def test_who_asks_for_it_gets_the_chance_that_an_arm_is_better() -> None:
    asked = spec(MEAN, analysis={"posterior": True})
    rng = np.random.default_rng(2)
    (found,) = analyze(summarise(arms(rng.normal(5, 1, 900), rng.normal(5.2, 1, 900)), asked), asked).metrics
    answer = found.as_json()
    assert answer["chance_to_win"] > 0.99
    assert answer["loss_if_shipped"] < 0.001 < 0.1 < answer["loss_if_kept"]
    assert "chance_to_win" not in analyze(summarise(scored(), ASKED), ASKED).metrics[0].as_json()
