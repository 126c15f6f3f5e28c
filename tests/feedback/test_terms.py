from retention_lab.feedback.terms import is_shown, pieces, terms


def test_pairs_of_words_do_not_reach_over_punctuation() -> None:
    assert "good fast" not in terms("good, fast")
    assert "good fast" in terms("good fast")


def test_runs_of_han_characters_have_up_to_three() -> None:
    assert terms("物流很慢") == ["物", "流", "很", "慢", "物流", "流很", "很慢", "物流很", "流很慢"]


def test_words_are_read_in_parts_too_so_that_their_endings_matter_less() -> None:
    assert set(terms("delayed")) & set(terms("delays")) == {"·dela", "·elay"}


def test_signs_and_emoji_say_something() -> None:
    assert pieces("👍 great!") == ["👍", "great", "!"]


def test_only_what_people_can_read_is_shown() -> None:
    assert [term for term in terms("nice! 很好") if is_shown(term)] == ["nice", "很", "好", "很好"]
