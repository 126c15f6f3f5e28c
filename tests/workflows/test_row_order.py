"""The order of a file's rows, and what its arms are called, decide nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.workflows.uplift_report import UpliftReport
from tests.workflows.flat_labs import customers, flat_lab, trained

ORDER = np.random.default_rng(5).permutation(3000)
NAMES = {"coupon": "the 10 % coupon", "letter": "the letter", "none": "a control"}
MODEL: dict[str, Any] = {
    "planned_shares": {"none": 0.34, "coupon": 0.33, "letter": 0.33},
    "validation": {"share": 0.4},
}


def table() -> pa.Table:
    found = customers(3000, offers=("coupon", "letter"))
    some = np.random.default_rng(6).random(3000) < 0.1
    return found.set_column(2, "before", pa.array(np.asarray(found["before"]), mask=some))


def renamed(found: pa.Table) -> pa.Table:
    place = found.column_names.index("arm")
    return found.set_column(place, "arm", pa.array([NAMES[arm] for arm in found["arm"].to_pylist()]))


def numbers(report: UpliftReport) -> dict[str, float]:
    """Everything measured, by the arms' own names."""
    found: dict[str, float] = {}
    back = {new: old for old, new in NAMES.items()}

    def collect(value: object, path: str) -> None:
        if isinstance(value, dict):
            own = [str(value[key]) for key in ("model", "arm", "outcome", "name") if key in value]
            for key, inner in value.items():
                if key != "seconds":
                    collect(inner, ".".join([path, *own, str(key)]))
        elif isinstance(value, list):
            for inner in value:
                collect(inner, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            for new, old in back.items():
                path = path.replace(new, old)
            found[path] = float(value)

    document = report.as_json()
    for part in ("metrics", "effects", "gate", "checks", "candidates"):
        collect(document[part], part)
    return found


@pytest.mark.parametrize("change", ["order", "names", "both"])
@pytest.mark.parametrize("by_id", [True, False])
def test_a_training_comes_out_the_same(tmp_path: Path, change: str, by_id: bool) -> None:
    ours = table() if by_id else table().drop_columns("customer")
    keys: dict[str, Any] = {**MODEL, "id": "customer" if by_id else None}
    theirs, other = ours, dict(keys)
    if change != "names":
        theirs = theirs.take(pa.array(ORDER))
    if change != "order":
        theirs = renamed(theirs)
        other["treatment"] = {"column": "arm", "control": NAMES["none"]}
        other["planned_shares"] = {NAMES[arm]: share for arm, share in MODEL["planned_shares"].items()}
    one = trained(flat_lab(tmp_path / "one", ours, **keys))
    again = trained(flat_lab(tmp_path / "two", theirs, **other))
    assert (one.winner, one.targeting) == (again.winner, again.targeting)
    expected, found = numbers(one), numbers(again)
    assert len(expected) > 100
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
