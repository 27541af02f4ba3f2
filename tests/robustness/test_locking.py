"""Of several processes that write to one run folder one wins, and the others say who holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from children import Children, contend, verb
from stopping import Uninterrupted
from test_stopped_fits import same

from iwm_bayes.inference import load

CONTENDERS = 8


@pytest.mark.trust("of eight processes that write to one run folder one wins, and the others are told who it is")
def test_one_of_eight_wins(children: Children, tmp_path: Path, extent: Any) -> None:
    count = extent(short=2, full=25)
    for number in range(count):
        folder, marks = tmp_path / f"run{number}", tmp_path / f"marks{number}"
        marks.mkdir()
        started = [children.start(contend, folder, marks, one, CONTENDERS) for one in range(CONTENDERS)]
        assert [children.ended(child) for child in started] == [0] * CONTENDERS
        won, lost = list(marks.glob("won-*")), list(marks.glob("lost-*"))
        assert (len(won), len(lost)) == (1, CONTENDERS - 1)
        winner = started[int(won[0].name.partition("-")[2])].pid
        assert all(f"S732 {folder} is being written to by process {winner} on" in path.read_text() for path in lost)
        assert list(folder.iterdir()) == []
    extent.found(f"{count} × {CONTENDERS} processes: one winner each, {count * (CONTENDERS - 1)} told who")


@pytest.mark.statistical  # eight fits
@pytest.mark.trust("of eight fits in one folder one is made; the others end with exit code 7, or read it")
def test_eight_fits_in_one_folder(
    children: Children, uninterrupted: Uninterrupted, tmp_path: Path, extent: Any
) -> None:
    run, logs = tmp_path / "run", [tmp_path / f"{number}.log" for number in range(CONTENDERS)]
    started = [children.start(verb, uninterrupted.command(run), log) for log in logs]
    codes = [children.ended(child) for child in started]
    refused = [code == 7 and "S732" in log.read_text() for code, log in zip(codes, logs, strict=True)]
    read = [code in (0, 5) and "nothing has changed" in log.read_text() for code, log in zip(codes, logs, strict=True)]
    assert sum(refused) + sum(read) == CONTENDERS - 1
    assert {code for code, lost in zip(codes, refused, strict=True) if not lost} <= {0, 5}
    assert same(load(run), load(uninterrupted.run))
    extent.found(f"{CONTENDERS} fits: one made, {sum(refused)} refused, {sum(read)} read what the first had made")
