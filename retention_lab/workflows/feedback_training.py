"""Fit the candidates of a feedback model: the parts, the vocabulary, the tone, the topics, the evidence."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.checks import Check, check
from retention_lab.config.feedback import FeedbackDefinition
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.feedback.evaluate import evaluate_tone
from retention_lab.feedback.keywords import Keyword, keywords
from retention_lab.feedback.scorer import FeedbackScorer, Read
from retention_lab.feedback.text import name_like
from retention_lab.feedback.themes import DEFAULT_THEMES, Themes, themes_of
from retention_lab.feedback.tone import ToneCandidate, best_tone, fit_tone
from retention_lab.feedback.topics import Topics, fit_topics
from retention_lab.feedback.trend import TopicCount, topic_counts, topic_months
from retention_lab.feedback.vocabulary import Matrix, Vocabulary, fit_vocabulary
from retention_lab.split import held_out, stratified_folds
from retention_lab.workflows.feedback_rows import Messages, readable

_LARGE = 50_000  # rows from which two folds say enough
UNREAD = 0.05  # share of messages of which nothing can be said, from which somebody should look


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its evidence on held-out messages."""

    candidate: ToneCandidate
    evidence: dict[str, Estimate]
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """scorer: of the winner. train, held: labelled messages; read: all messages as the scorer reads them.

    unread: share of the held-out messages of which nothing can be said. words: keywords by name: of a topic,
    `complaint` and `praise`.
    """

    scorer: FeedbackScorer
    winner: Judged
    candidates: list[Judged]
    train: Messages
    held: Messages
    messages: Messages
    read: Read
    unread: float
    words: dict[str, tuple[Keyword, ...]]

    @property
    def judged(self) -> tuple[Floats, Floats, np.ndarray]:
        """Tone, the winner's probability and customer of the held-out messages that can be read."""
        read = self.scorer.read(self.held.texts.tolist())
        return self.held.tone[read.known], read.probability[read.known], self.held.customer[read.known]

    def topic_counts(self, min_cell: int) -> tuple[TopicCount, ...]:
        """Who complains and praises, by topic."""
        known = self.read.known
        complaint = self.read.probability[known] < 0.5
        return topic_counts(self.read.topic[known], complaint, self.messages.customer[known], min_cell)

    def topic_months(self, min_cell: int) -> tuple[TopicCount, ...]:
        """Likewise by month; none where messages have no times."""
        if self.messages.month is None:
            return ()
        known = self.read.known
        complaint = self.read.probability[known] < 0.5
        customer, month = self.messages.customer[known], self.messages.month[known]
        return topic_months(self.read.topic[known], complaint, customer, month, min_cell)


def fit(found: Messages, definition: FeedbackDefinition, min_cell: int, say: Callable[[str], None]) -> Fitted:
    """Fit and judge every candidate on the labelled messages; customers are held out whole.

    Raises LabError where too few messages are labelled, or all are meant alike.
    """
    messages = found.rows(readable(found, definition.language))
    labelled = messages.rows(np.isfinite(messages.tone))
    _require_labelled(labelled)
    split = definition.validation
    out = held_out(len(labelled), split.share, split.seed, labelled.customer)
    train, held = labelled.rows(~out), labelled.rows(out)
    say("reading words")
    never = found.names | name_like(text for text in train.texts if text)
    vocabulary = fit_vocabulary(train.plain.tolist(), train.customer, min_cell, never=never)
    weighed = vocabulary.weigh(vocabulary.counts(train.plain.tolist()))
    fold = stratified_folds(
        train.tone, split.folds or (2 if len(train) >= _LARGE else 5), split.seed, train.customer
    )
    known, theirs = _of_held(vocabulary, held)
    judged = []
    for name in definition.models:
        say(f"fitting {name}")
        start = time.perf_counter()
        candidate = fit_tone(name, weighed, train.tone, fold)
        probability = candidate.tone.probability(theirs)
        evidence = evaluate_tone(held.tone[known], probability[known], held.customer[known])
        judged.append(Judged(candidate, evidence, time.perf_counter() - start))
    best = best_tone([one.candidate for one in judged])
    winner = next(one for one in judged if one.candidate is best)
    say("finding topics")
    scorer = FeedbackScorer(
        learner=best.name,
        vocabulary=vocabulary,
        tone=best.tone,
        topics=_topics(definition, vocabulary, train, messages),
        text_column=definition.text or "text",
        positive=definition.label.positive,
        negative=found.negative,
        language=definition.language,
        id_column=definition.customer if definition.flat else "customer_id",
    )
    read = scorer.read(messages.texts.tolist())
    words = _words(scorer, messages, read)
    return Fitted(scorer, winner, judged, train, held, messages, read, float(1 - known.mean()), words)


