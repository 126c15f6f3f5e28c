"""Tone of 11,987 Chinese reviews: every classifier on messages that it has not seen, five folds.

Run it with `python -m benchmarks feedback_tone`. Neither the vocabulary nor the calibration sees the fold."""

import csv
import gzip
import os
import time
from pathlib import Path

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.estimate import Estimate
from retention_lab.feedback.evaluate import evaluate_tone
from retention_lab.feedback.learners import LEARNERS
from retention_lab.feedback.text import cleaned
from retention_lab.feedback.tone import best_tone, fit_tone
from retention_lab.feedback.vocabulary import fit_vocabulary
from retention_lab.split import stratified_folds

TITLE = "Tone of Chinese reviews"
NOTE = """waimai_10k: 11,987 reviews of food delivery, 4,000 of them positive. Five folds, seed 0, each judged
by a model of the other four: its vocabulary (terms that at least 20 reviewers wrote; rarer ones could tell
who wrote, and are not kept), its weights and its calibration. `chosen` is what `lab train` takes: within the
four folds, the classifier with the least cross-fitted log loss. A review without enough known words counts as
judged wrongly in `accuracy, unread wrong`. CPU seconds of all five folds, the vocabulary among them once for
each classifier; one thread."""
BESIDE = ("scipy",)
FILE = Path("waimai_10k") / "waimai_10k.csv.gz"
LEAST, SEED = 20, 0
CHOSEN = "chosen"
ROOT = Path(__file__).resolve().parents[1]


def reviews(file: Path) -> tuple[list[str], Floats]:
    """The (n,) cleaned reviews and their labels."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [cleaned(row["review"]) for row in rows], np.array([float(row["label"]) for row in rows])


def out_of_fold(texts: list[str], label: Floats, folds: int = 5) -> dict[str, tuple[Floats, float]]:
    """Probabilities of each classifier, NaN where a review cannot be read, and CPU seconds."""
    fold = stratified_folds(label, folds, SEED)
    names = (*LEARNERS, CHOSEN)
    found = {name: np.full(len(label), np.nan) for name in names}
    seconds = dict.fromkeys(names, 0.0)
    for k in range(folds):
        inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        start = time.process_time()
        ours, theirs = [texts[i] for i in inside], [texts[i] for i in outside]
        vocabulary = fit_vocabulary(ours, inside, LEAST)
        weighed = vocabulary.weigh(vocabulary.counts(ours))
        counts = vocabulary.counts(theirs)
        known, unseen = vocabulary.known(theirs, counts), vocabulary.weigh(counts)
        inner = stratified_folds(label[inside], 5, SEED)
        shared = time.process_time() - start
        candidates = []
        for name in LEARNERS:
            start = time.process_time()
            candidates.append(fit_tone(name, weighed, label[inside], inner))
            seconds[name] += shared + time.process_time() - start
            seconds[CHOSEN] += time.process_time() - start
        seconds[CHOSEN] += shared
        for name, one in [*zip(LEARNERS, candidates, strict=True), (CHOSEN, best_tone(candidates))]:
            found[name][outside[known]] = one.tone.probability(unseen)[known]
    return {name: (found[name], seconds[name]) for name in names}


def table(file: Path | None = None) -> list[list[str]]:
    """A row a classifier; the first row is the head."""
    data = Path(os.environ.get("RETENTION_LAB_DATA") or ROOT.parent / "shared" / "data")
    texts, label = reviews(file or data / FILE)
    rows = [
        [
            "classifier", "accuracy", "accuracy, unread wrong", "AUC", "F1", "log loss", "calibration error",
            "unread", "CPU s",
        ]
    ]  # fmt: skip
    for name, (probability, seconds) in out_of_fold(texts, label).items():
        known = np.isfinite(probability)
        found = evaluate_tone(label[known], probability[known], np.flatnonzero(known))
        right = ((probability >= 0.5) == (label == 1)) & known
        cells = [_interval(found[metric]) for metric in ("auc", "f1", "log_loss", "calibration_error")]
        unread = str(int((~known).sum()))
        rows.append(
            [name, _interval(found["accuracy"]), f"{right.mean():.4f}", *cells, unread, f"{seconds:.1f}"]
        )
    return rows


def _interval(found: Estimate) -> str:
    return f"{found.value:.4f} [{found.low:.4f}, {found.high:.4f}]"
