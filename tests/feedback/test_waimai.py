"""Chinese reviews, out of fold."""

import numpy as np
import pytest

from benchmarks.feedback_tone import CHOSEN, out_of_fold, reviews
from retention_lab.measures import auc_terms
from tests.shared_data import shared_file


@pytest.mark.slow
def test_the_tone_of_chinese_reviews_is_told() -> None:
    texts, label = reviews(shared_file("waimai_10k/waimai_10k.csv.gz"))
    probability, _ = out_of_fold(texts, label)[CHOSEN]
    known = np.isfinite(probability)
    right = ((probability >= 0.5) == (label == 1)) & known  # what is not read counts as wrong
    assert right.mean() >= 0.89
    assert auc_terms(label[known], probability[known]).mean() >= 0.94
    assert known.mean() > 0.99
