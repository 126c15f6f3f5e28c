from pathlib import Path
from typing import Any

import pytest

from retention_lab.config.yaml_text import LARGEST_FILE, parse_yaml, read_yaml
from retention_lab.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("Yes", "Yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", "True"),
        ('"Yes"', "Yes"),
        ("1e-3", 0.001),
        ("1E+2", 100.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("-7", -7),
        ("007", "007"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2026-03-01", "2026-03-01"),
        ("No E-Mail", "No E-Mail"),
        ("null", None),
        ("~", None),
        ("", None),
        ("='x'", "='x'"),
    ],
)
def test_words_mean_what_they_look_like(text: str, value: Any) -> None:
    found = parse_yaml(text)
    assert found == value
    assert type(found) is type(value)


def test_a_key_given_twice_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match=r"'a' is given twice.*line 3"):
        parse_yaml("a: 1\nb: 2\na: 3\n")


def test_a_key_given_twice_deep_inside_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="given twice"):
        parse_yaml("a: {b: [{c: 1, c: 2}]}")


def test_a_key_is_text_so_that_one_arm_has_one_name() -> None:
    assert parse_yaml("{1: a, true: b, 2.0: c}") == {"1": "a", "true": "b", "2": "c"}
    with pytest.raises(ConfigurationError, match="'1' is given twice"):
        parse_yaml('{1: a, "1": b}')


def test_an_alias_is_followed() -> None:
    assert parse_yaml("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    with pytest.raises(ConfigurationError, match="unfold"):
        parse_yaml("\n".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "&a [*a]",  # refers to itself
        "[" * 2_000,  # nested without end
        "a: [1, 2",
        "a: b: c",
        "!!python/object/apply:os.system [id]",
        "!secret x",
        "{a: 1}: 2",
        "null: 2",
        "a: *missing",
        "a: \x07",
        "---\na: 1\n---\nb: 2\n",
    ],
)
def test_what_cannot_be_read_safely_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_yaml(text)


def test_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("kind: uplift\n".encode("utf-8-sig"))
    assert read_yaml(file) == {"kind": "uplift"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"- a\n", "not a mapping"),
        (b"a: \xff\n", "not UTF-8"),
        (b"#" * (LARGEST_FILE + 1), "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_definition_is_refused_with_its_path(
    tmp_path: Path, data: bytes, message: str
) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_yaml(file)
    assert caught.value.file == str(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_yaml(tmp_path / "a.yaml")
