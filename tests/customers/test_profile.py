import pyarrow as pa
import pytest

from retention_lab.customers.profile import profile
from retention_lab.errors import LabError

SNAPSHOT = pa.table(
    {
        "customer_id": ["a", "b", "c", "d"],
        "as_of": pa.array([0] * 4, pa.timestamp("us")),
        "orders": [1, 2, 2, 9],
        "lifecycle": ["new", "active", "active", "active"],
        "mean_score": pa.array([None, 4.0, None, 5.0]),
        "shoe_size": [38, 42, 40, 44],
    }
)


def test_a_fact_says_where_it_stands_among_all() -> None:
    facts = {fact.name: fact for fact in profile(SNAPSHOT, 1, ("customer_id",))}
    assert facts["orders"].value == 2
    assert facts["orders"].percentile == 0.5  # one below, and half of the two equal ones
    assert facts["orders"].typical == 2
    assert facts["lifecycle"].percentile is None
    assert facts["lifecycle"].typical == "active"
    assert facts["shoe_size"].section == "other"
    assert set(facts) == {"orders", "lifecycle", "mean_score", "shoe_size"}


def test_what_is_not_known_of_the_customer_stays_unknown() -> None:
    facts = {fact.name: fact for fact in profile(SNAPSHOT, 0, ("customer_id",))}
    assert facts["mean_score"].value is None
    assert facts["mean_score"].percentile is None
    assert facts["mean_score"].typical == 4.5


def test_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(LabError, match="no row 4"):
        profile(SNAPSHOT, 4)
