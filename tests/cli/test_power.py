"""`iwm power` simulates and fits studies that are only planned, and counts what their fits say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from trust import Extent

from iwm_bayes.cli import main, output
from iwm_bayes.inference import usual_schedule
from iwm_bayes.replications import Where
from iwm_bayes.simulate import DesignFile
from iwm_bayes.spec import read_model
from iwm_bayes.trials import power as verb
from iwm_bayes.trials import power_piece
from iwm_bayes.trials.power import CellFound, Effort, power
from iwm_bayes.trials.power_grid import Grid

SCORES = """
[scores.anxiety]
dimension = "self"
range = [1, 7]
keyed = "+"
[scores.avoidance]
dimension = "others"
range = [1, 7]
keyed = "+"
[occasions]
unit = "year"
times = [0, 0.5, 1, 1.5, 2.5, 4]
"""
TINY = f'format = 1\nname = "tiny"\npersons = 50\n{SCORES}'
PROTOTYPE = read_model("prototype")
STABLE = {"half_life": np.array(0.7), "variance_share": np.array([0.4, 0.45, 0.15])}


def planned(text: str) -> DesignFile:
    import tomllib

    return DesignFile.model_validate(tomllib.loads(text))


def content_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["power", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def compiled() -> dict[str, power_piece.Ready]:
    """What has been prepared: the program of a recipe is compiled once in all tests."""
    return {}


@pytest.fixture
def shared(compiled: dict[str, power_piece.Ready], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let studies of the same recipe that are made in this process share what is compiled."""

    def prepare(recipe: dict[str, Any]) -> power_piece.Ready:
        return compiled.setdefault(json.dumps(recipe, sort_keys=True), power_piece.prepare(recipe))

    monkeypatch.setattr(verb, "prepare", prepare)


