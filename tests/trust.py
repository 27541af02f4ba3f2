"""What is promised, with the tests that show it: short in every run, at full extent in `make trust`.

A test says what it shows by ``@pytest.mark.trust("…")``, how much of it by ``extent(short=…, full=…)``, and what it
found by ``extent.found("…")``. With ``--full`` results are kept in ``trust.json`` with the date and a digest of the
program and the test; what passed with the same digest is not run again, so that an interrupted run can be taken up.
A test that is nothing if not long is marked ``statistical`` instead, and left out of every other run; what it shows is
its name.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PROGRAM = HERE.parent / "iwm_bayes"
RESULTS = HERE / "trust.json"


class Extent:
    """How much of a promise is tried in this run, and what was found."""

    def __init__(self, *, full: bool) -> None:
        self.is_full = full
        self.said = ""

    def __call__(self, *, short: int, full: int) -> int:
        """Return how many cases to try: few, or with ``--full`` all of them."""
        return full if self.is_full else short

    def found(self, said: str) -> None:
        """Keep a sentence, with its numbers, for the table."""
        self.said = said


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="everything that is promised, at full extent")
    parser.addoption("--again", action="store_true", help="with --full: also what has passed and has not changed since")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "trust(promise): shows what is promised; at full extent in `make trust`")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("statistical") and not item.get_closest_marker("trust"):
            item.add_marker(pytest.mark.trust(item.name.removeprefix("test_").replace("_", " ")))
    if not config.getoption("--full"):
        return
    kept = {} if config.getoption("--again") else read_results()
    for item in items:
        result = kept.get(item.nodeid, {})
        if result.get("passed") and result["digest"] == digest_of(item.path):
            item.add_marker(pytest.mark.skip(reason=f"passed on {result['date']}, nothing has changed"))


@pytest.fixture
def extent(request: pytest.FixtureRequest) -> Extent:
    """How much of a promise is tried."""
    request.node.extent = Extent(full=request.config.getoption("--full"))
    return request.node.extent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    marker = item.get_closest_marker("trust")
    if marker is None or not item.config.getoption("--full"):
        return (yield)
    begun, passed = time.perf_counter(), False
    try:
        result = yield
        passed = True
        return result
    finally:
        row = {
            "promise": marker.args[0],
            "found": getattr(item, "extent", Extent(full=True)).said,
            "passed": passed,
            "seconds": round(time.perf_counter() - begun),
            "date": datetime.date.today().isoformat(),
            "digest": digest_of(item.path),
        }
        write_results(read_results() | {item.nodeid: row})


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("--full"):
        terminalreporter.write_line("\n" + table(read_results()))


def digest_of(test: Path) -> str:
    """Return the digest of the program and of one file of tests."""
    found = hashlib.sha256(test.read_bytes())
    for path in sorted(PROGRAM.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def read_results() -> dict[str, dict[str, Any]]:
    """Return what was found last, by test."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def write_results(results: dict[str, dict[str, Any]]) -> None:
    """Keep what was found, whole or not at all."""
    beside = RESULTS.with_suffix(".part")
    beside.write_text(json.dumps(dict(sorted(results.items())), indent=2) + "\n", encoding="utf-8")
    beside.replace(RESULTS)


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return what is promised and what was found, one line each, as Markdown."""
    rows = ["| promise | found | | took | on |", "|---|---|---|---|---|"]
    for row in results.values():
        held = "held" if row["passed"] else "**did not hold**"
        rows.append(f"| {row['promise']} | {row['found']} | {held} | {row['seconds']} s | {row['date']} |")
    return "\n".join(rows)
