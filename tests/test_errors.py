import pytest

from retention_lab.errors import ConfigurationError, LabError, StoreError, UsageError, did_you_mean


def test_a_message_says_where_what_and_what_to_do() -> None:
    error = LabError("A is wrong.", "Do B.", file="lab.yaml", key="data.source")
    assert str(error) == "lab.yaml [data.source]: A is wrong. Do B."
    assert str(LabError("A is wrong.", "Do B.")) == "A is wrong. Do B."
    assert str(LabError("A is wrong.", "Do B.", key="id")) == "[id]: A is wrong. Do B."


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (LabError, "data", 3),
        (ConfigurationError, "configuration", 3),
        (UsageError, "usage", 2),
        (StoreError, "store", 4),
    ],
)
def test_each_kind_has_its_exit_code(error: type[LabError], kind: str, code: int) -> None:
    assert (error.kind, error.exit_code) == (kind, code)
    assert issubclass(error, LabError)


def test_the_nearest_name_is_suggested_only_where_one_is_near() -> None:
    assert did_you_mean("stak", ["stack", "t"]) == "Did you mean 'stack'? Known: stack, t."
    assert did_you_mean("zzz", ["stack", "t"]) == "Known: stack, t."
