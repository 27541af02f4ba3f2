"""One table of everything that is measured in a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from speed_table import TINY, Row, table, write_rows


@pytest.fixture(scope="session")
def rows() -> Iterator[list[Row]]:
    """Collect what was measured; print the table and write the file at the end."""
    found: list[Row] = []
    yield found
    print("\n\n" + table(found))
    if not TINY:
        write_rows(found)
