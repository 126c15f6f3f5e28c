import numpy as np
import pytest

from retention_lab.churn.curves import gain_curve, roc_curve
from retention_lab.measures import auc_terms
from tests.churn.populations import population

KNOWN = population(1000)
LEFT = KNOWN.sample.left


def test_the_area_under_the_curve_is_the_auc() -> None:
    curve = roc_curve(LEFT, KNOWN.risk, points=2000)
    area = np.trapezoid(curve.leavers, curve.stayers)
    assert area == pytest.approx(auc_terms(LEFT, KNOWN.risk).mean())


def test_curves_rise_from_nobody_to_everybody() -> None:
    roc, gain = roc_curve(LEFT, KNOWN.risk), gain_curve(LEFT, KNOWN.risk)
    assert (roc.stayers[0], roc.leavers[0], roc.stayers[-1], roc.leavers[-1]) == (0, 0, 1, 1)
    assert len(roc.leavers) <= 200
    assert (np.diff(gain.leavers) >= 0).all()
    assert gain.leavers[-1] == pytest.approx(1.0)
    assert (gain.low <= gain.leavers).all()
