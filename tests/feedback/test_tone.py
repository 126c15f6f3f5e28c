import numpy as np
import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.feedback.learners import LEARNERS, fit_naive_bayes
from retention_lab.feedback.tone import best_tone, fit_tone
from retention_lab.feedback.vocabulary import Matrix
from retention_lab.measures import auc_terms
from retention_lab.split import stratified_folds
from tests.feedback.shop_talk import Talk, shop_talk


def weights_of(talk: Talk) -> Matrix:
    vocabulary = talk.vocabulary()
    return vocabulary.weigh(vocabulary.counts(talk.plain))


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_finds_the_planted_tone(name: str) -> None:
    talk = shop_talk()
    fold = stratified_folds(talk.tone, 3, 1, talk.customer)
    found = fit_tone(name, weights_of(talk), talk.tone, fold)
    assert auc_terms(talk.tone, found.probability).mean() > 0.97


@pytest.mark.parametrize("name", LEARNERS)
def test_labels_without_meaning_are_given_no_confidence(name: str) -> None:
    talk = shop_talk(1000)
    label = np.random.default_rng(5).integers(0, 2, 1000).astype(float)
    found = fit_tone(name, weights_of(talk), label, stratified_folds(label, 5, 1))
    assert abs(auc_terms(label, found.probability).mean() - 0.5) < 0.07
    assert np.abs(found.probability - 0.5).mean() < 0.1


def test_a_message_never_moves_its_own_prediction() -> None:
    talk = shop_talk(300)
    weighed, fold = weights_of(talk), np.arange(300) % 3
    before = fit_tone("logistic", weighed, talk.tone, fold)
    turned = talk.tone.copy()
    turned[0] = 1 - turned[0]
    raw = before.tone.rule.probability(weighed)
    assert (fit_tone("logistic", weighed, turned, fold).tone.rule.probability(weighed) != raw).any()
    one, other = (LEARNERS["logistic"](weighed[fold != 0], label[fold != 0]) for label in (talk.tone, turned))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_naive_bayes_says_which_side_a_word_is_on() -> None:
    talk = shop_talk()
    vocabulary = talk.vocabulary()
    rule = fit_naive_bayes(weights_of(talk), talk.tone)
    weight = dict(zip(vocabulary.terms, rule.weights, strict=True))
    assert weight["excellent"] > 0 > weight["disappointed"]


def test_the_least_cross_fitted_loss_wins() -> None:
    talk = shop_talk()
    fold = stratified_folds(talk.tone, 3, 1)
    found = [fit_tone(name, weights_of(talk), talk.tone, fold) for name in LEARNERS]
    assert best_tone(found).log_loss == min(one.log_loss for one in found)


def test_messages_that_are_all_meant_alike_are_refused() -> None:
    talk = shop_talk(100)
    with pytest.raises(LabError, match="100 of 100 messages have the positive label"):
        fit_tone("svm", weights_of(talk), np.ones(100), np.arange(100) % 2)


def test_an_unknown_classifier_is_refused_with_the_nearest_name() -> None:
    talk = shop_talk(100)
    with pytest.raises(ConfigurationError, match="logistic"):
        fit_tone("logistics", weights_of(talk), talk.tone, np.arange(100) % 2)
