import pytest

from retention_lab.feedback.themes import DEFAULT_THEMES, themes_of

OWN = themes_of({"delivery": ["late", "parcel*", "快递"], "taste": ["taste*", "味道"]})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("two parcels came late", 0),
        ("味道不好", 1),
        ("快递太慢了", 0),
        ("lately it is fine", -1),  # no star: whole words only
        ("late, but the taste!", -1),  # one of each
        ("", -1),
    ],
)
def test_the_theme_with_most_words_is_found(text: str, place: int) -> None:
    assert OWN.place(text) == place


def test_words_are_no_patterns() -> None:
    assert themes_of({"a": [".*"], "b": ["b("]}).place("anything") == -1


def test_the_default_themes_are_the_reasons_of_leaving() -> None:
    assert list(DEFAULT_THEMES) == ["product", "service", "price", "competition"]
    assert all(word == word.lower() for words in DEFAULT_THEMES.values() for word in words)


def test_themes_survive_their_files() -> None:
    assert themes_of(OWN.as_json()) == OWN
