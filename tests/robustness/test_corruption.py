"""What is not what was written is refused with a code, whichever file it is and however little of it differs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_studies import small_design, spec_of

from iwm_bayes.errors import StorageError
from iwm_bayes.inference import Schedule, Settings, load, read_persons, resume
from iwm_bayes.inference.fitting import Request
from iwm_bayes.inference.unfinished import Unfinished, begin
from iwm_bayes.runs.verify import check_files
from iwm_bayes.simulate import draw_parameters, simulate


def unfinished_run(folder: Path) -> Path:
    """Return a run of which two chains are done; what they hold is made up."""
    spec, design = spec_of("single"), small_design(40, relationships=("partner",), categories=3)
    made = simulate(spec, design, draw_parameters(spec, design, np.random.default_rng(4)), seed=6)
    request = Request(spec, made.design, made.category, Settings(schedule=Schedule()), "made in a test")
    folder.mkdir()
    fit = begin(folder, request, [f"p{n}" for n in range(40)], "iwm fit")
    rng = np.random.default_rng(1)
    for name in ("first_whitening", "first_chain_0", "first_chain_1"):
        fit.write(name, {"vector": rng.normal(size=(400, 13)), "log_density": rng.normal(size=400)})
    return folder


def damaged(content: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    """Return some content cut short, or with one bit flipped."""
    if rng.random() < 0.5:
        return content[: int(rng.integers(len(content)))], "cut"
    at, flipped = int(rng.integers(len(content))), bytearray(content)
    flipped[at] ^= 1 << int(rng.integers(8))
    return bytes(flipped), "flipped"


def refused(run: Path, name: str) -> str:
    """Return the code with which a run is refused one of whose files is damaged."""
    try:
        _, findings = check_files(run)
        codes = {finding.what: finding.code for finding in findings if not finding.sound}
        assert set(codes) == {name}
        code = codes[name]
    except StorageError as error:
        assert name == "manifest.json"
        code = error.code
    if name.endswith(".npz"):
        assert Unfinished(run).read(Path(name).stem) is None  # it is drawn again
        return code
    with pytest.raises(StorageError) as caught:
        if name.startswith("unfinished"):
            Unfinished(run).request(threads=1) if name.endswith("inputs.nc") else Unfinished(run).key()
        else:
            load(run)
            read_persons(run)
    assert caught.value.code == code
    if name in ("manifest.json", "unfinished/inputs.nc"):
        with pytest.raises(StorageError):
            resume(run)
    return code


@pytest.mark.trust("truncations and flipped bits in any file of a run are refused with a code")
def test_damage_is_refused(two_runs: tuple[Path, Path], tmp_path: Path, extent: Any) -> None:
    rng = np.random.default_rng(5)
    shutil.copytree(two_runs[0], tmp_path / "complete")
    runs = [tmp_path / "complete", unfinished_run(tmp_path / "unfinished")]
    files = [(run, path.relative_to(run).as_posix()) for run in runs for path in run.rglob("*") if path.is_file()]
    assert len(files) == 9
    count, found = extent(short=45, full=504), {"cut": 0, "flipped": 0}
    for number in range(count):
        run, name = files[number % len(files)]
        content = (run / name).read_bytes()
        bad, kind = damaged(content, rng)
        (run / name).write_bytes(bad)
        assert refused(run, name) in ("S720", "S721"), (name, kind)
        (run / name).write_bytes(content)
        found[kind] += 1
    for run in runs:
        assert all(finding.sound for finding in check_files(run)[1])
    extent.found(f"{found['cut']} truncations and {found['flipped']} flipped bits in {len(files)} files, all refused")
