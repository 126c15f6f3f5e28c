"""A file written for a test, and read back."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from retention_lab.data.read import read_flat


def read(folder: Path, content: str | bytes, name: str = "table.csv", **options: Any) -> pa.Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_flat(path, **options)
