import numpy as np
import pytest

from retention_lab.abtest.arm import Form
from retention_lab.abtest.metrics import Mean, Proportion, Ratio
from retention_lab.abtest.simulation.effects import Effect, effect_of, mean_of, planted
from retention_lab.abtest.simulation.history import MetricUnits
from retention_lab.errors import LabError

SHARE = Proportion(name="bought", type="proportion", column="bought")
SPEND = Mean(name="spend", type="mean", column="spend")
BASKET = Ratio(name="basket", type="ratio", numerator="spend", denominator="orders")


def of(metric: Proportion | Mean | Ratio, *columns: list[float]) -> MetricUnits:
    values = np.column_stack(columns)
    form = Form(1 if isinstance(metric, Ratio) else None)
    return MetricUnits(metric, values, np.zeros(values.shape[1]), form, isinstance(metric, Proportion))


def moved(one: MetricUnits, effect: str) -> float:
    after = planted(one, one.values, effect_of(effect), np.random.default_rng(1))
    return mean_of(one, after) - mean_of(one, one.values)


def test_numbers_grow_by_one_share_for_all() -> None:
    spend = of(SPEND, [0.0, 10.0, 30.0, np.nan])
    assert moved(spend, "5%") == pytest.approx(40 / 3 * 0.05)
    assert moved(spend, "-0.5") == pytest.approx(-0.5)
    after = planted(spend, spend.values, Effect(0.5, True), np.random.default_rng(1))
    np.testing.assert_allclose(after[:3, 0], [0, 15, 45])
    assert np.isnan(after[3, 0])


def test_a_ratio_grows_by_its_numerator() -> None:
    basket = of(BASKET, [10.0, 20.0, 0.0], [1.0, 3.0, 2.0])
    assert mean_of(basket, basket.values) == pytest.approx(5.0)
    assert moved(basket, "10%") == pytest.approx(0.5)
    assert moved(basket, "1") == pytest.approx(1.0)


def test_losses_get_the_effect_added() -> None:
    losses = of(SPEND, [-10.0, 0.0, 4.0])
    assert moved(losses, "1.5") == pytest.approx(1.5)
    basket = of(BASKET, [-10.0, 0.0, 4.0], [1.0, 2.0, 3.0])
    assert moved(basket, "0.5") == pytest.approx(0.5)
    with pytest.raises(LabError, match="no share can be taken"):
        moved(losses, "5%")


@pytest.mark.parametrize(("effect", "wanted"), [("0.1", 0.1), ("-0.1", -0.1), ("20%", 0.06)])
def test_of_shares_units_are_turned_over_at_random(effect: str, wanted: float) -> None:
    rng = np.random.default_rng(2)
    column = (rng.random(40_000) < 0.3).astype(float)
    share = of(SHARE, column.tolist())
    after = planted(share, share.values, effect_of(effect), rng)
    assert set(np.unique(after)) == {0.0, 1.0}
    assert np.all((after[:, 0] - column) * np.sign(wanted) >= 0)
    assert mean_of(share, after) - mean_of(share, share.values) == pytest.approx(wanted, abs=0.008)


def test_no_share_leaves_zero_to_one() -> None:
    with pytest.raises(LabError, match="would make the share 'bought' 1"):
        moved(of(SHARE, [0.0, 1.0]), "0.5")


@pytest.mark.parametrize("text", ["", "much", "0", "0%", "5 %%", "nan", "1e400"])
def test_what_is_no_effect_is_refused(text: str) -> None:
    with pytest.raises(LabError, match="no effect to plant"):
        effect_of(text)


@pytest.mark.parametrize("text", ["5%", "-0.01", "1e-3", "+.5%"])
def test_an_effect_reads_as_it_was_written(text: str) -> None:
    found = effect_of(text)
    assert effect_of(found.text) == found
