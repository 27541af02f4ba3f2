"""A fit that was stopped is gone on with: what was done is kept, and the result is the same to the last bit."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_studies import StudyInMemory, in_memory, small_design, small_parameters, spec_of
from threadpoolctl import threadpool_limits

from iwm_bayes.errors import StorageError, UsageError
from iwm_bayes.inference import Fit, RunFolder, Schedule, Settings, fit, load, read_persons, resume, save
from iwm_bayes.inference.linear_algebra import on_one_thread
from iwm_bayes.inference.mode import Whitening, find_whitening
from iwm_bayes.inference.prepare import Prepared
from iwm_bayes.runs import chains_kept, is_run, read_manifest
from iwm_bayes.simulate import draw_parameters, make_panel, simulate, write_study
from iwm_bayes.spec import read_model
from iwm_bayes.study import Score, read_study

SPEC = spec_of("single")
SETTINGS = Settings(seed=4, schedule=Schedule(chains=3, warmup=50, draws=50), threads=1)
ROUTES = {"revisionist": "gaussian", "context_correlated": "adaptive"}
ON_SOME_PROCESSORS = """
import os, sys
count, folder, model = int(sys.argv[1]), sys.argv[2], sys.argv[3]
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])  # before anything counts them
from test_runs_resumed import fit_alone
fit_alone(model, folder, threads=count)
"""
BLOCKS = SETTINGS.schedule.chains * SETTINGS.schedule.blocks


@pytest.fixture(scope="module")
def study() -> StudyInMemory:
    design = small_design(40, relationships=("partner",), categories=3)
    category = simulate(SPEC, design, small_parameters(SPEC, design), seed=6).category
    return in_memory(design, category)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def whole(study: StudyInMemory) -> Fit:
    """Return the fit without any stop and without any folder."""
    return fit(SPEC, study, SETTINGS)  # type: ignore[arg-type]


@pytest.fixture
def compiled_once(whole: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fits share the program of the first, which is compiled; other tests show that it is made alike again."""

    def prepare_again(*_: object, whitening: Whitening | None, **__: object) -> Prepared:
        assert whole.prepared is not None
        return dataclasses.replace(whole.prepared, whitening=whitening or whole.prepared.whitening)

    monkeypatch.setattr("iwm_bayes.inference.sampling.prepare", prepare_again)


def stop_after(blocks: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[str, float], None]:
    """Return a progress function that raises once so many blocks are done."""

    def tell(stage: str, share: float) -> None:
        if stage == "sampling" and round(share * BLOCKS) >= blocks:
            raise error

    return tell


def stopped(study: StudyInMemory, folder: Path, blocks: int, settings: Settings = SETTINGS) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(SPEC, study, settings, folder=folder, on_progress=stop_after(blocks))  # type: ignore[arg-type]


def same(one: Fit, other: Fit) -> bool:
    """Return whether all draws, densities and working models are equal to the last bit."""
    groups = set(one.tree.children)
    assert groups >= {"posterior", "sample_stats", "log_likelihood", "observed_data", "constant_data"}
    assert groups & {"working_models", "trajectories"}
    return groups == set(other.tree.children) and all(
        one.tree[group].to_dataset().identical(other.tree[group].to_dataset()) for group in groups
    )


def test_a_fit_kept_in_a_folder_is_the_fit_without_one(study: StudyInMemory, whole: Fit, tmp_path: Path) -> None:
    kept = fit(SPEC, study, SETTINGS, folder=tmp_path / "run")  # type: ignore[arg-type]
    assert same(kept, whole) and same(load(tmp_path / "run"), whole)
    assert read_persons(tmp_path / "run") == study.of.persons
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["fit.nc", "manifest.json", "persons.csv"]
    assert read_manifest(tmp_path / "run")["state"] == "complete"


def test_a_fit_that_is_gone_on_with_in_a_program_made_again_is_the_same(
    study: StudyInMemory, whole: Fit, tmp_path: Path
) -> None:
    stopped(study, tmp_path, 3)
    assert chains_kept(read_manifest(tmp_path)) == 1
    assert same(resume(tmp_path, threads=2), whole)


@pytest.mark.usefixtures("compiled_once")
@pytest.mark.parametrize(("blocks", "chains"), [(1, 0), (3, 1), (BLOCKS, 2)])
def test_a_fit_that_was_stopped_keeps_whole_chains_and_ends_the_same(
    study: StudyInMemory, whole: Fit, tmp_path: Path, blocks: int, chains: int
) -> None:
    run = tmp_path / "run"
    stopped(study, run, blocks)
    manifest = read_manifest(run)
    assert manifest["state"] == "interrupted" and chains_kept(manifest) == chains
    assert len(list((run / "unfinished").glob("*_chain_*.npz"))) == chains and not (run / "fit.nc").exists()
    drawn: list[float] = []

    def tell(stage: str, share: float) -> None:
        if stage == "sampling":
            drawn.append(share)

    resumed = resume(run, threads=2, on_progress=tell)
    assert len(drawn) == (SETTINGS.schedule.chains - chains) * SETTINGS.schedule.blocks
    assert same(resumed, whole) and same(load(run), whole)
    assert read_persons(run) == study.of.persons and not (run / "unfinished").exists()


