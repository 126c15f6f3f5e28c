"""IBM's Telco customers: every churn model out of fold, five folds, three seeds.

Run it with `python -m benchmarks churn_telco`. A model, its imputation, its scaling, its calibration and the
weight of the blend never see the fold that they are judged on."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from retention_lab.arrays import Floats
from retention_lab.calibration_error import calibration_error
from retention_lab.churn.evaluate import evaluate
from retention_lab.churn.labels import given
from retention_lab.churn.profit import Campaign
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.selection import Candidates
from retention_lab.estimate import Estimate
from retention_lab.features import encode, infer_schema
from retention_lab.split import stratified_folds

TITLE = "Churn of IBM's Telco customers"
NOTE = """Out of fold: five folds, means over the seeds 0 to 2, with the mean ends of 95 % intervals. The data
are IBM's sample of a fictional company, 7,043 customers. Every model is calibrated by what the other folds
say. Default parameters were settled on other splits (seeds from 100,000 on) of these same customers.
Calibration error: ten groups of equal size; probabilities that keep their word exactly would show the figure
beside it. Profit per customer of contacting those for whom it pays by the model's probabilities, with a
customer worth 200, an incentive of 10, a contact cost of 1, and 30 % of leavers accepting; contacting
everybody and a perfect model stand below. EMPC: at the thresholds that are best on the same rows. On one row
a customer, the hazard model is the logistic one with a clock. Seconds: CPU for all five folds and the final
fit, one thread; the blend's come on top of those of its two parts."""
FILE = Path("telco_ibm") / "telco_ibm.csv.gz"
MODELS = ("logistic", "lightgbm", "blend", "hazard", "mlp", "forest", "svm", "tree")
SEEDS = (0, 1, 2)
CAMPAIGN = Campaign(clv=200.0, contact_cost=1.0, incentive=10.0, acceptance=0.3)
ROOT = Path(__file__).resolve().parents[1]
_NEVER_FEATURES = ("customerID", "Churn")


@dataclass(frozen=True, slots=True)
class Out:
    """Estimates of one model and seed, the floor of its calibration error, and CPU seconds."""

    estimates: Mapping[str, Estimate]
    if_perfect: float
    seconds: float


def telco(file: Path) -> ChurnSample:
    """The customers; TotalCharges is a number, missing where it is blank; SeniorCitizen a category."""
    table = pa.csv.read_csv(file)
    total = pc.utf8_trim_whitespace(table.column("TotalCharges").cast(pa.string()))
    number = pc.if_else(pc.equal(total, ""), None, total).cast(pa.float64())
    table = table.set_column(table.column_names.index("TotalCharges"), "TotalCharges", number)
    names = [name for name in table.column_names if name not in _NEVER_FEATURES]
    features = encode(table, infer_schema(table, names))
    return ChurnSample(features, given(table.column("Churn"), "Yes"))


def out_of_fold(sample: ChurnSample, seed: int, models: Sequence[str] = MODELS) -> dict[str, Out]:
    """Each model's cross-fitted, calibrated probabilities, judged."""
    clock = sample.features.schema.names.index("tenure")
    candidates = Candidates(sample, stratified_folds(sample.left, 5, seed), seed, (clock, 1.0))
    found = {}
    for name in models:
        start = time.process_time()
        probability = candidates.fit(name).probability
        found[name] = _judged(sample.left, probability, time.process_time() - start)
    return found


def table(file: Path | None = None, seeds: Sequence[int] = SEEDS) -> list[list[str]]:
    """A row a model; the first row is the head."""
    data = Path(os.environ.get("RETENTION_LAB_DATA") or ROOT.parent / "shared" / "data")
    sample = telco(file or data / FILE)
    runs = [out_of_fold(sample, seed) for seed in seeds]
    rows = [
        [
            "model", "AUC", "average precision", "Brier", "log loss", "calibration error", "if perfect",
            "lift at 10 %", "profit per customer", "EMPC", "CPU s",
        ]
    ]  # fmt: skip
    rows += [[name, *_cells([run[name] for run in runs])] for name in MODELS]
    everybody, perfect = np.ones(len(sample)), sample.left
    for name, probability in (("everybody", everybody), ("a perfect model", perfect)):
        profit = evaluate(sample.left, probability, CAMPAIGN).estimates["profit"]
        rows.append([name, *[""] * 7, _interval([profit], 2), "", ""])
    return rows


def _judged(left: Floats, probability: Floats, seconds: float) -> Out:
    found = calibration_error(left, probability)
    return Out(evaluate(left, probability, CAMPAIGN).estimates, found.if_perfect, seconds)


def _cells(runs: Sequence[Out]) -> list[str]:
    def measured(name: str, digits: int) -> str:
        return _interval([run.estimates[name] for run in runs], digits)

    return [
        measured("auc", 4),
        measured("average_precision", 3),
        measured("brier", 4),
        measured("log_loss", 4),
        measured("calibration_error", 4),
        f"{np.mean([run.if_perfect for run in runs]):.4f}",
        measured("lift_at_10", 2),
        measured("profit", 2),
        measured("empc", 2),
        f"{np.mean([run.seconds for run in runs]):.1f}",
    ]


def _interval(found: Sequence[Estimate], digits: int) -> str:
    value, low, high = np.mean([(one.value, one.low, one.high) for one in found], axis=0)
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
