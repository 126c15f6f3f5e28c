import numpy as np
import pyarrow as pa

from retention_lab.abtest.design.visits import entry_days, one_row_a_unit
from retention_lab.abtest.specification import specification

SPEC = specification(
    {
        "unit": "customer", "arm": "arm", "control": "none", "exposed_at": "at", "window_days": 7,
        "metrics": [
            {"name": "spend", "type": "mean", "column": "spend", "covariates": ["before"]},
            {"name": "bought", "type": "proportion", "column": "bought"},
        ],
    }
)  # fmt: skip
VISITS = pa.table(
    {
        "customer": ["b", "a", "b", "a", "b", "c"],
        "at": ["2026-03-04", "2026-03-01", "2026-03-02", "2026-03-07", "2026-03-09", "2026-03-03T10:00"],
        "spend": [5.0, 1.0, 2.0, 4.0, 100.0, None],
        "bought": [1, 0, 0, 0, 1, 0],
        "before": [7.0, 9.0, 8.0, 0.0, 0.0, 3.0],
    }
)


def test_each_unit_counts_once_with_its_total_from_its_first_visit() -> None:
    found = one_row_a_unit(VISITS, SPEC).to_pydict()
    assert found["customer"] == ["a", "b", "c"] or found["customer"] == ["b", "a", "c"]
    by_name = dict(
        zip(
            found["customer"], zip(found["spend"], found["bought"], found["before"], strict=True), strict=True
        )
    )
    assert by_name["a"] == (5.0, 0.0, 9.0)
    assert by_name["b"] == (7.0, 1.0, 8.0)  # the visit on the 9th lies a week after the first: outside
    assert np.isnan(by_name["c"][0])


def test_days_count_from_the_first_visit_of_all() -> None:
    assert entry_days(VISITS, SPEC).tolist() == [3, 0, 1, 6, 8, 2]
    assert sorted(entry_days(one_row_a_unit(VISITS, SPEC), SPEC).tolist()) == [0, 1, 2]


def test_the_order_of_visits_does_not_matter() -> None:
    turned = VISITS.take(pa.array([5, 4, 3, 2, 1, 0]))
    key = [("customer", "ascending")]
    assert (
        one_row_a_unit(turned, SPEC).sort_by(key).to_pydict()["before"]
        == one_row_a_unit(VISITS, SPEC).sort_by(key).to_pydict()["before"]
    )


def test_without_a_window_everything_counts() -> None:
    found = one_row_a_unit(VISITS, SPEC.model_copy(update={"window_days": None})).to_pydict()
    assert dict(zip(found["customer"], found["spend"], strict=True))["b"] == 107.0
