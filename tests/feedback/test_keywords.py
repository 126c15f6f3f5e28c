import numpy as np

from retention_lab.feedback.keywords import keywords
from retention_lab.feedback.vocabulary import fit_vocabulary
from tests.feedback.shop_talk import shop_talk


def test_the_words_of_a_planted_topic_are_found() -> None:
    talk = shop_talk(1500)
    vocabulary = talk.vocabulary(20)
    counts = vocabulary.counts(talk.plain)
    found = {one.term for one in keywords(vocabulary, counts, talk.topic == "price", talk.customer, 20)}
    assert found & {"expensive", "far too", "pricey", "budget", "讲", "太贵", "涨价", "优惠", "便宜"}
    assert not found & {"excellent", "质量"}


def test_a_keyword_is_of_enough_customers_among_these_messages() -> None:
    texts = ["slow hotline"] * 4 + ["fine shop"] * 40 + ["slow shop"] * 20
    customer = np.arange(len(texts))
    vocabulary = fit_vocabulary(texts, customer, 4)
    counts = vocabulary.counts(texts)
    strict = fit_vocabulary(texts, customer, 5)
    inside = customer < 4
    assert "hotline" in {one.term for one in keywords(vocabulary, counts, inside, customer)}
    assert keywords(strict, strict.counts(texts), inside, customer) == ()


def test_customers_are_counted_once() -> None:
    texts = ["slow hotline"] * 30 + ["fine shop"] * 30
    customer = np.array(["one"] * 25 + list("abcde") + [f"x{i}" for i in range(30)])
    vocabulary = fit_vocabulary(texts, customer, 3)
    found = keywords(vocabulary, vocabulary.counts(texts), np.arange(60) < 30, customer)
    assert {one.customers for one in found} == {6}


def test_words_that_say_nothing_are_no_keywords() -> None:
    texts = ["it is the worst"] * 30 + ["so we are happy"] * 30
    vocabulary = fit_vocabulary(texts, np.arange(60), 3)
    found = keywords(vocabulary, vocabulary.counts(texts), np.arange(60) < 30, np.arange(60))
    assert [one.term for one in found] == ["worst"]


def test_no_messages_have_no_keywords() -> None:
    talk = shop_talk(200)
    vocabulary = talk.vocabulary()
    counts = vocabulary.counts(talk.plain)
    assert keywords(vocabulary, counts, np.zeros(200, dtype=np.bool_), talk.customer) == ()
