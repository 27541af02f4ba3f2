"""Fixtures of the tests of robustness."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from stopping import children, two_runs, uninterrupted

__all__ = ["children", "two_runs", "uninterrupted"]
