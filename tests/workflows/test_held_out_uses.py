from pathlib import Path

import numpy as np
import pytest

from retention_lab.tracking.runs import start_run
from retention_lab.tracking.store import Store, open_store
from retention_lab.workflows.held_out_uses import HELD_OUT_TAG, held_out_part, held_out_uses


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


def look(store: Store, experiment: str, part: str) -> None:
    with start_run(store, experiment, "x", {HELD_OUT_TAG: part}):
        pass


def test_a_part_is_named_by_its_customers_whatever_their_order_and_repetition() -> None:
    keys = np.array([5, 3, 9], dtype=np.uint64)
    assert held_out_part(keys) == held_out_part(keys[::-1]) == held_out_part(np.repeat(keys, 3))
    assert held_out_part(keys) != held_out_part(keys[:2])


def test_trainings_and_evaluations_of_the_same_customers_are_counted(store: Store) -> None:
    part, other = held_out_part(np.arange(10)), held_out_part(np.arange(11))
    assert held_out_uses(store, "mail", part) == 0
    for experiment in ("train/mail", "evaluate/mail", "train/mail"):
        look(store, experiment, part)
    look(store, "train/mail", other)
    look(store, "train/another", part)
    look(store, "campaign/mail", part)
    assert held_out_uses(store, "mail", part) == 3
    assert held_out_uses(store, "mail", other) == 1
