"""Small A/B tests for tests."""

from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.abtest.specification import Specification, specification

MEAN: dict[str, Any] = {"name": "spend", "type": "mean", "column": "spend", "role": "primary"}
SHARE: dict[str, Any] = {"name": "bought", "type": "proportion", "column": "bought", "role": "primary"}


def spec(*metrics: dict[str, Any], analysis: dict[str, Any] | None = None, **more: Any) -> Specification:
    """Arms a (control) and b; looked at once, unless `analysis` says otherwise."""
    return specification(
        {
            "arm": "arm",
            "control": "a",
            "metrics": list(metrics or (MEAN,)),
            "analysis": {"sequential": "fixed", **(analysis or {})},
            **more,
        }
    )


def arms(control: Any, treated: Any, **more: Any) -> pa.Table:
    """A table with the column `spend` of both arms, and others that hold both arms' values in that order."""
    spend = np.concatenate([np.asarray(control, dtype=np.float64), np.asarray(treated, dtype=np.float64)])
    arm = ["a"] * len(control) + ["b"] * len(treated)
    return pa.table({"arm": arm, "spend": spend, **{name: np.asarray(value) for name, value in more.items()}})
