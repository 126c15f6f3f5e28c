"""Messages with a planted tone and topic, from the simulated retailer's sentences."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.feedback.text import cleaned
from retention_lab.feedback.vocabulary import Vocabulary, fit_vocabulary
from retention_lab.simulate.feedback import Feedback, feedback_texts

TOPICS = ("positive", "neutral", "product", "service", "price", "competition")
LEAST = 5


@dataclass(frozen=True)
class Talk:
    """texts: (n,) as written; plain: as read; tone: 1 for praise; topic: planted; customer: who wrote."""

    texts: list[str]
    plain: list[str]
    tone: Floats
    topic: np.ndarray
    customer: np.ndarray

    def vocabulary(self, least: int = LEAST) -> Vocabulary:
        return fit_vocabulary(self.plain, self.customer, least)


def shop_talk(messages: int = 600, seed: int = 1) -> Talk:
    """Half praise, half complaints of four kinds, in both languages."""
    rng = np.random.default_rng(seed)
    topic = np.where(rng.random(messages) < 0.5, 0, rng.integers(2, 6, messages))
    nobody = np.zeros(messages, dtype=np.int64)
    chinese = rng.integers(0, 2, messages)
    texts = feedback_texts(Feedback(nobody, nobody, nobody, topic, chinese, nobody), rng).to_pylist()
    names = np.array(TOPICS, dtype=object)[topic]
    customer = np.array([f"c{i}" for i in rng.integers(0, messages // 2, messages)])
    return Talk(texts, [cleaned(one) for one in texts], (topic == 0).astype(float), names, customer)
