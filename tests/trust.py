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
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from trust_report import HERE, RESULTS, read_results, table

PROGRAM = ("iwm_bayes/**/*", "models/*.toml", "data/**/*", "requirements.lock")
_IMPORTED = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
_KEEPING = {"trust", "trust_report"}  # how results are kept has no part in them
_HELD = "passed on"
_SECONDS, _DIGEST = pytest.StashKey[float](), pytest.StashKey[str]()


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
            item.add_marker(pytest.mark.trust(_in_words(item)))
    if not config.getoption("--full"):
        return
    kept = {} if config.getoption("--again") else read_results()
    for item in items:
        if item.get_closest_marker("trust") is None:
            continue
        item.stash[_DIGEST] = digest_of(item.path)  # now, as they are imported: files may change while tests run
        result = kept.get(item.nodeid, {})
        if result.get("passed") and result["digest"] == item.stash[_DIGEST]:
            item.add_marker(pytest.mark.skip(reason=f"{_HELD} {result['date']}, nothing has changed"))


@pytest.fixture
def extent(request: pytest.FixtureRequest) -> Extent:
    """How much of a promise is tried."""
    request.node.extent = Extent(full=request.config.getoption("--full"))
    return request.node.extent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep what a test found; what was skipped, or has no fixtures, has not held."""
    report = yield
    marker = item.get_closest_marker("trust")
    if marker is None or not item.config.getoption("--full"):
        return report
    item.stash[_SECONDS] = item.stash.get(_SECONDS, 0.0) + report.duration
    untried = report.skipped and not report.longrepr[2].startswith(f"Skipped: {_HELD}")
    if report.failed or untried or (report.when == "call" and report.passed):
        said = getattr(item, "extent", Extent(full=True)).said
        row = {
            "promise": marker.args[0],
            "found": f"not tried: {report.longrepr[2].removeprefix('Skipped: ')}" if untried else said,
            "passed": report.passed,
            "seconds": round(item.stash[_SECONDS]),
            "date": datetime.date.today().isoformat(),
            "digest": item.stash[_DIGEST],
        }
        with FileLock(RESULTS.with_suffix(".lock")):  # of the processes that tests are shared between
            write_results(read_results() | {item.nodeid: row})
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("--full"):
        terminalreporter.write_line("\n" + table(read_results()))


def _in_words(item: pytest.Item) -> str:
    """Return the name of a test as a sentence, the same for all of its parameters."""
    return getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")


def digest_of(test: Path) -> str:
    """Return the digest of the program with all that it reads, and of a file of tests with what it is made of."""
    found = hashlib.sha256(_program().encode())
    for path in sorted(_made_of(test)):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


@cache
def _program() -> str:
    found = hashlib.sha256()
    for path in sorted(path for pattern in PROGRAM for path in HERE.parent.glob(pattern) if path.is_file()):
        if "__pycache__" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()


def _made_of(test: Path, known: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """Return a file of tests, what pytest reads before it, and the modules of the tests that these import."""
    known = known | {test}
    for path in (HERE / "conftest.py", test.parent / "conftest.py"):
        if path.exists() and path not in known:
            known = _made_of(path, known)
    for name in set(_IMPORTED.findall(test.read_text(encoding="utf-8"))) - _KEEPING:
        for folder in (HERE, test.parent, HERE / "unit"):
            path = folder / f"{name}.py"
            if path.exists() and path not in known:
                known = _made_of(path, known)
    return known


def write_results(results: dict[str, dict[str, Any]]) -> None:
    """Keep what was found, whole or not at all."""
    beside = RESULTS.with_suffix(".part")
    beside.write_text(json.dumps(dict(sorted(results.items())), indent=2) + "\n", encoding="utf-8")
    beside.replace(RESULTS)
