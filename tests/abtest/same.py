"""Whether two engines gave one answer."""

from typing import Any

import pytest


def assert_equal(found: Any, expected: Any, place: str = "") -> None:
    """Numbers to 1e-9, everything else as it stands; a number in a text is rounded there already."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), place
        for name in expected:
            assert_equal(found[name], expected[name], f"{place}.{name}")
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), place
        for i, one in enumerate(expected):
            assert_equal(found[i], one, f"{place}.{i}")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), place
    else:
        assert found == expected, place
