"""Parquet files become tables; a small one can hold very many cells, so these are counted before they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .codebook import FileFormat
from .foreign import names_twice, or_unreadable
from .limits import limits
from .table import Table, column_of

_TEXTS = ("string", "large_string")


def read_parquet(path: Path, file: FileFormat) -> Table:
    """Return the table in a Parquet file."""
    return or_unreadable(path, "a Parquet file", lambda: _table(path))


def _table(path: Path) -> Table:
    import pyarrow.parquet

    parquet = pyarrow.parquet.ParquetFile(path)
    schema = parquet.schema_arrow
    _refuse_large(parquet.metadata, path)
    names = [name for name in schema.names if not name.startswith("__index_level_")]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise names_twice(path, twice)
    texts = [field.name for field in schema if str(field.type) in _TEXTS]
    once = pyarrow.parquet.ParquetFile(path, read_dictionary=texts)  # a long text is in memory once
    arrow = once.read(columns=names, use_threads=False)
    columns = [column_of(name, _values(column)) for name, column in zip(names, arrow.columns, strict=True)]
    return Table(tuple(columns), arrow.num_rows)


def _refuse_large(about: Any, path: Path) -> None:
    """Refuse a file by what it says of its size: bytes unpacked, rows, columns, and values, lists counted through."""
    most = limits()
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    most.refuse_bytes(path.name, sum(group.total_byte_size for group in groups), unpacked=True)
    values = [group.column(number).num_values for group in groups for number in range(group.num_columns)]
    most.refuse_cells(path.name, sum(values))
    most.refuse_shape(path.name, about.num_rows, about.num_columns)


def _values(column: Any) -> Iterator[Any]:
    """Yield the values of a column of Parquet, each text once in memory however often it occurs."""
    for chunk in column.chunks:
        if hasattr(chunk, "dictionary"):
            words = chunk.dictionary.to_pylist()
            yield from (None if code is None else words[code] for code in chunk.indices.to_pylist())
        else:
            yield from chunk.to_pylist()
