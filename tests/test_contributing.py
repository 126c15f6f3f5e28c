"""CONTRIBUTING.md shows the tree as it is."""

import runpy

from tests.shared_data import ROOT


def test_the_tree_in_contributing_is_up_to_date() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    written = runpy.run_path(str(ROOT / "docs" / "tree.py"))["with_tree"](text)
    assert text == written, "run: python docs/tree.py"
