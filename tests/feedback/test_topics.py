import numpy as np

from retention_lab.feedback.themes import DEFAULT_THEMES, OTHER, themes_of
from retention_lab.feedback.topics import fit_topics
from tests.feedback.shop_talk import shop_talk

NAMES = ("product", "service", "price", "competition")


def test_topics_that_people_gave_are_learned() -> None:
    talk, new = shop_talk(900, seed=1), shop_talk(300, seed=2)
    vocabulary = talk.vocabulary()
    place = np.array([NAMES.index(one) if one in NAMES else -1 for one in talk.topic])
    topics = fit_topics(NAMES, place, vocabulary.weigh(vocabulary.counts(talk.plain)))
    found = topics.of(new.plain, vocabulary.weigh(vocabulary.counts(new.plain)))
    planted = np.isin(new.topic, NAMES)
    assert (found[planted] == new.topic[planted]).mean() > 0.9


def test_the_words_of_themes_find_most_planted_complaints() -> None:
    talk = shop_talk(900)
    vocabulary, themes = talk.vocabulary(), themes_of(DEFAULT_THEMES)
    weighed = vocabulary.weigh(vocabulary.counts(talk.plain))
    topics = fit_topics(themes.names, themes.places(talk.plain), weighed, themes)
    complaint = talk.tone == 0
    right = topics.of(talk.plain, weighed)[complaint] == talk.topic[complaint]
    assert right.mean() > 0.75
    said = themes.places(talk.plain)[complaint]
    alone = np.array([*themes.names, OTHER], dtype=object)[said] == talk.topic[complaint]
    assert right.mean() > alone.mean()  # what is learned adds to the words


def test_a_theme_s_word_decides_whatever_resembles() -> None:
    talk = shop_talk(900)
    vocabulary, themes = talk.vocabulary(), themes_of(DEFAULT_THEMES)
    weighed = vocabulary.weigh(vocabulary.counts(talk.plain))
    topics = fit_topics(themes.names, themes.places(talk.plain), weighed, themes)
    text = ["my budget is my budget"]
    assert topics.of(text, vocabulary.weigh(vocabulary.counts(text))).tolist() == ["price"]


def test_topics_with_few_messages_are_not_learned() -> None:
    talk = shop_talk(100)
    vocabulary = talk.vocabulary()
    weighed = vocabulary.weigh(vocabulary.counts(talk.plain))
    place = np.full(100, -1)
    place[:25], place[25:30] = 0, 1
    topics = fit_topics(("a", "b"), place, weighed)
    assert len(topics.learned) == 0
    assert set(topics.of(talk.plain, weighed)) == {OTHER}


def test_two_learned_topics_are_told_apart() -> None:
    talk = shop_talk(400)
    vocabulary = talk.vocabulary()
    weighed = vocabulary.weigh(vocabulary.counts(talk.plain))
    topics = fit_topics(("bad", "good"), talk.tone.astype(np.int64), weighed)
    found = topics.of(talk.plain, weighed)
    assert (found == np.where(talk.tone == 1, "good", "bad")).mean() > 0.95