@pytest.fixture
def design(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


@pytest.mark.usefixtures("shared")
def test_verdicts_widths_half_lives_and_how_sure_they_are_are_told(
    design: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "power"
    arguments = ["power", str(design), "--replications", "2", "--workers", "0", "--method", "laplace"]
    arguments += ["--out", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert "half_life = self 0.90 · others 1.40" in printed.out
    assert "time until half of a deviation from the set point is gone, in years" in printed.out
    assert "6 occasions 0.5 years apart (median)\n    retest_in_the_end[self] " in printed.out
    assert "prototype" in printed.out
    assert "How often a half-life is identified" in printed.out
    assert "Each share of verdicts and half-lives rests on 2 simulated studies" in printed.out
    assert printed.err.splitlines()[-1].startswith("Next: the same command with --replications 8")
    kept = json.loads((out / "power.json").read_text(encoding="utf-8"))
    again = content_of(capsys, *arguments[1:])
    assert again == kept  # read from the folder
    assert (kept["schema"], kept["model"], kept["method"]) == ("iwm/power/1", "prototype", "laplace")
    (cell,) = kept["cells"]
    assert (cell["persons"], cell["occasions"], cell["spacing"], cell["refused"]) == (50, 6, 0.5, None)
    verdicts = cell["verdicts"]["retest_in_the_end[self]"]
    assert sum(verdicts[word]["count"] for word in ("right", "undecided", "wrong", "none")) == 2
    assert cell["half_lives"]["self"]["expected_sd"] > 0


@pytest.mark.usefixtures("shared")
def test_a_study_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path) -> None:
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    tried(1, stopped, Where(workers=0))
    first = kept(stopped)
    found, expected = tried(2, stopped, Where(workers=0)), tried(2, whole, Where(workers=0))
    assert without_times(found) == without_times(expected)
    assert len(first) == 1
    assert first.items() < kept(stopped).items()
    assert estimates(kept(stopped)) == estimates(kept(whole))


def tried(replications: int, folder: Path, where: Where) -> CellFound:
    """Return what is found of the tiny design."""
    effort = Effort("laplace", replications)
    (found,) = power(planned(TINY), PROTOTYPE, Grid(), {}, effort, where=where, folder=folder)
    return found


def kept(folder: Path) -> dict[str, str]:
    """Return the pieces of the tiny design that a folder keeps."""
    pieces = folder / "cells" / "persons-50_relationships-1_occasions-6_spacing-0.5" / "pieces"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(pieces.iterdir())}


def estimates(pieces: dict[str, str]) -> list[dict[str, Any]]:
    values = [json.loads(text)["value"] for text in pieces.values()]
    assert all(len(value["estimands"]) == 6 for value in values)
    return [{name: value for name, value in one.items() if name != "seconds"} for one in values]


def without_times(found: CellFound) -> dict[str, Any]:
    return output.plain(found.to_json() | {"seconds": None})


@pytest.mark.trust("a design analysis gives the same numbers whatever the number of workers")
def test_results_do_not_depend_on_who_did_them_or_in_what_order(extent: Extent, tmp_path: Path) -> None:
    (one,) = [verb._ask(cell, PROTOTYPE, {}) for cell in verb.cells_of(planned(TINY), Grid())]
    usual = usual_schedule("laplace")
    recipe = power_piece.recipe_of(one.cell.file, PROTOTYPE, one.parameters, method="laplace", schedule=usual, seed=1)
    ready = verb.prepare(recipe)
    second, first = (power_piece.do(ready, piece) for piece in (1, 0))
    found = [power_piece.do(ready, piece) for piece in (0, 1)]
    for value in (second, first, *found):
        del value["seconds"]
    assert found == [first, second]
    workers = extent(short=0, full=2)
    if workers:
        for folder, where in {"many": Where(workers=workers), "alone": Where(workers=0)}.items():
            tried(4, tmp_path / folder, where)
        assert estimates(kept(tmp_path / "many")) == estimates(kept(tmp_path / "alone"))
    extent.found(f"{workers or 'no'} workers against this process alone")


@pytest.mark.statistical
def test_a_design_that_must_give_the_right_verdict_does_and_a_tiny_one_decides_nothing() -> None:
    """A trait share of .4 lies far above the border of .20 as 1,000 persons see it; 12 cannot tell it from there."""
    replications, grid = 10, Grid(persons=(1000, 12))
    large, tiny = power(planned(TINY), PROTOTYPE, grid, STABLE, Effort(replications=replications))
    assert large.summary is not None
    assert tiny.summary is not None
    for verdicts in large.summary.verdicts.values():
        assert verdicts.word == "prototype"
        assert verdicts.wrong.count == verdicts.undecided.count == 0
    assert large.summary.interpretable.count >= 0.8 * replications
    for verdicts in tiny.summary.verdicts.values():
        assert verdicts.right.count <= 0.3 * replications


@pytest.mark.statistical
def test_general_shares_in_the_middle_are_found_to_be_hierarchical_and_tiny_studies_decide_nothing() -> None:
    """A share of .5 is as far as can be from both borders; near 1 a fit takes ten times as long."""
    text = 'format = 1\npersons = 200\ninstrument = "ecr-rs"\nrelationships = ["mother", "partner"]\n'
    given, replications = {"general_share": np.array(0.5)}, 4
    grid, effort = Grid(persons=(200, 12)), Effort(replications=replications)
    large, tiny = power(planned(text), read_model("hierarchical"), grid, given, effort)
    assert large.summary is not None
    assert tiny.summary is not None
    assert all(one.word == "hierarchical" for one in large.summary.verdicts.values())
    assert all(one.right.count == replications for one in large.summary.verdicts.values())
    assert all(one.right.count <= 1 for one in tiny.summary.verdicts.values())


@pytest.mark.statistical
def test_intervals_of_simulated_designs_cover_and_the_planner_expects_what_is_found() -> None:
    replications = 100
    found = power(planned(TINY), PROTOTYPE, Grid(persons=(300,)), {}, Effort(replications=replications))
    summary = found[0].summary
    assert summary is not None
    low, high = stats.binom.ppf([0.0005, 0.9995], replications, 0.95) / replications
    for name, one in summary.quantities.items():
        if one.covered is not None:
            assert low <= one.covered.value <= high, name
    for one in summary.half_lives.values():
        assert one.sd == pytest.approx(one.expected_sd, rel=0.35)  # the planner takes means and scores for known


def test_cells_that_cannot_answer_are_shown_with_their_code_and_not_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    design = tmp_path / "one.toml"
    design.write_text('format = 1\npersons = 40\ninstrument = "ecr-rs"\nrelationships = ["mother"]\n', encoding="utf-8")
    (cell,) = content_of(capsys, str(design))["cells"]
    assert cell["refused"]["code"] == "P310"
    assert "verdicts" not in cell
    assert main(["power", str(design)]) == 0
    printed = capsys.readouterr()
    assert "✗ 40 persons, 1 relationship: refused. P310" in printed.out
    assert printed.err.splitlines()[-1].startswith("Next: mend what the lines above name")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--persons", "many"], "U200"),
        (["--persons", "0"], "U430"),
        (["--chains", "3"], "U437"),
        (["--draws", "99", "--method", "laplace"], "U437"),
        (["--spacing", "0"], "U430"),
        (["--truth", "TRUTH"], "U434"),
        (["--workers", "1", "--cluster", "tcp://127.0.0.1:1"], "U413"),
        (["--model", "prototyp"], "M410"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_done(
    design: Path, tmp_path: Path, arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "truth.toml"
    truth.write_text("half_lives = 2.0\n", encoding="utf-8")
    asked = [str(truth) if argument == "TRUTH" else argument for argument in arguments]
    assert main(["power", str(design), *asked]) in (2, 4)
    assert f"✗ {code} " in capsys.readouterr().err


def test_a_file_that_plans_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.toml"
    other.write_text("x = 1\n", encoding="utf-8")
    assert main(["power", str(other)]) == 2
    assert "✗ U436 " in capsys.readouterr().err


@pytest.mark.usefixtures("shared")
def test_a_folder_of_another_analysis_is_refused(
    design: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "power"
    recipe = out / "cells" / "persons-50_relationships-1_occasions-6_spacing-0.5" / "recipe.json"
    recipe.parent.mkdir(parents=True)
    recipe.write_text(json.dumps({"name": "power", "digest": "another", "recipe": {}}), encoding="utf-8")
    assert main(["power", str(design), "--out", str(out), "--workers", "0"]) == 7
    assert "✗ S745 " in capsys.readouterr().err
