"""Whatever the files: a study is read, or it is said with a code why not; nothing breaks, and nothing takes long."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus import Case, cases
from trust import Extent

from iwm_bayes.cli import main

_CODED = re.compile(r"^\W*[A-Z]\d{3} ", re.MULTILINE)
_SECONDS = 5.0
_VERBS = {"check": {0, 3}, "plan": {0, 2, 3}}


def outcome(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, float]:
    begun = time.process_time()
    code = main(arguments)
    took = time.process_time() - begun
    said = capsys.readouterr()
    return code, said.err, took


def faults(name: str, verb: str, found: tuple[int, str, float], allowed: set[int]) -> list[str]:
    code, said, took = found
    wrong = []
    if code not in allowed or (code and not _CODED.search(said)):
        wrong.append(f"{name}: {verb} ended with {code}: {said[-300:]}")
    if "Traceback" in said or "X100" in said:
        wrong.append(f"{name}: {verb}: {said[-300:]}")
    if took > _SECONDS:
        wrong.append(f"{name}: {verb} took {took:.1f} s")
    return wrong


@pytest.mark.trust("broken, odd and hostile files end in a coded error or are read, in under 5 s each")
def test_a_study_is_read_or_refused_with_a_code(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    every = cases()
    chosen = every[: extent(short=40, full=len(every))]
    wrong, read, slowest = [], 0, 0.0
    for number, (name, make) in enumerate(chosen):
        folder = prepared(tmp_path / str(number), make)
        for verb, allowed in _VERBS.items():
            found = outcome([verb, str(folder)], capsys)
            wrong += faults(name, verb, found, allowed)
            slowest = max(slowest, found[2])
            read += verb == "check" and found[0] == 0
        for path in answers_in(folder):
            found = outcome(["init", str(path), "--out", "-"], capsys)
            wrong += faults(name, "init", found, {0, 3})
            slowest = max(slowest, found[2])
    extent.found(f"{len(chosen)} files: {read} read, the others refused with a code; at most {slowest:.1f} s")
    assert not wrong, "\n".join(wrong)


def prepared(folder: Path, make: Case) -> Path:
    folder.mkdir()
    make(folder)
    return folder


def answers_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith("answers")]
