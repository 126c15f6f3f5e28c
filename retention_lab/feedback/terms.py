"""What a message is made of: words, pairs and parts of words, Han characters and short runs of them."""

import re
from itertools import pairwise

from retention_lab.feedback.text import HAN

LONGEST_RUN = 3  # Han characters: most words have two, some three or four
PART = 4  # letters
PART_MARK = "·"  # before a part of a word, which is no word that could be shown
_PIECES = re.compile(
    f"(?P<han>[{HAN}]+)"
    rf"|(?P<word>[^\W\d_{HAN}]+(?:['’][^\W\d_{HAN}]+)*)"
    "|(?P<sign>[!?\u2600-\u27bf\U0001f300-\U0001faff])"
    r"|(?P<stop>[^\s\w])"
)


def pieces(text: str) -> list[str]:
    """The smallest things that say something, of a cleaned text: words, Han characters, signs and emoji.

    >>> pieces("not good, 很慢!")
    ['not', 'good', '很', '慢', '!']
    """
    found: list[str] = []
    for match in _PIECES.finditer(text):
        if match.lastgroup == "han":
            found += match[0]
        elif match.lastgroup != "stop":
            found.append(match[0])
    return found


def terms(text: str) -> list[str]:
    """All terms of a cleaned text, as often as they come; pairs do not reach over punctuation.

    Source of character n-grams for Chinese without a segmenter: Zhang and LeCun (2017), arXiv:1708.02657.

    >>> terms("not good 很慢")
    ['not', 'good', '·good', 'not good', '很', '慢', '很慢']
    """
    found: list[str] = []
    words: list[str] = []
    for match in _PIECES.finditer(text):
        if match.lastgroup == "word":
            words.append(match[0])
            continue
        found += _of_words(words)
        words = []
        if match.lastgroup == "han":
            run = match[0]
            for length in range(1, LONGEST_RUN + 1):
                found += [run[i : i + length] for i in range(len(run) - length + 1)]
        elif match.lastgroup == "sign":
            found.append(match[0])
    return found + _of_words(words)


def is_shown(term: str) -> bool:
    """Whether a term can be read by people: words, pairs and Han runs, not signs or parts of words."""
    return not term.startswith(PART_MARK) and term[0].isalpha()


def _of_words(words: list[str]) -> list[str]:
    parts = [
        PART_MARK + word[i : i + PART]
        for word in words
        if word.isalpha()
        for i in range(min(len(word), 40) - PART + 1)
    ]
    return [*words, *parts, *(" ".join(pair) for pair in pairwise(words))]
