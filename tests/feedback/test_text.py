import time

import pytest

from retention_lab.feedback.text import cleaned, language_of, name_like


@pytest.mark.parametrize(
    "personal",
    [
        "anna.berg+shop@example.co.uk",
        "+49 (30) 1234-5678",
        "13800138000",
        "https://example.com/me?id=7",
        "www.example.com/anna",
        "order AB12345",
        "Dear Anna Berg",
        "Mrs. O’Neill",
        "My name is Anna",
        "王小明先生",
        "李女士",
    ],
)
def test_what_names_a_person_is_taken_out(personal: str) -> None:
    found = cleaned(f"It is late. {personal} will tell you 很慢")
    assert "it is late." in found
    assert "很慢" in found
    for part in ("anna", "berg", "example", "1380", "1234", "12345", "neill", "小明", "李女"):
        assert part not in found


def test_one_word_has_one_spelling() -> None:
    assert cleaned("  ＧＯＯＤ\tService\n") == "good service"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("物流太慢了, not good", "zh"),
        ("Very good service 好", "en"),
        ("とても良いです", "other"),
        ("매우 좋아요", "other"),
        ("Очень хорошо", "other"),
        ("رائع جدا", "other"),
        ("", "other"),
        ("👍👍", "other"),
        ("12345", "other"),
    ],
)
def test_the_language_is_told_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_word_that_is_mostly_written_small_is_no_name() -> None:
    texts = ["the Service was bad", "the service is slow", "ask Berlin about it"]
    assert name_like(texts) == {"berlin"}


@pytest.mark.parametrize("piece", ["a", "好", "a@", "1", "Dear ", "www.", "王", "a.b@c.", "!?", "A"])
def test_a_very_long_message_takes_no_longer_than_its_length(piece: str) -> None:
    start = time.process_time()
    cleaned(piece * (100_000 // len(piece)))
    assert time.process_time() - start < 2
