"""Many pieces of one work: the same results wherever they are done, kept as they come, and lost one at a time."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cheap_work
import pytest
from cheap_work import done, prepared, work
from trust import Extent

from iwm_bayes.errors import DataError, InterruptedFitError, IWMError, Problem, StorageError, UsageError
from iwm_bayes.replications import Result, Where, Work, run
from iwm_bayes.replications.processes import in_processes

HERE, ONE, TWO = Where(workers=0), Where(workers=1), Where(workers=2)


def test_results_do_not_depend_on_the_number_of_workers_or_the_order(tmp_path: Path) -> None:
    here = run(work(tmp_path), range(6), where=HERE)
    assert list(here) == list(range(6))
    assert len({tuple(result.value["values"]) for result in here.values()}) == 6  # type: ignore[index]
    backwards = run(work(tmp_path), [5, 4, 3, 2, 1, 0], where=ONE)
    assert list(backwards) == [5, 4, 3, 2, 1, 0]
    assert backwards == here
    assert run(work(tmp_path), range(6), where=TWO) == here


def test_a_work_is_prepared_once_in_each_process(tmp_path: Path) -> None:
    run(work(tmp_path), range(8), where=TWO)
    assert prepared(tmp_path) <= 2
    assert done(tmp_path) == dict.fromkeys(range(8), 1)


def test_there_are_no_fewer_workers_than_none() -> None:
    with pytest.raises(UsageError, match="U416"):
        Where(workers=-1)
    assert Where().processes >= 1
    assert (HERE.here, ONE.here, Where(workers=0, cluster="tcp://a:1").here) == (True, False, False)


def test_what_is_asked_for_twice_is_done_once(tmp_path: Path) -> None:
    assert list(run(work(tmp_path), [1, 0, 1], where=HERE)) == [1, 0]
    assert done(tmp_path) == {0: 1, 1: 1}


@pytest.mark.parametrize("where", [HERE, ONE])
def test_a_piece_that_fails_is_recorded_and_the_others_go_on(where: Where, tmp_path: Path) -> None:
    results = run(work(tmp_path, raising=[1], not_json=[2]), range(4), where=where, folder=tmp_path / "kept")
    assert results[1] == Result(1, None, "ValueError: piece 1 cannot be done")
    assert results[2].failed == "TypeError: Object of type ndarray is not JSON serializable"
    assert [results[piece].failed for piece in (0, 3)] == [None, None]
    assert run(work(tmp_path, raising=[1], not_json=[2]), range(4), where=where, folder=tmp_path / "kept") == results
    assert done(tmp_path) == dict.fromkeys(range(4), 1)  # a failure is a result, and was kept


@pytest.mark.parametrize("where", [HERE, ONE])
def test_what_cannot_be_prepared_is_said_as_it_was_said_there(where: Where, tmp_path: Path) -> None:
    with pytest.raises(IWMError, match="P999 No such design") as error:
        run(work(tmp_path, refused=True), range(3), where=where)
    assert (error.value.code, error.value.fix, error.value.exit_code) == ("P999", "Another one.", 3)


def test_an_unforeseen_fault_of_preparing_ends_the_work(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="cheap could not be prepared: ZeroDivisionError: broken"):
        run(work(tmp_path, broken=True), range(3), where=ONE)


def test_progress_is_told_from_what_is_there_to_the_whole(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    run(work(tmp_path), [0], where=HERE, folder=tmp_path / "kept")
    run(work(tmp_path), range(4), where=HERE, folder=tmp_path / "kept", on_progress=lambda *said: told.append(said))
    assert told == [("cheap", share) for share in (0.25, 0.5, 0.75, 1.0)]


def test_processes_compute_on_one_thread_and_this_one_as_before(tmp_path: Path) -> None:
    before = dict(os.environ)
    found = run(
        Work("environment", {"notes": str(tmp_path)}, cheap_work.prepare, cheap_work.environment), [0], where=ONE
    )
    assert set(found[0].value.values()) == {"1"}  # type: ignore[union-attr]
    assert dict(os.environ) == before


@pytest.mark.trust("a process that is killed costs only the replication that it was doing")
def test_a_killed_process_costs_only_its_piece(tmp_path: Path, extent: Extent) -> None:
    pieces = range(extent(short=6, full=60))
    killed = list(pieces)[2::4]
    results = run(work(tmp_path, killed_once=killed), pieces, where=TWO, folder=tmp_path / "kept")
    assert done(tmp_path) == {piece: 1 + (piece in killed) for piece in pieces}
    assert results == run(work(tmp_path), pieces, where=HERE)
    extent.found(f"{len(killed)} of {len(pieces)} killed: {len(killed)} done again, all results as if undisturbed")


def test_a_piece_that_fails_for_want_of_memory_is_tried_again_another_time(tmp_path: Path) -> None:
    first = run(work(tmp_path, short_of_memory_once=[1]), range(3), where=HERE, folder=tmp_path / "kept")
    assert (first[1].failed, first[1].lost) == ("MemoryError: piece 1", True)
    again = run(work(tmp_path, short_of_memory_once=[1]), range(3), where=HERE, folder=tmp_path / "kept")
    assert not any(result.failed for result in again.values())
    assert done(tmp_path) == {0: 1, 1: 2, 2: 1}


def test_a_process_that_ends_between_two_pieces_is_replaced(tmp_path: Path) -> None:
    results = []
    for result in in_processes(work(tmp_path, ending_afterwards=[0, 2]), range(4), 1):
        results.append(result)
        time.sleep(1)  # as where results are written to a slow disk
    assert sorted(result.piece for result in results) == list(range(4))
    assert not any(result.failed for result in results)


def test_a_piece_that_kills_every_process_is_given_up_and_tried_again_another_time(tmp_path: Path) -> None:
    results = run(work(tmp_path, killed=[1]), range(4), where=TWO, folder=tmp_path / "kept")
    assert results[1].failed is not None
    assert results[1].failed.startswith("LostProcess")
    assert results[1].lost
    assert done(tmp_path) == {0: 1, 1: 3, 2: 1, 3: 1}
    assert not (tmp_path / "kept/pieces/00001.json").exists()


@pytest.mark.parametrize("where", [HERE, ONE])
def test_an_interrupted_study_goes_on_where_it_was(where: Where, tmp_path: Path) -> None:
    def interrupt(stage: str, share: float) -> None:
        if share == 0.5:
            raise KeyboardInterrupt

    with pytest.raises(InterruptedFitError, match="I601 Interrupted: 3 of 6 pieces of cheap are done") as error:
        run(work(tmp_path), range(6), where=where, folder=tmp_path / "kept", on_progress=interrupt)
    assert error.value.exit_code == 6
    before = done(tmp_path)
    assert run(work(tmp_path), range(6), where=where, folder=tmp_path / "kept") == run(
        work(tmp_path), range(6), where=HERE
    )
    assert all(done(tmp_path)[piece] == count + 1 for piece, count in before.items() if piece < 3)  # by the last run


def test_without_a_folder_an_interruption_is_one(tmp_path: Path) -> None:
    def interrupt(stage: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(work(tmp_path), range(2), where=HERE, on_progress=interrupt)


def test_a_folder_of_another_recipe_is_refused(tmp_path: Path) -> None:
    run(work(tmp_path), [0], where=HERE, folder=tmp_path / "kept")
    with pytest.raises(StorageError, match=r"S745 .* holds another cheap: seed differ"):
        run(work(tmp_path, seed=6), [0], where=HERE, folder=tmp_path / "kept")
    with pytest.raises(StorageError, match=r"S745 .* holds cheap, not dear"):
        run(replace(work(tmp_path), name="dear"), [0], where=HERE, folder=tmp_path / "kept")
    (tmp_path / "kept/recipe.json").write_text("{")
    with pytest.raises(StorageError, match=r"S745 .* recipe.json does not say of what"):
        run(work(tmp_path), [0], where=HERE, folder=tmp_path / "kept")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(StorageError, match=r"S746 Cannot write .*recipe\.json") as error:
        run(work(tmp_path), [0], where=HERE, folder=tmp_path / "kept")
    assert error.value.exit_code == 7


@pytest.mark.trust("a damaged result of a replication is found, and the replication is done again")
def test_a_damaged_piece_is_done_again(tmp_path: Path, extent: Extent) -> None:
    kept = tmp_path / "kept"
    whole = run(work(tmp_path), range(3), where=HERE, folder=kept)
    path, rng = kept / "pieces/00001.json", random.Random(1)
    content, count = path.read_bytes(), extent(short=60, full=500)
    for number in range(count):
        damaged = bytearray(content)
        if number % 2:
            damaged = damaged[: rng.randrange(len(content))]
        else:
            damaged[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        again = run(work(tmp_path), range(3), where=HERE, folder=kept)
        assert again == whole
    assert done(tmp_path)[0] == done(tmp_path)[2] == 1
    extent.found(f"{count} truncations and bit flips: {done(tmp_path)[1] - 1} done again, no other result")


def test_a_piece_of_another_place_is_not_taken_for_this_one(tmp_path: Path) -> None:
    whole = run(work(tmp_path), range(2), where=HERE, folder=tmp_path / "kept")
    run(work(tmp_path, seed=6), [0], where=HERE, folder=tmp_path / "other")
    pieces = tmp_path / "kept/pieces"
    (pieces / "00001.json").write_bytes((pieces / "00000.json").read_bytes())
    (pieces / "00000.json").write_bytes((tmp_path / "other/pieces/00000.json").read_bytes())
    assert run(work(tmp_path), range(2), where=HERE, folder=tmp_path / "kept") == whole


def test_a_folder_says_what_it_holds(tmp_path: Path) -> None:
    run(work(tmp_path), [7], where=HERE, folder=tmp_path / "kept")
    about = json.loads((tmp_path / "kept/recipe.json").read_text())
    assert (about["name"], about["digest"], about["recipe"]["seed"]) == ("cheap", work(tmp_path).digest, 5)
    assert [path.name for path in (tmp_path / "kept/pieces").iterdir()] == ["00007.json"]


STUDY = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from cheap_work import work
from iwm_bayes.replications import Where, run
if __name__ == "__main__":
    notes = Path({notes!r})
    run(work(notes, **{recipe!r}), range({pieces}), where=Where(workers={workers}), folder=notes / "kept")
"""


