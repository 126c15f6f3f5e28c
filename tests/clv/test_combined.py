import numpy as np
import pytest

from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.beta_geo import fit_rows as fit_beta_geo_rows
from retention_lab.clv.combined import Combined, combine
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.pareto_nbd import fit_rows as fit_pareto_rows
from retention_lab.clv.predictive import probability_of
from retention_lab.errors import LabError
from tests.clv.customers import geometric_customers, pareto_customers

PARTS = {"beta_geo": BetaGeo(0.6, 6.0, 0.8, 2.5), "pareto_nbd": ParetoNbd(0.55, 10.5, 0.6, 11.7)}


@pytest.mark.parametrize(("customers", "better"), [(geometric_customers, 0), (pareto_customers, 1)])
def test_the_weight_goes_to_the_model_that_was_right(customers, better: int) -> None:  # type: ignore[no-untyped-def]
    drawn = customers(6_000, 1)
    models = {
        "beta_geo": fit_beta_geo_rows(drawn.rows).model,
        "pareto_nbd": fit_pareto_rows(drawn.rows).model,
    }
    found = combine(models, models, drawn.rows, 39.0, drawn.later)
    assert found.weights[better] > 0.5
    assert found.expected_purchases(drawn.rows, 39.0).sum() == pytest.approx(drawn.later.sum(), rel=1e-4)
    assert 0.8 < found.pace < 1.25

    def score(model: object) -> float:
        return float(np.log(probability_of(model, drawn.rows, 39.0, drawn.later)).mean())  # type: ignore[arg-type]

    pool = Combined(models, found.weights)
    assert score(pool) >= max(score(part) for part in models.values()) - 1e-4  # steps end early


def test_a_mixture_is_between_its_parts_and_its_chances_add_up() -> None:
    rows = geometric_customers(100, 2).rows
    pool = Combined(PARTS, (0.25, 0.75), 1.1)
    of_parts = [part.expected_purchases(rows, 1.1 * 20) for part in PARTS.values()]
    np.testing.assert_allclose(pool.expected_purchases(rows, 20.0), 0.25 * of_parts[0] + 0.75 * of_parts[1])
    total = sum(pool.probability_at_least(rows, np.full(100, float(k)), 20.0) for k in range(1, 300))
    np.testing.assert_allclose(total, pool.expected_purchases(rows, 20.0), rtol=1e-5)
    drawn = pool.draw(rows, 20.0, 4_000, 1)
    assert drawn.mean() == pytest.approx(pool.expected_purchases(rows, 20.0).mean(), rel=0.03)


def test_files_hold_the_model() -> None:
    pool = Combined(PARTS, (0.25, 0.75), 1.1)
    assert Combined.from_files(pool.to_files()) == pool


def test_other_models_have_other_weights() -> None:
    drawn = geometric_customers(50, 2)
    with pytest.raises(LabError, match="cannot be those"):
        combine(PARTS, {"beta_geo": PARTS["beta_geo"]}, drawn.rows, 39.0, drawn.later)
