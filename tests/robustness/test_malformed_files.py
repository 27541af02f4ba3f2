"""Whatever the files: a study is read, or it is said with a code why not; nothing breaks, and nothing takes long."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus import Case, cases
from panel_files import BY_DATE, CARE, DIARY, EVENTS, LONG, SCORES, THREE, WIDE, YEARS, care
from panel_files import write as write_panel
from trust import Extent

from iwm_bayes.cli import main
from iwm_bayes.resources import folder as folder_of

_CODED = re.compile(r"^\W*[A-Z]\d{3} ", re.MULTILINE)
_SECONDS = 5.0  # of the processor: other programs may have it meanwhile
_HANGS = 60.0  # seconds by the clock
_LEAST = 300
_VERBS = {"check": {0, 3}, "plan": {0, 2, 3}}
_NOISE = np.random.default_rng(5).bytes(3000)
_DESIGN = """format = 1
persons = 40
[scores.anxiety]
dimension = "self"
range = [1, 7]
keyed = "+"
[occasions]
times = [0, 1, 2]
[events.loss]
proportion = 0.5
earliest = 0
latest = 2
"""


@contextmanager
def ended_by_the_clock(name: str) -> Iterator[None]:
    """Let a test fail where what it does has not ended after a minute."""

    def fail(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"{name} has not ended after {_HANGS:.0f} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, _HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcome(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, float]:
    begun = time.process_time()
    with ended_by_the_clock(" ".join(arguments)):
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


@pytest.mark.trust("broken, odd and hostile files end in a coded error or are read, in under 5 s of the processor each")
def test_a_study_is_read_or_refused_with_a_code(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    every = cases()
    assert len(every) >= _LEAST
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


@pytest.mark.trust("broken files of scores, inputs, events, models and designs end in a coded error or are read")
def test_panels_models_and_designs_are_read_or_refused_with_a_code(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = {
        "check": ([*panels()], {0, 3}),
        "plan": ([*designs()], {0, 2, 3}),
        "models show": ([*models()], {0, 4}),
    }
    wrong, read, tried = [], 0, 0
    for verb, (listed, allowed) in kinds.items():
        for name, make in listed:
            folder = prepared(tmp_path / str(tried), make)
            asked = folder if verb == "check" else folder / "made.toml"
            found = outcome([*verb.split(), str(asked)], capsys)
            wrong += faults(name, verb, found, allowed)
            tried, read = tried + 1, read + (found[0] == 0)
    extent.found(f"{tried} files: {read} read, the others refused with a code")
    assert not wrong, "\n".join(wrong)
    assert read < tried / 2


def panels() -> Iterator[Case]:
    """Studies over occasions whose scores, times, inputs or events are broken."""
    for cell in ("inf", "1e400", "oops", "5 5", "9" * 400):
        yield f"scores of {cell[:9]!r}", lambda f, c=cell: write_panel(f, YEARS, WIDE.replace("1.5", c))
    for times in ("[]", "[0, 1]", "[0, 3, 1]", "[0, 1, nan]", "[0, 1, inf]", "[0, 1, 1e400]", '"soon"', "[[0]]"):
        book = f'{SCORES}{THREE}unit = "year"\ntimes = {times}\n'
        yield f"times {times}", lambda f, b=book: write_panel(f, b)
    for words in ("columns = 3", 'columns = "{dimension}"', 'columns = "{dimension}_{occasion}_{item}"'):
        book = YEARS.replace('columns = "{dimension}_{occasion}"', words)
        yield f"scores: {words}", lambda f, b=book: write_panel(f, b)
    for date in ("99999-01-01", "0000-00-00", "2020-02-30", "inf"):
        yield f"an occasion on {date}", lambda f, d=date: write_panel(f, BY_DATE, LONG.replace("2020-12-31", d))
    events = ["", "id,t,what,d,c", "id,t\np1,1", "id,t,what,d,c\np1,1e400,loss,inf,nan", 'id,t,what,d,c\np1,"1,loss']
    events += ["id,t,what,d,c\n" + "p1,1,loss,1,1\n" * 30_000, f"id,t,what,d,c\np1,1,{'x' * 100_000},1,1"]
    for content in events:
        yield f"events {content[:30]!r}", lambda f, c=content: write_panel(f, EVENTS, events=c)
    yield "events of noise", lambda f: (write_panel(f, EVENTS) / "events.csv").write_bytes(_NOISE)
    yield "events in a folder", lambda f: (write_panel(f, EVENTS) / "events.csv").mkdir()
    for value in ("1e400", "-inf", "much", "\0"):
        book = care("since", DIARY)
        yield (
            f"an input of {value!r}",
            lambda f, b=book, v=value: write_panel(f, b, CARE, diary=f"id,t,v\np1,0,{v}\np1,1,2\n"),
        )


def designs() -> Iterator[Case]:
    """Files that plan a design which there cannot be."""
    changes = {
        "persons = 40": [
            "persons = 0",
            "persons = -3",
            "persons = inf",
            'persons = "many"',
            "persons = 2.5",
            "persons = 1000000000",
            f"persons = {'9' * 30}",
        ],
        "times = [0, 1, 2]": ["times = []", "times = [0, nan]", "times = [2, 1]", "times = [0, inf]", "times = 3"],
        "range = [1, 7]": ["range = [7, 1]", "range = [nan, 7]", "range = [1]"],
        "proportion = 0.5": [
            "proportion = 2",
            "proportion = nan",
            "proportion = 0.5\ntimes = -1",
            "proportion = 0.5\ntimes = 100000000",
        ],
        'dimension = "self"': ['dimension = "shelf"', "dimension = []"],
        "format = 1": [
            "x = " + "[" * 5000,
            "format = 2",
            'format = 1\ninstrument = "ecr-rs"',
            "format = 1\nformat = 1",
        ],
    }
    yield from altered(_DESIGN, changes)


def models() -> Iterator[Case]:
    """Files of models which there cannot be."""
    changes = {
        'structure = "single"': ['structure = "both"', "structure = []", f'structure = "{"x" * 100_000}"'],
        'dimensions = ["self", "others"]': ["dimensions = []", 'dimensions = ["self", "self"]', "dimensions = 2"],
        "needs = { occasions = 4 }": ["needs = { occasions = -1 }", "needs = { occasions = inf }", "needs = 4"],
        "{ normal = [0, 0.3] }": ["{ normal = [0, -1] }", "{ normal = [nan, 1] }", "{ normal = [0, inf] }", "{}"],
        "{ dirichlet = 1 }": ["{ dirichlet = 0 }", "{ cauchy = 1 }", "{ normal = [0, 1], beta = [1, 1] }"],
        'process = "diffusion"': ['process = "magic"', 'process = "diffusion"\nprocess = "diffusion"'],
        "format = 1": ["x = " + "{a=" * 3000, "format = 99", "format = " + "9" * 5000],
    }
    yield from altered((folder_of("models") / "prototype.toml").read_text(encoding="utf-8"), changes)


def altered(words: str, changes: dict[str, list[str]]) -> Iterator[Case]:
    """Files of these words with one change each, and three that are no words at all."""
    for old, others in changes.items():
        assert old in words, old
        for new in others:
            text = words.replace(old, new, 1)
            yield f"{new[:40]!r}", lambda f, t=text: (f / "made.toml").write_text(t, encoding="utf-8")
    for name, content in {"no bytes": b"", "noise": _NOISE, "NUL": words.encode().replace(b"self", b"se\0lf")}.items():
        yield name, lambda f, c=content: (f / "made.toml").write_bytes(c)


def prepared(folder: Path, make: Case) -> Path:
    folder.mkdir()
    make(folder)
    return folder


def answers_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith("answers")]
