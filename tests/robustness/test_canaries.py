"""Identifiers and words of persons stay where they are: in the file of answers, and in a key for its owner alone."""

from __future__ import annotations

import csv
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from change_fits import made_change
from reporting_values import made_fit, made_study
from trust import Extent

from iwm_bayes.cli import main
from iwm_bayes.inference import Fit, save
from iwm_bayes.inference.storage import PERSONS
from iwm_bayes.simulate import simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Study, check_study, read_study

_MOST = 50
_BOOK = """format = 1
name = "made"
answers = "answers.csv"
person = "id"
columns = "{relationship}{item}"
missing = ["NA"]
cluster = "school"
[relationships]
reference = "mother"
codes = { m = "mother", f = "father" }
[instrument]
use = "ecr-rs"
[covariates]
age = { column = "age", unit = "year" }
note = { column = "note" }
[ignore]
columns = ["diary"]
"""


def canaries(count: int) -> dict[str, list[str]]:
    """Return words that stand nowhere else, by column: identifiers, schools, ages in words, notes, a diary."""
    kinds = {
        "id": "Quokkaperson",
        "school": "Numbatschool",
        "age": "Bilbyyears",
        "note": "Dunnartsays",
        "diary": "Potoroo",
    }
    return {kind: [f"{word}{n:02d}x" for n in range(count)] for kind, word in kinds.items()}


def study_of(words: dict[str, list[str]], folder: Path) -> Study:
    """Write and read a study of 60 persons in which every word stands."""
    rng, count = np.random.default_rng(1), len(words["id"])
    minus = np.array([item <= 4 for item in range(1, 10)] * 2)
    latent = rng.normal(size=(60, 1)) + 0.7 * rng.normal(size=(60, 18))
    answers = np.clip(np.round(4 + 1.6 * np.where(minus, -latent, latent)), 1, 7).astype(int).astype(object)
    answers[:3, 4], answers[7, :9] = "NA", "NA"
    folder.mkdir()
    (folder / "study.toml").write_text(_BOOK, encoding="utf-8")
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"{c}{i}" for c in "mf" for i in range(1, 10)), "school", "age", "note", "diary"])
        for n, row in enumerate(answers):
            name = words["id"][n] if n < count else f"other{n}"
            own = [words[kind][n % count] for kind in ("school", "age", "note", "diary")]
            writer.writerow([name, *row, *own])
    return read_study(folder)


def fit_of(study: Study) -> Fit:
    """Return a made-up fit of a study's own answers."""
    simulated = made_study(persons=len(study.persons), relationships=study.relationships)
    same = simulate(read_model("hierarchical"), study.design(), simulated.parameters, seed=1)
    object.__setattr__(same, "category", np.array(study.category()))
    return made_fit(same, about={"study_digest": study.digest})


def said_in(words: dict[str, list[str]], text: str) -> list[str]:
    """Return the words that a text holds, whatever the case."""
    low = text.lower()
    return [word for kind in words.values() for word in kind if word.lower() in low]


def leaks(words: dict[str, list[str]], folder: Path, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return the words in the names and the bytes of all files of a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        found += [f"name of {path}: {word}" for word in said_in(words, path.name)]
        if path.is_file() and path.name not in but:
            content = path.read_bytes()
            texts = [content.decode(code, errors="ignore") for code in ("utf-8", "utf-16-le", "utf-16-be")]
            found += [f"{path.name}: {word}" for text in texts for word in said_in(words, text)]
    return found


@pytest.mark.trust("50 identifiers and 200 texts of persons: none in report, run, export, JSON, messages or a notebook")
def test_no_word_of_a_person_leaves_the_file_of_answers(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    words = canaries(extent(short=20, full=_MOST))
    study = study_of(words, tmp_path / "data")
    assert {"D252", "D254"} & {problem.code for problem in study.problems}, "the study should have something to hide"
    out, run = tmp_path / "out", tmp_path / "out" / "run"
    out.mkdir()
    save(fit_of(study), run, persons=study.persons)
    for arguments in written_by(run, out, tmp_path / "data"):
        assert main(arguments) == 0, arguments
    if extent.is_full:
        fit = [
            "fit",
            "single",
            str(tmp_path / "data"),
            "--method",
            "laplace",
            "--draws",
            "50",
            "--out",
            str(out / "real"),
        ]
        assert main([*fit, "--json"]) in (0, 5)
    said = capsys.readouterr()
    found = leaks(words, out, but=(PERSONS,))
    found += [f"messages: {word}" for word in said_in(words, said.out + said.err)]
    found += [f"notebook: {word}" for word in said_in(words, shown_in_a_notebook(study, run))]
    files = sum(path.is_file() for path in out.rglob("*"))
    extent.found(f"{sum(map(len, words.values()))} words in {files} files, messages and a notebook: {len(found)} found")
    assert not found
    assert said_in(words, (run / PERSONS).read_text(encoding="utf-8")) == words["id"]
    assert stat.S_IMODE((run / PERSONS).stat().st_mode) == 0o600


def written_by(run: Path, out: Path, data: Path) -> list[list[str]]:
    """Return the commands that write or print something of a run or a study."""
    report = ["report", str(run), "--study", str(data)]
    exports = [
        ["export", str(run), "--what", what, "--out", str(out / f"{what}{suffix}")]
        for what in ("scores", "styles", "draws")
        for suffix in (".csv", ".parquet")
    ]
    return [
        [*report, "--figure", str(out / "map.svg")],
        [*report, "--out", str(out / "again.html"), "--json"],
        *exports,
        ["diagnose", str(run), "--json"],
        ["plan", str(data), "--json"],
        ["simulate", "single", str(data), "--out", str(out / "simulated")],
    ]


def shown_in_a_notebook(study: Study, run: Path) -> str:
    """Return what a notebook shows of a study and a fit, as text and as HTML."""
    from iwm_bayes.inference import load

    fit = load(run)
    things = [
        study,
        study.flow,
        study.design(),
        study.panel(),
        check_study(run.parent.parent / "data"),
        fit,
        fit.design,
    ]
    texts = [repr(thing) for thing in things]
    texts += [thing._repr_html_() for thing in things if hasattr(thing, "_repr_html_")]
    return "\n".join(texts)


def test_words_of_persons_are_found_where_they_are(tmp_path: Path) -> None:
    words = canaries(5)
    study_of(words, tmp_path / "data")
    assert {found.split(": ")[1] for found in leaks(words, tmp_path / "data")} == {w for k in words.values() for w in k}


def test_identifiers_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    words = canaries(20)
    study = study_of(words, tmp_path / "data")
    run = save(fit_of(study), tmp_path / "run", persons=study.persons)
    out = tmp_path / "named.csv"
    assert main(["export", str(run), "--out", str(out), "--with-identifiers"]) == 0
    assert set(words["id"]) <= set(pd.read_csv(out)["identifier"])


@pytest.mark.parametrize("make", [made_fit, made_change])
def test_a_run_without_a_key_has_no_file_for_one(tmp_path: Path, make: Callable[[], Fit]) -> None:
    run = save(make(), tmp_path / "run")
    assert not (run / PERSONS).exists()