@pytest.mark.usefixtures("compiled_once")
def test_the_same_call_goes_on_and_then_reads(study: StudyInMemory, whole: Fit, tmp_path: Path) -> None:
    stopped(study, tmp_path, 3)
    said: list[str] = []
    where = RunFolder(tmp_path, say=said.append)
    assert same(fit(SPEC, study, SETTINGS, folder=where), whole)  # type: ignore[arg-type]
    assert said == ["single: going on with a fit that was stopped; 1 chain kept."]
    assert same(fit(SPEC, study, SETTINGS, folder=where), whole)  # type: ignore[arg-type]
    assert said[1:] == [f"single: read from {tmp_path}; nothing has changed."]


@pytest.mark.usefixtures("compiled_once")
def test_a_complete_run_that_was_not_tidied_up_is_when_it_is_asked_for(
    study: StudyInMemory, whole: Fit, tmp_path: Path
) -> None:
    def ask() -> Fit:
        return fit(SPEC, study, SETTINGS, folder=tmp_path)  # type: ignore[arg-type]

    ask()
    for again in (ask, lambda: resume(tmp_path)):
        (tmp_path / "persons.csv").rename(tmp_path / ".next.persons.csv")
        (tmp_path / "unfinished").mkdir()
        (tmp_path / ".lock").touch()
        assert same(again(), whole) and read_persons(tmp_path) == study.of.persons
        assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.nc", "manifest.json", "persons.csv"]


