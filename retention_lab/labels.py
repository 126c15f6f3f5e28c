"""How arms, labels and ids are compared: as text, whatever type a file gave them."""

import pyarrow as pa
import pyarrow.compute as pc


def label_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text of every value: whole numbers lose `.0`, booleans become `true` and `false`, nulls stay.

    >>> label_text(pa.chunked_array([[1.0, 0.0, 2.5]])).to_pylist()
    ['1', '0', '2.5']
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        text = column.cast(pa.string())
        return pc.replace_substring_regex(text, pattern=r"\.0+$", replacement="")
    return column.cast(pa.string())
