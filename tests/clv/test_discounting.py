import numpy as np
import pytest

from retention_lab.clv.beta_geo import fit_rows
from retention_lab.clv.discounting import discounted_purchases, rate_of_period
from retention_lab.clv.gamma_gamma import fit_gamma_gamma
from retention_lab.errors import LabError
from tests.clv.reference import cdnow, expected


def test_cdnow_is_worth_what_lifetimes_says() -> None:
    (rows, mean), known = cdnow(), expected("clv_lifetimes_12m_r0.01_freqW")
    fit = fit_rows(rows)
    purchases = discounted_purchases(fit.model, rows, 4.345, 12, 0.01)
    value = purchases * fit_gamma_gamma(rows.frequency, mean).expected_value()
    assert value.sum() == pytest.approx(known["sum"], rel=1e-5)
    np.testing.assert_allclose(value[expected("bgnbd")["rows"]], known["rows"], rtol=1e-3, atol=1e-4)


def test_without_a_rate_nothing_is_discounted() -> None:
    rows, _ = cdnow()
    model = fit_rows(rows).model
    whole = model.expected_purchases(rows, 52.0)
    np.testing.assert_allclose(discounted_purchases(model, rows, 4.0, 13, 0.0), whole, rtol=1e-9)
    assert (discounted_purchases(model, rows, 4.0, 13, 0.01) <= whole).all()


def test_periods_compound_to_a_year() -> None:
    assert (1 + rate_of_period(0.1, 365.25 / 52)) ** 52 == pytest.approx(1.1)


def test_what_cannot_be_discounted_is_refused() -> None:
    rows, _ = cdnow()
    for period, periods, rate in ((4.0, 0, 0.1), (4.0, 12, -1.0), (0.0, 12, 0.1)):
        with pytest.raises(LabError, match="cannot be discounted"):
            discounted_purchases(fit_rows(rows).model, rows, period, periods, rate)
