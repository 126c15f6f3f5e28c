"""What a study is, and the list of all."""

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

NAMES = (
    "abtest_level",
    "abtest_power",
    "abtest_sequential",
    "assignment_exact",
    "budget_band",
    "campaign_logs",
    "churn_reasons",
    "clv_intervals",
    "demand_intervals",
    "kills",
    "measured_profit",
    "overlapping_campaigns",
    "recommend_off_policy",
    "segments_stability",
    "uplift_checks",
    "uplift_intervals",
    "uplift_placebo",
    "uplift_sleeping_dogs",
)
# run them by name; nothing is claimed of them yet
UNRECORDED = ("uplift_intervals_estimated",)

Numbers = dict[str, float]
Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Study:
    """A simulation over cells and seeds.

    question: the docstring of its module. cells: settings by name. about: modules whose change makes it
    stale. run: settings and seed to numbers. summary: the numbers of a cell, as arrays over seeds, to what is
    claimed; its key `pass` says whether the promise held. verdicts: names of the numbers that have to come
    out again where the others cannot, as they hang on the moment and the machine; none: every number has to.
    """

    name: str
    question: str
    cells: Mapping[str, Mapping[str, Any]]
    seeds: Sequence[int]
    about: Sequence[str]
    run: Callable[[Mapping[str, Any], int], Numbers]
    summary: Callable[[Columns], dict[str, Any]]
    verdicts: Sequence[str] = ()

    @property
    def source_sha256(self) -> str:
        """Hash of every source file that the study is about, the study itself among them."""
        digest = hashlib.sha256()
        for path in sorted(
            path for module in (*self.about, f"evidence.{self.name}") for path in files(module)
        ):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def study(name: str) -> Study:
    """The study of that name, from the module `evidence.<name>`."""
    module = importlib.import_module(f"evidence.{name}")
    return Study(
        name,
        (module.__doc__ or "").strip(),
        module.CELLS,
        module.SEEDS,
        module.ABOUT,
        module.run,
        module.summary,
        getattr(module, "VERDICTS", ()),
    )


def files(module: str) -> list[Path]:
    """The source files of a module, or of every module in a package."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError(f"no module {module!r} to be about")
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]


def coverage(columns: Columns, name: str, nominal: float = 0.95) -> dict[str, Any]:
    """How often `<name>_low`..`_high` held `<name>_truth`, with the band of 3.3 binomial standard errors.

    Seeds without an interval (NaN) are counted beside it and never as covered.
    """
    low, high, truth = (columns[f"{name}_{end}"] for end in ("low", "high", "truth"))
    given = np.isfinite(low) & np.isfinite(high)
    count = int(given.sum())
    covered = (low <= truth) & (truth <= high) & given
    band = 3.3 * float(np.sqrt(nominal * (1 - nominal) / max(count, 1)))
    share = float(covered.sum() / max(count, 1))
    return {
        "seeds": len(low),
        "intervals": count,
        "coverage": share,
        "nominal": nominal,
        "band": [nominal - band, min(1.0, nominal + band)],
        "pass": count > 0 and abs(share - nominal) <= band,
        "truth_below": float((truth < low)[given].mean()),
        "truth_above": float((truth > high)[given].mean()),
        "mean_length": float((high - low)[given].mean()),
        "mean_truth": float(truth[given].mean()),
    }
