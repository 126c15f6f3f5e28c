import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.feedback.vocabulary import fit_vocabulary
from tests.feedback.shop_talk import shop_talk


def test_no_term_is_of_fewer_customers_than_may_be_shown() -> None:
    talk = shop_talk()
    found = talk.vocabulary(20)
    counts = found.counts(talk.plain)
    for place in range(0, len(found), 17):
        rows = counts[:, [place]].toarray().ravel() > 0
        assert len(set(talk.customer[rows])) >= 20


def test_one_customer_who_writes_often_makes_no_term() -> None:
    texts = ["my cat felix"] * 50 + [f"good {word}" for word in "abcde"]
    customer = np.array(["one"] * 50 + list("abcde"))
    assert fit_vocabulary(texts, customer, 3).terms == ("good", "·good")


def test_rows_have_length_one_or_none() -> None:
    talk = shop_talk()
    found = talk.vocabulary()
    weighed = found.weigh(found.counts([*talk.plain, "", "zzzz"]))
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    np.testing.assert_allclose(length[:-2], 1.0, atol=1e-12)
    np.testing.assert_array_equal(length[-2:], 0.0)


def test_names_are_in_no_term() -> None:
    texts = [f"anna was kind {word} 张小三很好" for word in "abcdefgh"]
    customer = np.arange(8)
    found = set(fit_vocabulary(texts, customer, 5, never=("anna", "张小三")).terms)
    assert {"kind", "很好"} <= found
    assert not {term for term in found if "anna" in term or "小三" in term or "张小" in term}


def test_a_text_is_known_where_a_quarter_of_its_pieces_is() -> None:
    found = fit_vocabulary(["good"] * 3, np.arange(3), 2)
    texts = ["good a b c", "good a b c d", "", "!"]
    assert found.known(texts, found.counts(texts)).tolist() == [True, False, False, False]


@pytest.mark.parametrize("texts", [["", ""], ["only", "different"], ["!", "?"]])
def test_messages_without_a_common_word_are_refused(texts: list[str]) -> None:
    with pytest.raises(LabError, match="was written by 2 customers"):
        fit_vocabulary(texts, np.arange(2), 2)


def test_the_order_of_messages_decides_nothing() -> None:
    talk = shop_talk()
    order = np.random.default_rng(3).permutation(len(talk.plain))
    one, other = talk.vocabulary(), fit_vocabulary([talk.plain[i] for i in order], talk.customer[order], 5)
    assert one.terms == other.terms
    np.testing.assert_array_equal(one.rarity, other.rarity)
