import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow.utils.validation import _validate_metric_name

from retention_lab.errors import LabError
from retention_lab.tracking.names import check_name, store_names


@given(st.lists(st.text(max_size=300), unique=True, max_size=8))
def test_any_name_becomes_one_that_mlflow_accepts_and_no_two_coincide(names: list[str]) -> None:
    given_names = store_names(names)
    assert len(set(given_names.values())) == len(names)
    for name in given_names.values():
        _validate_metric_name(name)
        assert len(name) <= 250


def test_what_mlflow_accepts_stays() -> None:
    names = ["valid.qini.Mens E-Mail", "srm.p_value", "effect/a b", "优惠券"]
    assert list(store_names(names).values()) == names


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "../a", "ä", "a.b"])
def test_a_models_name_is_plain(name: str) -> None:
    with pytest.raises(LabError):
        check_name(name)
