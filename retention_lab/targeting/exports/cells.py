"""Cells of a CSV that no spreadsheet runs as a formula, and lines and files made of them."""

from collections.abc import Iterable, Sequence
from typing import Final

# What a spreadsheet takes for the start of a formula, the full-width forms among them.
FORMULA_STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")
# A separator of any country's spreadsheets, or a line's end: such cells are quoted.
QUOTED: Final = frozenset(',;\t|"\r\n')


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the cell.

    >>> is_formula(" =1+1"), is_formula("anna")
    (True, False)
    """
    return text.lstrip(" \u00a0").startswith(FORMULA_STARTS)


def cell(text: str) -> str:
    """One cell: harmless in a spreadsheet, quoted where a reader could take part of it for another cell.

    >>> cell("=1+1"), cell("a;=1+1"), cell("anna")
    ("'=1+1", '"a;=1+1"', 'anna')
    """
    return quoted("'" + text if is_formula(text) else text)


def quoted(text: str) -> str:
    """One cell as it is, quoted where it has to be; for cells whose alphabet holds no formula.

    >>> quoted("+4915123456789"), quoted("a,b")
    ('+4915123456789', '"a,b"')
    """
    return '"' + text.replace('"', '""') + '"' if QUOTED & set(text) else text


def files_of(header: Sequence[str], lines: Iterable[str], max_bytes: int | None) -> list[tuple[bytes, int]]:
    """(content, rows) of as many files as a size of `max_bytes` asks for, each with the header; at least one.

    lines: in order, without their ends.

    >>> files_of(["a"], ["1", "2", "3"], 6)
    [(b'a\\n1\\n2\\n', 2), (b'a\\n3\\n', 1)]
    """
    head = (",".join(map(cell, header)) + "\n").encode()
    files, parts, size = [], [head], len(head)
    for line in lines:
        data = (line + "\n").encode()
        if len(parts) > 1 and max_bytes is not None and size + len(data) > max_bytes:
            files.append((b"".join(parts), len(parts) - 1))
            parts, size = [head], len(head)
        parts.append(data)
        size += len(data)
    return [*files, (b"".join(parts), len(parts) - 1)]
