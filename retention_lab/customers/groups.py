"""Customers by the name of the group that each is in."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools


def by_group(groups: Sequence[str | None]) -> list[tuple[str | None, Bools]]:
    """Every name with (n,) who is in it, sorted; None, for customers of no group, comes last.

    >>> {name: inside.tolist() for name, inside in by_group(["b", None, "a"])}
    {'a': [False, False, True], 'b': [True, False, False], None: [False, True, False]}
    """
    coded = pa.array(groups, pa.string()).dictionary_encode()
    names: list[str] = coded.dictionary.to_pylist()
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False))
    found: list[tuple[str | None, Bools]] = [(name, codes == names.index(name)) for name in sorted(names)]
    return [*found, *([(None, codes < 0)] if (codes < 0).any() else [])]
