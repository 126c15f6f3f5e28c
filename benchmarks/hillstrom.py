"""Hillstrom's e-mail test over many splits: how learners rank, and does any beat one mail for everybody?

Run it with `python -m benchmarks.hillstrom [SPLITS]`."""

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retention_lab.catalog import DEFAULT_LEARNERS
from retention_lab.config.loading import read_definition, read_project
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.estimate import Estimate
from retention_lab.uplift.gate import GateRule
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import BETTER, Fitted, SplitRule, fit, split_rows

TITLE = "Hillstrom's three arms over 20 splits"
NOTE = "Means over 20 random splits, with the mean ends of 95 % intervals; the splits share their customers."
FILE = Path("hillstrom") / "hillstrom.csv.gz"
OUTCOMES = ("visit", "spend")
SPLITS = 20
HELD_OUT = 0.3
ROOT = Path(__file__).resolve().parents[1]
# the mail with the higher average effect on either outcome, as published: the constant hardest to beat
BEST_MAIL = "Mens E-Mail"
_MAILS = (BEST_MAIL, "Womens E-Mail")
_GAIN = f"policy_gain.{BEST_MAIL}"
_COLUMNS = {
    **{f"Qini, {mail}": f"qini.{mail}" for mail in _MAILS},
    **{f"AUTOC, {mail}": f"autoc.{mail}" for mail in _MAILS},
    f"choices less {BEST_MAIL} for all": _GAIN,
}
_PER = 1_000  # customers


@dataclass(frozen=True, slots=True)
class Split:
    """What one split says: the verdict, the best learner, and each learner's held-out metrics."""

    better: bool
    best: str
    metrics: Mapping[str, Mapping[str, Estimate]]


def hillstrom_rows(file: Path, outcome: str) -> UpliftRows:
    """The rows of the repository's own definition, with that outcome as the one that is learned."""
    project = read_project(ROOT)
    definition = read_definition(project, "hillstrom", [f"primary={outcome}"])
    if not isinstance(definition, UpliftDefinition):
        raise TypeError("experiments/hillstrom.yaml defines no uplift model")
    return read_flat_rows(project, definition, file)


def train(rows: UpliftRows, seed: int, learners: Sequence[str] = DEFAULT_LEARNERS) -> Fitted:
    """As `lab train` with that seed: a random part is held out, five folds, the default gate."""
    rule = SplitRule(HELD_OUT, None, seed)
    return fit(rows, split_rows(rows, rule), learners, rule, GateRule(), lambda _: None)


def split(rows: UpliftRows, seed: int, learners: Sequence[str] = DEFAULT_LEARNERS) -> Split:
    """Train and judge once."""
    fitted = train(rows, seed, learners)
    metrics = {one.candidate.name: one.evidence.estimates for one in fitted.candidates}
    return Split(fitted.targeting == BETTER, fitted.best, metrics)


def leaderboard(outcome: str, splits: Sequence[Split]) -> list[list[str]]:
    """A row a learner, the one whose choices earn most first, and a row with the verdicts."""
    best = Counter(one.best for one in splits)
    names = sorted(splits[0].metrics, key=lambda name: -_mean_value(splits, name, _GAIN))
    rows = [
        [f"{outcome}: {name}", *(_cell(splits, name, key) for key in _COLUMNS.values()), str(best[name])]
        for name in names
    ]
    better = sum(one.better for one in splits)
    verdict = f"{outcome}: verdict `better` in {better}, `none_better` in {len(splits) - better}"
    return [*rows, [verdict, *("" for _ in _COLUMNS), str(len(splits))]]


def table(file: Path | None = None, splits: int = SPLITS) -> list[list[str]]:
    """Visits, or dollars, per 1,000 customers: means over the splits, with the mean ends of the intervals,
    and in how many splits the interval lay above 0. The first row is the head.

    All splits hold the same customers, so more of them do not make the interval narrower: it is that of one
    split, as a reader of one `lab train` would see it. `best in`: how often a learner was picked, by its
    cross-fitted loss.
    """
    data = Path(os.environ.get("RETENTION_LAB_DATA", ROOT.parent / "shared" / "data"))
    source = file or data / FILE
    rows = [["per 1,000 customers", *_COLUMNS, "best in"]]
    for outcome in OUTCOMES:
        known = hillstrom_rows(source, outcome)
        rows += leaderboard(outcome, [split(known, seed) for seed in range(splits)])
    return rows


def _mean_value(splits: Sequence[Split], name: str, key: str) -> float:
    return float(np.mean([one.metrics[name][key].value for one in splits]))


def _cell(splits: Sequence[Split], name: str, key: str) -> str:
    found = [one.metrics[name][key] for one in splits]
    value, low, high = np.mean([(one.value, one.low, one.high) for one in found], axis=0)
    above = sum(one.low > 0 for one in found)
    return f"{_PER * value:+.2f} [{_PER * low:+.2f}, {_PER * high:+.2f}], {above} above 0"


def _print(rows: list[list[str]]) -> None:
    head, *body = rows
    for line in [head, ["---"] + ["---:"] * (len(head) - 1), *body]:
        print("| " + " | ".join(line) + " |")


if __name__ == "__main__":
    _print(table(splits=int(sys.argv[1]) if len(sys.argv) > 1 else SPLITS))