@pytest.mark.usefixtures("compiled_once")
def test_a_stop_while_a_complete_fit_is_tidied_up_loses_nothing(
    study: StudyInMemory, whole: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = shutil.rmtree

    def stop(path: Path, **options: Any) -> None:
        if is_run(tmp_path) and read_manifest(tmp_path)["state"] == "complete":
            raise KeyboardInterrupt
        remove(path, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("iwm_bayes.runs.folder.shutil.rmtree", stop)
        fit(SPEC, study, SETTINGS, folder=tmp_path)  # type: ignore[arg-type]
    assert read_manifest(tmp_path)["state"] == "complete" and same(load(tmp_path), whole)
    assert same(resume(tmp_path), whole) and read_persons(tmp_path) == study.of.persons
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.nc", "manifest.json", "persons.csv"]


@pytest.mark.usefixtures("compiled_once")
def test_a_chain_whose_file_is_damaged_is_drawn_again(study: StudyInMemory, whole: Fit, tmp_path: Path) -> None:
    stopped(study, tmp_path, BLOCKS)
    for path, content in ((tmp_path / "unfinished" / f"first_chain_{n}.npz", c) for n, c in ((0, b""), (1, b"other"))):
        path.write_bytes(content)
    assert same(resume(tmp_path), whole)


@pytest.mark.usefixtures("compiled_once")
def test_inputs_that_are_damaged_are_refused(study: StudyInMemory, tmp_path: Path) -> None:
    stopped(study, tmp_path, 1)
    inputs = tmp_path / "unfinished" / "inputs.nc"
    content = bytearray(inputs.read_bytes())
    content[len(content) // 2] ^= 1
    inputs.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        resume(tmp_path)
    assert caught.value.code == "S721" and "inputs.nc" in caught.value.message


@pytest.mark.usefixtures("compiled_once")
def test_a_fit_begun_with_other_versions_is_not_gone_on_with(
    study: StudyInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(study, tmp_path, 1)
    now = {**read_manifest(tmp_path)["versions"], "jax": "9"}
    monkeypatch.setattr("iwm_bayes.inference.in_folder.versions", lambda: now)
    with pytest.raises(StorageError, match=r"S736 .*the versions \(jax .*, now 9\)"):
        resume(tmp_path)


@pytest.mark.usefixtures("compiled_once")
def test_another_fit_replaces_the_old_one_only_when_it_is_complete(
    study: StudyInMemory, whole: Fit, tmp_path: Path
) -> None:
    fit(SPEC, study, SETTINGS, folder=tmp_path)  # type: ignore[arg-type]
    other = dataclasses.replace(SETTINGS, seed=5)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        fit(SPEC, study, other, folder=RunFolder(tmp_path, say=said.append), on_progress=stop_after(3))  # type: ignore[arg-type]
    assert said == ["single: fitted again; changed since: the seed (4, now 5)."]
    assert read_manifest(tmp_path)["state"] == "interrupted" and same(load(tmp_path), whole)
    with pytest.raises(StorageError) as caught:
        fit(SPEC, study, dataclasses.replace(SETTINGS, seed=6), folder=RunFolder(tmp_path, refit="never"))  # type: ignore[arg-type]
    assert caught.value.code == "S740" and "the seed (4, now 6)" in caught.value.message
    assert resume(tmp_path).about["seed"] == 5 and load(tmp_path).about["seed"] == 5


@pytest.mark.usefixtures("compiled_once")
def test_always_fits_again_whatever_is_there(study: StudyInMemory, whole: Fit, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("damaged")
    with pytest.raises(StorageError):
        fit(SPEC, study, SETTINGS, folder=tmp_path)  # type: ignore[arg-type]
    again = RunFolder(tmp_path, refit="always")
    assert same(fit(SPEC, study, SETTINGS, folder=again), whole) and same(load(tmp_path), whole)  # type: ignore[arg-type]


def test_a_fit_that_cannot_be_made_leaves_no_run(study: StudyInMemory, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        fit(SPEC, study, dataclasses.replace(SETTINGS, likelihood="propagation"), folder=tmp_path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_one_chain_ends_the_others_at_their_next_block(whole: Fit) -> None:
    prepared = whole.prepared
    assert prepared is not None
    blocks: list[int] = []

    def fail_first(done: int, total: int) -> None:
        blocks.append(done)
        if len(blocks) == 1:
            raise OSError("the disk is full")

    long = Schedule(chains=2, warmup=50, draws=50_000)
    with pytest.raises(OSError, match="the disk is full"):
        prepared.sampler.run(prepared.whitening, prepared.program.data, long, 1, threads=2, on_block=fail_first)
    assert len(blocks) < 20  # of 2,002


@pytest.mark.trust("the same seed gives the same draws whatever the threads, and fewer chains are the first of more")
def test_draws_depend_on_the_seed_alone(study: StudyInMemory, extent: Any) -> None:
    pairs = [(2, 1), (1, 5), (2, 2), *((chains, threads) for chains in range(1, 7) for threads in (1, 2, 5))]
    pairs = pairs[: extent(short=3, full=len(pairs))]

    def posterior(chains: int, threads: int) -> Any:
        schedule = dataclasses.replace(SETTINGS.schedule, chains=chains)
        with threadpool_limits(limits=threads):
            settings = dataclasses.replace(SETTINGS, schedule=schedule, threads=threads)
            return fit(SPEC, study, settings).posterior  # type: ignore[arg-type]

    most = max(chains for chains, _ in pairs)
    longest = posterior(most, 1)
    for chains, threads in pairs[1:]:
        assert posterior(chains, threads).identical(longest.isel(chain=slice(chains)))
    extent.found(f"{len(pairs)} fits of 1 to {most} chains on 1, 2 and 5 threads, all equal to the last bit")


@pytest.mark.statistical  # four processes that each compile for themselves
@pytest.mark.trust("the same seed gives the same draws on one processor and on two, of answers and of change")
@pytest.mark.parametrize("model", ROUTES)
def test_draws_do_not_depend_on_how_many_processors_there_are(model: str, tmp_path: Path, extent: Any) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor")
    one, two = (alone(model, tmp_path / str(count), count) for count in (1, 2))
    route = one.about["likelihood"]
    assert route == ROUTES[model]
    assert same(one, two)
    draws = one.posterior.sizes["chain"] * one.posterior.sizes["draw"]
    extent.found(f"{model}, by {route}: {draws} draws of two processes, equal to the last bit")


def alone(model: str, folder: Path, count: int) -> Fit:
    """Return the fit that a process of its own makes on so many processors."""
    here = Path(__file__).parent
    paths = [str(here), str(here.parent), str(here.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    command = [sys.executable, "-c", ON_SOME_PROCESSORS, str(count), str(folder), model]
    subprocess.run(command, env=environment, check=True)
    return load(folder)


def fit_alone(model: str, folder: str, *, threads: int) -> None:
    """Fit a model to a small study of its kind, and save the fit; called in a process of its own."""
    spec, rng = read_model(model), np.random.default_rng(7)
    within = {} if spec.change is None else {"score_level": np.zeros(2), "score_sd": np.full(2, 0.3)}
    scores = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
    design = (
        make_panel(30, ["general"], [0.0, 1.0, 2.0, 3.0], scores=scores)
        if spec.change is not None
        else small_design(30, relationships=("mother", "father", "partner"), categories=3)
    )
    made = simulate(spec, design, draw_parameters(spec, design, rng) | within, seed=6)
    study = read_study(write_study(made, Path(folder).with_suffix(".study")))
    settings = Settings(seed=4, schedule=Schedule(chains=2, warmup=50, draws=50), threads=threads)
    save(fit(spec, study, settings), folder)


def test_the_coordinates_of_many_parameters_do_not_depend_on_the_threads_of_linear_algebra() -> None:
    rng = np.random.default_rng(2)
    root = rng.standard_normal((250, 250))
    curvature = root @ root.T / 250 + np.eye(250)

    def value_and_gradient(vector: np.ndarray, data: tuple[()]) -> tuple[float, np.ndarray]:
        return -0.5 * float(vector @ curvature @ vector), -curvature @ vector

    def found(threads: int) -> np.ndarray:
        with threadpool_limits(limits=threads):
            return on_one_thread(find_whitening)(value_and_gradient, (), np.ones(250)).root  # type: ignore[arg-type]

    np.testing.assert_array_equal(found(1), found(2))
