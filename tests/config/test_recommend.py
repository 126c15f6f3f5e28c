from pathlib import Path

import pytest

from retention_lab.config.loading import read_definition
from retention_lab.errors import ConfigurationError
from tests.config.kinds import read
from tests.config.labs import lab_in


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("split={time: 0.8, last: 1}", "split", "in one way"),
        ("rules={in_stock: true}", "rules", "neither stock nor margins"),
        ("logged={table: a.csv}", "logged.customer", "is missing"),
    ],
)
def test_a_wrong_value_is_refused_by_key(tmp_path: Path, override: str, key: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, "recommend", override)
    assert caught.value.key == key
    assert message in str(caught.value)


def test_what_is_in_stock_goes_to_who_agrees_where_the_definition_names_no_rules(tmp_path: Path) -> None:
    assert read(tmp_path, "recommend").shop_rules is None  # a table of its own has no shop
    lab = lab_in(tmp_path, two="kind: recommend\n")
    rules = read_definition(lab, "two").shop_rules  # type: ignore[attr-defined]
    assert (rules.in_stock, rules.consent, rules.margin_floor, rules.category_cap) == (True, True, None, None)
