"""What was measured as rows of one table, and how commands and scripts are measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
TINY = os.environ.get("IWM_BENCHMARK") == "tiny"
SEEDS = (1,) if TINY else (1, 2, 3)

type Row = dict[str, Any]


def write_rows(rows: Sequence[Row]) -> None:
    """Write rows beside those that were measured before and not again: `pytest -k` measures some only."""
    machine = {"processors": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    new = {row["what"] for row in rows}
    before = json.loads(RESULTS.read_text())["rows"] if RESULTS.is_file() else []
    kept = [row for row in before if row["what"] not in new]
    RESULTS.write_text(json.dumps({"machine": machine, "rows": [*kept, *rows]}, indent=2) + "\n")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as Markdown."""
    lines = ["| What | Measured | Aim |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row['what']} | {row['measured']} | {row['aim']} |" for row in rows)])


def measured(script: str, *arguments: str) -> Row:
    """Return what a script beside this file measures in a process of its own."""
    done = subprocess.run([sys.executable, str(HERE / script), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def needs(path: Path) -> None:
    """Skip what cannot be measured without a file."""
    if not path.is_file():
        pytest.skip(f"{path.name} is not on this machine")
