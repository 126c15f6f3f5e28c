import pytest

from retention_lab.config.yaml_text import parse_yaml
from retention_lab.workflows.definition_draft import commented, flow_list, flow_mapping, scalar

NASTY = [
    *(
        "no",
        "Yes",
        "true",
        "null",
        "~",
        "1",
        "1e-3",
        "a: b",
        "a #b",
        "- a",
        "[a]",
        "{a}",
        "",
        " a ",
        "ü",
        "对照",
    ),
    *("a'b", 'a"b', "a\\b", "a,b", "*a", "&a", "!a", "%a", "@a", "`a", "a:", "=", "?", "2026-03-01", "a\tb"),
]


@pytest.mark.parametrize("value", [*NASTY, 0.5, 3, True, None])
def test_a_scalar_is_read_back_as_it_was(value: str | float | None) -> None:
    assert parse_yaml(f"key: {scalar(value)}") == {"key": value}


def test_lists_and_mappings_on_one_line_are_read_back_as_they_were() -> None:
    assert parse_yaml(f"key: {flow_list(NASTY)}") == {"key": NASTY}
    assert parse_yaml(f"key: {flow_mapping(dict.fromkeys(NASTY, 0.1))}") == {"key": dict.fromkeys(NASTY, 0.1)}


def test_a_comment_never_breaks_out_of_its_line() -> None:
    text = commented("key: 1", "a reason\nwith: lines " + "and words " * 40)
    assert parse_yaml(text) == {"key": 1}
    assert max(map(len, text.splitlines())) <= 100
