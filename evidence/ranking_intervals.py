"""Every interval and test of a ranking on one sample, beside the truth; and what many samples say of them."""

from typing import Any

import numpy as np

from evidence.ranked_population import Rows, Truth
from evidence.studies import Columns, Numbers, coverage
from retention_lab.arrays import Floats
from retention_lab.estimate import Estimate
from retention_lab.off_policy import policy_value
from retention_lab.uplift.groups import group_effects_of
from retention_lab.uplift.policy import greedy_policy
from retention_lab.uplift.ranking import autoc_of, qini, qini_difference, qini_of, ranked, uplift_at_of

_INTERVALS = (
    "policy_value",
    "qini",
    "autoc",
    "uplift_at_10",
    "uplift_at_20",
    "uplift_at_30",
    "top_less_bottom",
)
_TESTS = ("against_random", "paired")


def intervals(gamma: Floats, rows: Rows, known: Truth) -> Numbers:
    """Ends and truths by metric, whether the bands of the groups held, and whether each test was alarmed.

    gamma: (n, 2) doubly robust scores of the rows.
    """
    e = gamma[:, 1] - gamma[:, 0]
    order = ranked(e, rows.effect)
    groups = group_effects_of(order)
    found = {
        "policy_value": policy_value(gamma, greedy_policy(rows.effect[:, None])),
        "qini": qini_of(order),
        "autoc": autoc_of(order),
        **{f"uplift_at_{100 * share:.0f}": uplift_at_of(order, share) for share in known.tops},
        "top_less_bottom": groups.top_less_bottom,
    }
    numbers: Numbers = {}
    for name, estimate in found.items():
        numbers |= _interval(name, estimate, _true(known, name))
    band = zip(groups.groups, known.groups, strict=True)
    numbers["bands_held"] = float(all(one.low <= value <= one.high for one, value in band))
    numbers["against_random"] = float(_p(qini(e, rows.random)) < 0.05)
    numbers["paired"] = float(_p(qini_difference(e, *rows.pair)) < 0.05)
    return numbers


def judged(columns: Columns) -> dict[str, Any]:
    """Coverage and false alarms of a cell; `pass` where each is as near to nominal as chance allows."""
    parts = {name: coverage(columns, name) for name in _INTERVALS}
    parts["bands"] = _rate(columns["bands_held"], 0.95)
    parts |= {name: _rate(columns[name], 0.05) for name in _TESTS}
    missed = [name for name, part in parts.items() if not part["pass"]]
    return {**parts, "missed": ", ".join(missed), "pass": not missed}


def _interval(name: str, estimate: Estimate, true: float) -> Numbers:
    return {f"{name}_low": estimate.low, f"{name}_high": estimate.high, f"{name}_truth": true}


def _true(known: Truth, name: str) -> float:
    if name == "top_less_bottom":
        return float(known.groups[-1] - known.groups[0])
    if name.startswith("uplift_at_"):
        return known.tops[int(name.removeprefix("uplift_at_")) / 100]
    return float(getattr(known, name))


def _p(estimate: Estimate) -> float:
    return 1.0 if estimate.p_value is None else estimate.p_value


def _rate(held: np.ndarray, nominal: float) -> dict[str, Any]:
    band = 3.3 * float(np.sqrt(nominal * (1 - nominal) / len(held)))
    rate = float(np.mean(held))
    return {
        "seeds": len(held),
        "rate": rate,
        "nominal": nominal,
        "band": [nominal - band, nominal + band],
        "pass": abs(rate - nominal) <= band,
    }
