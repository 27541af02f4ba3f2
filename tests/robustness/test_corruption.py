"""What is not what was written is refused with a code, whichever file it is and however little of it differs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from criticism_fits import hand_made_fit
from small_studies import small_design, spec_of
from test_criticism_sensitivity import made

from iwm_bayes.criticism import compare, load_sensitivity, save_comparison, save_sensitivity
from iwm_bayes.criticism.comparison_folder import COMPARISON, POINTWISE, load_comparison
from iwm_bayes.criticism.sensitivity_file import SENSITIVITY
from iwm_bayes.errors import StorageError
from iwm_bayes.inference import Schedule, Settings, load, read_persons, resume, save
from iwm_bayes.inference.fitting import Request
from iwm_bayes.inference.unfinished import Unfinished, begin
from iwm_bayes.runs.verify import check_files
from iwm_bayes.simulate import draw_parameters, simulate

_BESIDE = (COMPARISON, POINTWISE, SENSITIVITY)


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


def compared_runs(folder: Path) -> Path:
    """Return the folder of a comparison of two runs; the folder is one of them, with what it owes to its priors."""
    fits = [hand_made_fit(model, category=hand_made_fit("single").category) for model in ("hierarchical", "single")]
    runs = [save(fit, run) for fit, run in zip(fits, (folder, folder / "single"), strict=True)]
    begin = {"schema": "iwm/compare/1", "seed": 1, "study_digest": fits[0].about["study_digest"]}
    save_comparison(compare(fits, threads=1, runs=list(map(str, runs))), folder, begin)
    save_sensitivity(made(fits[0]), folder)
    return folder


def damaged(content: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    """Return some content cut short, or with one bit flipped."""
    if rng.random() < 0.5:
        return content[: int(rng.integers(len(content)))], "cut"
    at, flipped = int(rng.integers(len(content))), bytearray(content)
    flipped[at] ^= 1 << int(rng.integers(8))
    return bytes(flipped), "flipped"


def refused(run: Path, name: str) -> str:
    """Return the code with which a run, or what was made of it, is refused where one of its files is damaged."""
    if name not in _BESIDE:
        return refused_run(run, name)
    with pytest.raises(StorageError) as caught:
        load_sensitivity(run, load(run)) if name == SENSITIVITY else load_comparison(run)
    return caught.value.code


def refused_run(run: Path, name: str) -> str:
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


@pytest.mark.trust(
    "truncations and flipped bits in any file of a run, of a comparison or of what a fit owes to its priors are "
    "refused with a code"
)
def test_damage_is_refused(two_runs: tuple[Path, Path], tmp_path: Path, extent: Any) -> None:
    rng = np.random.default_rng(5)
    shutil.copytree(two_runs[0], tmp_path / "complete")
    runs = [tmp_path / "complete", unfinished_run(tmp_path / "unfinished")]
    compared = compared_runs(tmp_path / "compared")
    files = [(run, path.relative_to(run).as_posix()) for run in runs for path in run.rglob("*") if path.is_file()]
    files += [(compared, name) for name in _BESIDE]
    assert len(files) == 12
    count, found = extent(short=60, full=504), {"cut": 0, "flipped": 0}
    for number in range(count):
        run, name = files[number % len(files)]
        content = (run / name).read_bytes()
        bad, kind = damaged(content, rng)
        (run / name).write_bytes(bad)
        codes = ("S721", "S730") if name == COMPARISON else ("S720", "S721")
        assert refused(run, name) in codes, (name, kind)
        (run / name).write_bytes(content)
        found[kind] += 1
    for run in runs:
        assert all(finding.sound for finding in check_files(run)[1])
    assert len(load_comparison(compared).fits) == 2
    assert load_sensitivity(compared, load(compared)) is not None
    extent.found(f"{found['cut']} truncations and {found['flipped']} flipped bits in {len(files)} files, all refused")


@pytest.mark.parametrize("name", ["manifest.json", COMPARISON, SENSITIVITY])
def test_what_says_the_same_in_other_bytes_is_not_what_was_written(tmp_path: Path, name: str) -> None:
    run = compared_runs(tmp_path / "compared")
    content = (run / name).read_bytes()
    for other in (content[:-1], content.replace(b": ", b":\t", 1), content + b" "):
        (run / name).write_bytes(other)
        assert refused(run, name) == "S721"
