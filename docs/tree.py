"""Write the tree of the package into CONTRIBUTING.md: a line per file, in its own first words.

Run it after adding or renaming a file: python docs/tree.py
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START, END = "<!-- tree: start -->\n", "<!-- tree: end -->"


def tree(root: Path = ROOT) -> str:
    """The package's folders and files, with the first sentence of each."""
    lines = ["```"]
    folder = None
    for file in sorted(
        (root / "retention_lab").rglob("*.py"), key=lambda path: (path.parent.parts, path.name)
    ):
        here = file.parent.relative_to(root)
        if here != folder:
            told = _told(file.parent / "__init__.py")
            lines.append(f"{here.as_posix()}/" + (f"  {told}" if told else ""))
            folder = here
        if file.name != "__init__.py":
            lines.append(f"  {file.stem:<22}{_told(file)}")
    return "\n".join([*lines, "```"]) + "\n"


def with_tree(text: str, root: Path = ROOT) -> str:
    """The text of CONTRIBUTING.md with the tree as it is now."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}{tree(root)}{END}{after}"


def _told(file: Path) -> str:
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


if __name__ == "__main__":
    target = ROOT / "CONTRIBUTING.md"
    target.write_text(with_tree(target.read_text(encoding="utf-8")), encoding="utf-8")
