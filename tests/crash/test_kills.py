"""kill -9 while a command writes, and what is left; `evidence/kills.py` does it at many more moments."""

import pytest

from evidence import kills


@pytest.mark.slow
@pytest.mark.parametrize("command", kills.CELLS)
@pytest.mark.parametrize("seed", [1, 2])  # at a random moment of the work; when a file appears
def test_a_killed_command_leaves_nothing_broken(command: str, seed: int) -> None:
    found = kills.run(kills.CELLS[command], seed)
    assert {name: found[name] for name in kills.VERDICTS if found[name]} == {}


@pytest.mark.slow
def test_an_export_killed_between_its_two_files_leaves_no_manifest_of_other_bytes() -> None:
    found = kills.kill("export", kills.Moment(0.0, "campaigns/*/send/*.csv"), older_export=True)
    assert {name: found[name] for name in kills.VERDICTS if found[name]} == {}


@pytest.mark.slow
def test_a_launch_killed_between_its_two_files_is_no_launch_and_can_be_made() -> None:
    found = kills.kill("launch", kills.Moment(0.0, "data/propensities/*.parquet"))
    assert {name: found[name] for name in kills.VERDICTS if found[name]} == {}
