"""What customers' own words add to a churn model: the simulated retailer, with and without them.

Run it with `python -m benchmarks feedback_churn`. Each version of the model is judged on the same customers,
whom none of them was trained on, at the last look."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from retention_lab.config.loading import read_project
from retention_lab.estimate import Estimate
from retention_lab.workflows.evaluate import evaluate
from retention_lab.workflows.evaluate_churn import ChurnEvaluation
from retention_lab.workflows.project import Lab
from retention_lab.workflows.scaffold import scaffold
from retention_lab.workflows.score_tone import score_tone
from retention_lab.workflows.simulated_data import simulate_into
from retention_lab.workflows.train import train

TITLE = "What customers' words add to a churn model"
CUSTOMERS, SEED = 10_000, 1
NOTE = f"""The simulated retailer, {CUSTOMERS:,} customers (seed {SEED}), the ready definition `churn`,
candidates logistic and lightgbm. Three versions: behaviour alone; with the scores that customers gave; with
the tone of what they wrote besides (`mean_tone` and `complaints`, which `lab feedback tone` adds). The tone's
model learned only from messages before the first look. Differences are paired, on the same held-out customers
at the last look, with 95 % intervals; below 0 is better in log loss, above 0 in AUC."""
FIRST_LOOK = datetime(2025, 6, 1)  # before the first of the definition's looks, which end on 2026-03-01
SCORES = ("feedbacks", "mean_score")
TONE = ("mean_tone", "complaints")


def table(customers: int = CUSTOMERS, seed: int = SEED) -> list[list[str]]:
    """A row a comparison; the first row is the head."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RETENTION_LAB_KEY_FILE"] = str(Path(folder) / "key")
        scaffold(Path(folder) / "lab")
        lab = Lab(read_project(Path(folder) / "lab"))
        simulate_into(lab, customers=customers, seed=seed)
        return [
            [
                "version", "against", "customers", "AUC", "log loss", "difference in AUC",
                "difference in log loss",
            ],
            *_rows(lab),
        ]  # fmt: skip


def _rows(lab: Lab) -> list[list[str]]:
    train(lab, "feedback", as_of=FIRST_LOOK, say=_silent)
    score_tone(lab, "feedback")
    versions = {
        "behaviour": _exclude(*SCORES, *TONE),
        "behaviour and scores": _exclude(*TONE),
        "behaviour, scores and tone": _exclude(),
    }
    for overrides in versions.values():
        train(lab, "churn", overrides=(*overrides, "models=[logistic, lightgbm]"), say=_silent)
    names = list(versions)
    rows = []
    for one, other in ((2, 1), (2, 0), (1, 0)):
        found = evaluate(lab, f"churn/{one + 1}", against=f"churn/{other + 1}")
        assert isinstance(found, ChurnEvaluation)
        level, paired = found.evidence.estimates, found.difference
        rows.append(
            [
                names[one],
                names[other],
                f"{found.rows:,}",
                *(_interval(one, "") for one in (level["auc"], level["log_loss"])),
                *(_interval(one, "+") for one in (paired["auc"], paired["log_loss"])),
            ]
        )
    return rows


def _exclude(*names: str) -> tuple[str, ...]:
    return (f"exclude=[{', '.join(names)}]",)


def _interval(found: Estimate, sign: str) -> str:
    return f"{found.value:{sign}.4f} [{found.low:{sign}.4f}, {found.high:{sign}.4f}]"


def _silent(text: str) -> None:
    del text
