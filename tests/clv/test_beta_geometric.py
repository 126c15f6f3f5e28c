import numpy as np
import pytest

from retention_lab.clv.beta_geometric import BetaGeometric, fit_beta_geometric, fit_lifetimes
from retention_lab.errors import LabError
from tests.clv.reference import expected


@pytest.mark.parametrize("cohort", ["high_end", "regular"])
def test_published_cohorts(cohort: str) -> None:
    known = expected("sbg")["fits"][cohort]
    found = fit_beta_geometric(known["survivors"])
    assert found.params["alpha"] == pytest.approx(known["alpha"], rel=1e-3)
    assert found.params["beta"] == pytest.approx(known["beta"], rel=1e-3)
    assert found.log_likelihood == pytest.approx(known["log_likelihood"], abs=1e-3)
    np.testing.assert_allclose(found.survival(np.arange(13)), known["survival_0_12"], atol=2e-5)
    published = expected("sbg")["published"][cohort]
    np.testing.assert_allclose(list(found.params.values()), published, atol=6e-4)


def test_several_cohorts_are_fitted_as_one_that_is_their_sum() -> None:
    one = fit_beta_geometric([200, 140, 110, 95])
    rows = np.array([1.0, 2.0, 3.0]), np.array([60.0, 30.0, 15.0]), np.array([0.0, 0.0, 95.0])
    assert fit_lifetimes(*rows).params["alpha"] == pytest.approx(one.params["alpha"], rel=1e-6)


def test_who_stayed_is_likelier_to_stay() -> None:
    model = BetaGeometric(0.7, 1.2)
    retention = model.retention(np.arange(1, 20))
    assert (np.diff(retention) > 0).all()
    np.testing.assert_allclose(np.cumprod(retention), model.survival(np.arange(1, 20)))
    assert model.survival_from([0, 10], 1)[0] < model.survival_from([0, 10], 1)[1]


def test_renewals_are_sums_of_survival() -> None:
    model = BetaGeometric(0.7, 1.2)
    assert model.expected_renewals([0], 3)[0] == pytest.approx(model.survival([1, 2, 3]).sum())
    assert model.expected_renewals([0], 3, 0.1)[0] < model.expected_renewals([0], 3)[0]


def test_the_truth_is_found() -> None:
    rng = np.random.default_rng(1)
    left = rng.geometric(rng.beta(1.5, 4.0, 50_000))
    found = fit_beta_geometric([(left > t).sum() for t in range(10)])
    assert found.standard_errors is not None
    for name, true in {"alpha": 1.5, "beta": 4.0}.items():
        assert abs(found.params[name] - true) < 4 * found.standard_errors[name]


@pytest.mark.parametrize("survivors", [[100, 120], [100], [100, np.nan], [100, 100, 100], [100, 0]])
def test_what_is_no_cohort_or_tells_nothing_is_refused(survivors: list[float]) -> None:
    with pytest.raises(LabError):
        fit_beta_geometric(survivors)


def test_files_hold_the_model() -> None:
    model = BetaGeometric(0.1 + 0.2, 4.4)
    assert BetaGeometric.from_files(model.to_files()) == model
