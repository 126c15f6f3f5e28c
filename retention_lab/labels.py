"""How arms, labels and ids are compared: as text, whatever type a file gave them."""

import pyarrow as pa
import pyarrow.compute as pc


def label_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text of every value: whole numbers lose `.0`, booleans become `true`, `false`; null and NaN stay null.

    >>> label_text(pa.chunked_array([[1.0, 0.0, 2.5]])).to_pylist()
    ['1', '0', '2.5']
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        return _float_text(column)
    text = column.cast(pa.string())
    if pa.types.is_decimal(column.type):
        return pc.replace_substring_regex(text, pattern=r"\.0+$", replacement="")
    return text


def _float_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # by way of integers: large floats print with an exponent, and would not match the same id as text
    column = pc.if_else(pc.is_nan(column), None, column)
    whole = pc.and_(pc.equal(column, pc.trunc(column)), pc.less(pc.abs(column), 2.0**63))
    integers = pc.if_else(whole, column, 0.0).cast(pa.float64()).cast(pa.int64())
    return pc.if_else(whole, integers.cast(pa.string()), column.cast(pa.string()))
