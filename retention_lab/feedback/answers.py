"""A drafted answer for each message, from the user's own words, for a person to check and to send."""

from collections.abc import Mapping
from dataclasses import dataclass

from retention_lab.feedback.text import Language, language_of
from retention_lab.feedback.themes import OTHER

COMPLAINT, PRAISE, UNREAD = "complaint", "praise", "unread"
PLACEHOLDERS = ("customer_id", "topic")

# side -> topic -> language -> words
Answers = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Routed:
    """route: complaint, praise, or unread where the model could say nothing; draft: None where no answer
    fits."""

    language: Language
    route: str
    topic: str | None
    draft: str | None


def routed(
    text: str | None, probability: float, topic: str | None, customer: str, answers: Answers
) -> Routed:
    """Where a message goes, and the answer to it in its language: of its topic, else of `other`.

    A message that could not be read gets no draft: somebody has to read it.
    """
    language = language_of(text or "")
    if topic is None or not 0 <= probability <= 1:
        return Routed(language, UNREAD, None, None)
    route = COMPLAINT if probability < 0.5 else PRAISE
    side = answers.get(route, {})
    words = side.get(topic, {}).get(language) or side.get(OTHER, {}).get(language)
    draft = None if words is None else filled(words, {"customer_id": customer, "topic": topic})
    return Routed(language, route, topic, draft)


def filled(words: str, values: Mapping[str, str]) -> str:
    """The words with {name} replaced, once: what is put in is never read as a placeholder itself.

    >>> filled("Dear {customer_id}, about {topic}", {"customer_id": "{topic}", "topic": "price"})
    'Dear {topic}, about price'
    """
    parts = words.split("{")
    found = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        found.append(values[name] + rest if brace and name in values else "{" + part)
    return "".join(found)
