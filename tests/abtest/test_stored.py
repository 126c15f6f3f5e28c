import numpy as np
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.stored import NAMES, from_files, to_files
from retention_lab.abtest.summarise import summarise
from retention_lab.errors import LabError
from tests.abtest.units import MEAN, SHARE, arms, spec


def test_a_summary_comes_back_to_the_last_bit() -> None:
    rng = np.random.default_rng(1)
    more = {
        "bought": (rng.random(900) < 0.3).astype(float),
        "tier": rng.choice(["x", "y"], 900),
        "day": np.datetime64("2026-03-01") + rng.integers(0, 5, 900).astype("timedelta64[D]"),
    }
    table = arms(rng.normal(size=400), rng.normal(size=500), **more)
    p90 = {"name": "p90", "type": "quantile", "column": "spend", "q": 0.9}
    asked = spec(
        {**MEAN, "winsorise": 0.99},
        SHARE,
        p90,
        exposed_at="day",
        strata="tier",
        analysis={"segments": ["tier"]},
    )
    summary = summarise(table, asked)
    again = from_files(to_files(summary))
    assert again.arms == summary.arms
    assert again.days == summary.days
    assert again.caps == summary.caps
    assert analyze(again, asked).as_json() == analyze(summary, asked).as_json()


def test_another_format_is_refused() -> None:
    files = to_files(summarise(arms(np.arange(9.0), np.arange(9.0)), spec()))
    files[NAMES] = files[NAMES].replace(b'"format": 1', b'"format": 99')
    with pytest.raises(LabError, match="format 99"):
        from_files(files)


def test_no_unit_stands_in_the_files() -> None:
    table = arms(np.arange(50.0), np.arange(50.0), unit=np.array([f"customer-{i}" for i in range(100)]))
    files = to_files(summarise(table, spec(unit="unit")))
    assert not any(b"customer-" in data for data in files.values())
