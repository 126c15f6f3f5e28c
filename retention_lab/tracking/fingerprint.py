"""The SHA-256 of a table's full content, the same however its rows are chunked."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ROWS_AT_ONCE = 65_536


def content_sha256(table: pa.Table) -> str:
    """SHA-256 over names, types and every cell, row order included; chunks, metadata and what lies under a
    null do not count. Text counts as text however Arrow holds it (dictionaries, views, large).

    >>> one, two = pa.table({"a": [1, 2]}), pa.table({"a": pa.chunked_array([[1], [2]])})
    >>> content_sha256(one) == content_sha256(two)
    True
    """
    digest = hashlib.sha256()
    for column in table.schema:
        digest.update(f"{len(column.name)}:{column.name}:{_type_name(column.type)}\n".encode())
    digest.update(f"{table.num_rows}\n".encode())
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        for column in table.slice(start, _ROWS_AT_ONCE).columns:
            _add(digest, column.combine_chunks() if column.num_chunks != 1 else column.chunk(0))
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", array: pa.Array) -> None:
    if isinstance(array, pa.ChunkedArray):  # what combine_chunks gives for several dictionaries
        array = pa.concat_arrays([chunk.cast(_plain(chunk.type)) for chunk in array.chunks])
    kind = _plain(array.type)
    array = array.cast(kind)
    digest.update(np.packbits(pc.is_valid(array).to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_null(kind):
        return
    if pa.types.is_large_list(kind):
        digest.update(pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False).tobytes())
        _add(digest, pc.list_flatten(array))
    elif pa.types.is_struct(kind):
        for part in array.flatten():
            _add(digest, part)
    elif pa.types.is_large_binary(kind):
        _add_bytes(digest, pc.fill_null(array, b""))
    else:
        digest.update(_numbers(array).tobytes())


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type that stands for all ways of holding the same values."""
    types = pa.types
    if types.is_dictionary(kind):
        return _plain(kind.value_type)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return pa.large_binary()
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return pa.large_binary()
    if types.is_fixed_size_binary(kind):
        return pa.large_binary()
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pa.large_list(kind.value_type)
    return kind


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _type_name(kind.value_type)
    return str(kind).replace("large_", "").replace("_view", "")


def _add_bytes(digest: "hashlib._Hash", array: pa.Array) -> None:
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    if len(offsets) < 2:
        return
    digest.update(np.diff(offsets).tobytes())
    data = array.buffers()[2]
    if data is not None:
        digest.update(memoryview(data)[offsets[0] : offsets[-1]])


def _numbers(array: pa.Array) -> np.ndarray:
    kind = array.type
    if pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    elif pa.types.is_decimal(kind):
        text = array.cast(pa.string()).fill_null("")
        return np.frombuffer("\n".join(text.to_pylist()).encode(), dtype=np.uint8)
    elif pa.types.is_temporal(kind):
        array = array.view(pa.int32() if kind.bit_width == 32 else pa.int64())
    return np.asarray(pc.fill_null(array, 0).to_numpy(zero_copy_only=False))