def study(notes: Path, pieces: int, workers: int, **recipe: Any) -> subprocess.Popen[bytes]:
    paths = [str(Path(cheap_work.__file__).parent), str(Path(cheap_work.__file__).parents[2])]
    script = notes / "study.py"
    script.write_text(STUDY.format(paths=paths, notes=str(notes), pieces=pieces, workers=workers, recipe=recipe))
    return subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE)


def until(true: Any, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.trust("a study of replications that is killed (kill -9) goes on where it was, with the same results")
def test_a_killed_study_goes_on_where_it_was(tmp_path: Path, extent: Extent) -> None:
    rng, killed = random.Random(2), 0
    kills = extent(short=2, full=25)
    pieces = 12 * kills  # more than two workers do before the last kill
    for _ in range(kills):
        begun = sum(done(tmp_path).values())
        process = study(tmp_path, pieces, workers=2, slow=0.05)
        until(lambda: sum(done(tmp_path).values()) > begun or process.poll() is not None)  # noqa: B023
        time.sleep(rng.random() * 0.2)
        killed += process.poll() is None
        process.kill()
        process.wait()
    before = len(list((tmp_path / "kept/pieces").glob("[0-9]*.json")))
    results = run(work(tmp_path, slow=0.05), range(pieces), where=HERE, folder=tmp_path / "kept")
    assert results == run(work(tmp_path), range(pieces), where=HERE)
    assert killed > 0
    extent.found(f"killed {killed} times, with {before} of {pieces} kept in the end: all results as if undisturbed")


def test_processes_end_with_the_one_that_asked(tmp_path: Path) -> None:
    process = study(tmp_path, 1, workers=1, waiting=[0])
    until(lambda: done(tmp_path)[0])
    worker = int(next(tmp_path.glob("0-*")).name.split("-")[1])
    process.kill()
    process.wait()
    until(lambda: not Path(f"/proc/{worker}").exists() or "State:\tZ" in Path(f"/proc/{worker}/status").read_text())


def test_a_script_that_guards_nothing_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    paths = [str(Path(cheap_work.__file__).parent), str(Path(cheap_work.__file__).parents[2])]
    guarded = STUDY.format(paths=paths, notes=str(tmp_path), pieces=1, workers=1, recipe={})
    script.write_text(guarded.replace('if __name__ == "__main__":', "if True:"))
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=600, check=False)
    assert "U414 Processes end before they can begin" in ended.stderr


@pytest.mark.parametrize("kind", [DataError, StorageError, UsageError])
def test_errors_survive_the_way_to_another_process(kind: type[IWMError]) -> None:
    error = kind("X1", "What.", fix="How.", rows=[3], problems=[Problem("D1", "error", "There.")])
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), vars(again), str(again)) == (kind, vars(error), str(error))
