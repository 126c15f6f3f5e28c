import numpy as np
import pytest

from retention_lab.customers.lifecycle import STAGES, stage_rows, stage_transitions
from retention_lab.customers.transitions import NOT_KNOWN, transitions
from retention_lab.errors import LabError


def test_shares_are_of_those_whose_stage_is_known() -> None:
    rows = {row["stage"]: row for row in stage_rows(["new", "new", "active", None])}
    assert rows["new"]["customers"] == 2
    assert rows["new"]["share"]["value"] == pytest.approx(2 / 3)
    assert rows[None]["customers"] == 1
    assert sum(row["customers"] for row in rows.values()) == 4
    assert set(STAGES) <= set(rows)


def test_every_customer_moves_once() -> None:
    rng = np.random.default_rng(1)
    names = [*STAGES, None]
    before, after = ([names[i] for i in rng.integers(0, 7, 300)] for _ in range(2))
    found = stage_transitions(before, after)
    assert found.counts.sum() == 300
    assert found.stayed == sum(
        a == b for a, b in zip([x or NOT_KNOWN for x in before], [x or NOT_KNOWN for x in after], strict=True)
    )
    pairs = sum(a == "new" and b == "active" for a, b in zip(before, after, strict=True))
    of = before.count("new")
    assert found.share("new", "active").value == pytest.approx(pairs / of)
    assert sum(row["customers"] for row in found.rows()) == 300


def test_nobody_moves_between_equal_dates() -> None:
    stages = ["new", "churned", "active"]
    found = stage_transitions(stages, stages)
    assert found.stayed == 3
    assert (found.counts == np.diag(np.diag(found.counts))).all()


def test_states_of_other_names_and_other_customers_are_refused() -> None:
    with pytest.raises(LabError, match="'gone'"):
        transitions(["gone"], ["new"], STAGES)
    with pytest.raises(LabError, match="cannot be compared"):
        transitions(["new"], [], STAGES)