def fit_checks(fitted: Fitted, min_cell: int) -> list[Check]:
    """Soft: that the texts can be read, that they differ, and that topics could be learned."""
    unread, train = fitted.unread, set(fitted.train.plain.tolist())
    again = float(np.mean([text in train for text in fitted.held.plain]))
    topics = len(fitted.scorer.topics.learned)
    shown = sum(map(len, fitted.words.values()))
    return [
        check(
            "messages_read",
            "soft",
            unread <= UNREAD,
            unread,
            UNREAD,
            f"{unread:.1%} of the held-out messages have too few known words to be read; they get no tone.",
        ),
        check(
            "messages_differ",
            "soft",
            again <= 0.5,
            again,
            0.5,
            f"{again:.0%} of the held-out messages say, word for word, what a training message says: figures "
            "on messages in new words may be lower.",
        ),
        check(
            "topics_learned",
            "soft",
            topics >= 2,
            topics,
            2,
            f"{topics} topics have enough messages to be recognised by more than their own words.",
        ),
        check(
            "keywords_shown",
            "soft",
            shown > 0,
            shown,
            1,
            f"{shown} keywords are each of at least {min_cell} customers; others are not shown.",
        ),
    ]


def definition_themes(definition: FeedbackDefinition) -> Themes | None:
    """The themes of a definition; None where people gave the topics."""
    return None if definition.topic is not None else themes_of(definition.themes or DEFAULT_THEMES)


def _of_held(vocabulary: Vocabulary, held: Messages) -> tuple[Bools, Matrix]:
    texts = held.plain.tolist()
    counts = vocabulary.counts(texts)
    return vocabulary.known(texts, counts), vocabulary.weigh(counts)


def _topics(
    definition: FeedbackDefinition, vocabulary: Vocabulary, train: Messages, messages: Messages
) -> Topics:
    """Learned from the training customers' messages, with a tone or without."""
    inside = messages.rows(~np.isin(messages.customer, _held_customers(train, messages)))
    weighed = vocabulary.weigh(vocabulary.counts(inside.plain.tolist()))
    themes = definition_themes(definition)
    if themes is not None:
        return fit_topics(themes.names, themes.places(inside.plain.tolist()), weighed, themes)
    given = [None if one is None else str(one) for one in ([] if inside.topic is None else inside.topic)]
    names = [name for name, _ in Counter(one for one in given if one is not None).most_common()]
    place = np.array([-1 if one is None else names.index(one) for one in given], dtype=np.int64)
    return fit_topics(names, place, weighed)


def _held_customers(train: Messages, messages: Messages) -> np.ndarray:
    """Customers with labelled messages that are not in the training part."""
    labelled = np.unique(messages.customer[np.isfinite(messages.tone)].astype(str))
    return np.setdiff1d(labelled, np.unique(train.customer.astype(str))).astype(object)


def _words(scorer: FeedbackScorer, messages: Messages, read: Read) -> dict[str, tuple[Keyword, ...]]:
    counts = scorer.vocabulary.counts(messages.plain.tolist())
    complaint = read.probability < 0.5  # False where not known
    sides: dict[str, Any] = {"complaint": complaint, "praise": read.known & ~complaint}
    sides |= {name: read.topic == name for name in scorer.topics.names}
    return {
        name: keywords(scorer.vocabulary, counts, np.asarray(inside, dtype=np.bool_), messages.customer)
        for name, inside in sides.items()
    }


def _require_labelled(labelled: Messages) -> None:
    if len(labelled) < 2 or len({*labelled.tone.tolist()}) < 2:
        raise LabError(
            f"{len(labelled)} messages have a known tone, and both tones are needed to tell them apart.",
            "Give labels, or say which scores tell the tone: `score: {positive_from: 4, negative_to: 2}`.",
            key="label",
        )
