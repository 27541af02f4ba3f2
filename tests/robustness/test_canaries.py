"""Identifiers and words of persons stay where they are: in the file of answers, and in a key for its owner alone."""

from __future__ import annotations

import csv
import json
import shutil
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from change_fits import change_spec, made_change
from reporting_values import made_fit, made_study
from trust import Extent

from iwm_bayes.cli import main
from iwm_bayes.inference import Fit, add_trajectories, save
from iwm_bayes.inference.storage import PERSONS
from iwm_bayes.simulate import simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Study, check_study, read_study

_MOST = 50
_CODES = ("utf-8", "utf-16-le", "utf-16-be")
_DAMAGED = 7  # the exit code where a file is not what was written
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


def fit_of(study: Study, model: str = "hierarchical") -> Fit:
    """Return a made-up fit of a study's own answers."""
    simulated = made_study(model, persons=len(study.persons), relationships=study.relationships)
    same = simulate(read_model(model), study.design(), simulated.parameters, seed=1)
    object.__setattr__(same, "category", np.array(study.category()))
    return made_fit(same, about={"study_digest": study.digest})


def said_in(words: dict[str, list[str]], text: str) -> list[str]:
    """Return the words that a text holds, whatever the case."""
    low = text.lower()
    return [word for kind in words.values() for word in kind if word.lower() in low]


def leaks(words: dict[str, list[str]], folder: Path, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return the words in the names, the bytes and the tables of all files of a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        found += [f"name of {path}: {word}" for word in said_in(words, path.name)]
        if path.is_file() and path.name not in but:
            low, text = path.read_bytes().lower(), unpacked(path)
            plain = [w for own in words.values() for w in own if any(w.lower().encode(code) in low for code in _CODES)]
            found += [f"{path.name}: {word}" for word in dict.fromkeys([*plain, *said_in(words, text)])]
    return found


def unpacked(path: Path) -> str:
    """Return the texts that a file holds which may be compressed; nothing for other files."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.suffix != ".nc":
        return ""
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        texts = [str(node.attrs) for node in tree.subtree]
        for variable in (one for node in tree.subtree for one in node.variables.values()):
            texts.append(str(variable.attrs))
            texts += [str(variable.values.tolist())] if variable.dtype.kind in "OSUT" else []
    return "\n".join(texts)


@pytest.mark.trust(
    "50 identifiers and 200 texts of persons: none in report, run, comparison, export, JSON, messages (also of what "
    "fails; iwm check shows rows) or a notebook"
)
def test_no_word_of_a_person_leaves_the_file_of_answers(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    words = canaries(extent(short=20, full=_MOST))
    study = study_of(words, tmp_path / "data")
    assert {"D252", "D254"} & {problem.code for problem in study.problems}, "the study should have something to hide"
    out, run, single = tmp_path / "out", tmp_path / "out" / "run", tmp_path / "out" / "single"
    out.mkdir()
    save(fit_of(study), run, persons=study.persons)
    save(fit_of(study, "single"), single, persons=study.persons)
    compare = ["compare", str(run), str(single), "--out", str(out / "compared")]
    commands = [*written_by(run, out, tmp_path / "data"), compare, ["status", str(out)]]
    if extent.is_full:
        both = ["report", str(run), str(single), "--study", str(tmp_path / "data"), "--out", str(out / "both.html")]
        commands += [[*compare, "--json"], both, ["diagnose", str(run)], ["plan", str(tmp_path / "data")]]
    for arguments in commands:
        assert main(arguments) == 0, arguments
    for arguments, code in refused_with(run, tmp_path):
        assert main(arguments) == code, arguments
    if extent.is_full:
        fit = ["fit", "single", str(tmp_path / "data"), "--method", "laplace", "--draws", "50"]
        assert main([*fit, "--out", str(out / "real"), "--json"]) in (0, 5)
    said = capsys.readouterr()
    see_that_none_is_told(words, study, run, said.out + said.err, extent)
    assert stat.S_IMODE((run / PERSONS).stat().st_mode) == 0o600


def see_that_none_is_told(words: dict[str, list[str]], study: Study, run: Path, said: str, extent: Extent) -> None:
    """Look for words in all files beside a run, in what was said and in a notebook; the key alone has identifiers."""
    out = run.parent
    found = leaks(words, out, but=(PERSONS,))
    found += [f"messages: {word}" for word in said_in(words, said)]
    found += [f"notebook: {word}" for word in said_in(words, shown_in_a_notebook(study, run))]
    files = sum(path.is_file() for path in out.rglob("*"))
    extent.found(f"{sum(map(len, words.values()))} words in {files} files, messages and a notebook: {len(found)} found")
    assert not found
    assert said_in(words, (run / PERSONS).read_text(encoding="utf-8")) == words["id"]


def written_by(run: Path, out: Path, data: Path) -> list[list[str]]:
    """Return the commands that write or print something of a run or a study."""
    report = ["report", str(run), "--study", str(data)]
    return [
        [*report, "--figure", str(out / "map.svg")],
        [*report, "--out", str(out / "again.html"), "--json"],
        *exports_of(run, out, ("scores", "styles", "draws")),
        ["diagnose", str(run), "--json"],
        ["plan", str(data), "--json"],
        ["simulate", "single", str(data), "--out", str(out / "simulated")],
        *looked_at(run, data),
    ]


def exports_of(run: Path, out: Path, what: Sequence[str]) -> list[list[str]]:
    """Return the commands that export something of a run, as text and as Parquet."""
    names = [(one, out / f"{one}{suffix}") for one in what for suffix in (".csv", ".parquet")]
    return [["export", str(run), "--what", one, "--out", str(path)] for one, path in names]


def looked_at(run: Path, data: Path) -> list[list[str]]:
    """Return the commands that say how a run stands."""
    both = (["status", str(run)], ["verify", str(run), "--study", str(data)])
    return [command for one in both for command in (one, [*one, "--json"])]


def refused_with(run: Path, folder: Path) -> list[tuple[list[str], int]]:
    """Return commands that fail over a run or a study that is damaged, each with its exit code."""
    data, (broken, key) = folder / "data", (spoilt(run, folder / name, name) for name in ("fit.nc", PERSONS))
    no_column, twice, no_number = (folder / name for name in ("no_column", "twice", "no_number"))
    for copy in (no_column, twice, no_number):
        shutil.copytree(data, copy)
    book = (data / "study.toml").read_text(encoding="utf-8")
    (no_column / "study.toml").write_text(book.replace('"diary"', '"dairy"').replace('"note"', '"nota"'), "utf-8")
    head, first, *rows = (data / "answers.csv").read_text(encoding="utf-8").splitlines()
    (twice / "answers.csv").write_text("\n".join([head, first, first[:-1] + "y", *rows]), encoding="utf-8")
    shifted = first.split(",")
    shifted = [shifted[0], shifted[-1], *shifted[1:-1]]  # words where answers should be
    (no_number / "answers.csv").write_text("\n".join([head, ",".join(shifted), *rows]), encoding="utf-8")
    named = ["--with-identifiers", "--out", str(folder / "named.csv")]
    studies = [
        ([*verb, str(study), *([] if verb == ["plan"] else ["--out", str(folder / "never")])], 3)
        for study in (no_column, twice, no_number)
        for verb in (["plan"], ["fit", "single"], ["compare", "single", "hierarchical"])
    ]
    return [
        *((command, _DAMAGED) for command in looked_at(broken, data)),
        *(([verb, str(broken)], _DAMAGED) for verb in ("report", "diagnose", "resume")),
        *((["verify", str(key), *json], _DAMAGED) for json in ([], ["--json"])),
        (["export", str(key), *named], _DAMAGED),
        *studies,
    ]


def spoilt(run: Path, copy: Path, name: str) -> Path:
    """Return a copy of a run with a bit flipped in one of its files."""
    shutil.copytree(run, copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    return copy


_BOOK_OVER_TIME = """format = 1
name = "made"
answers = "answers.csv"
person = "id"
cluster = "school"
[scores]
columns = "{dimension}_{occasion}"
dimensions = { anx = "self", avo = "others" }
range = [0, 8]
[occasions]
codes = { a = "first", b = "second", c = "third", d = "fourth" }
unit = "year"
times = [0, 0.5, 1, 2]
[inputs.care]
convention = "hold"
columns = "care_{occasion}"
[inputs.therapy]
convention = "spell"
file = "therapy.csv"
person = "id"
time = "from"
stop = "to"
[events]
file = "events.csv"
person = "id"
time = "when"
class = "what"
dose = "dose"
[covariates]
age = { column = "age", unit = "year" }
note = { column = "note" }
[ignore]
columns = ["diary"]
"""


def study_over_time_of(words: dict[str, list[str]], folder: Path) -> Study:
    """Write and read a study of 60 persons over four occasions, with inputs and events, in which every word stands."""
    rng, count = np.random.default_rng(1), len(words["id"])
    about = {kind: [own[n % count] for n in range(60)] for kind, own in words.items() if kind != "id"}
    person = pd.Series([words["id"][n] if n < count else f"other{n}" for n in range(60)], name="id")
    columns = [f"{name}_{occasion}" for name in ("anx", "avo", "care") for occasion in "abcd"]
    values = pd.DataFrame(rng.uniform(1, 7, (60, 12)).round(2), columns=columns)
    extra = pd.DataFrame(about)
    therapy = pd.DataFrame({"from": 0.25, "to": np.where(rng.random(60) < 0.5, 1.5, np.nan)})
    events = pd.DataFrame({"when": np.where(rng.random(60) < 0.9, 0.75, 9.0), "what": "loss", "dose": np.nan})
    events.loc[0, "dose"] = 2.0
    folder.mkdir()
    (folder / "study.toml").write_text(_BOOK_OVER_TIME, encoding="utf-8")
    pd.concat([person, values, extra], axis=1).to_csv(folder / "answers.csv", index=False)
    pd.concat([person, therapy, extra], axis=1)[:30].to_csv(folder / "therapy.csv", index=False)
    pd.concat([person, events, extra], axis=1).to_csv(folder / "events.csv", index=False)
    return read_study(folder)


def fit_over_time_of(study: Study) -> Fit:
    """Return a made-up fit of a model of change to a study's own scores."""
    spec = change_spec(aftermath=True, events={"vary": True})
    fit = made_change(spec, study.panel(), scores=(study.panel_values() - 4) / 2)
    fit.tree["posterior"]["after_effect"].values[..., 0] = 0  # a spell alone leaves something behind
    fit.tree.attrs["about"] = json.dumps({**fit.about, "study_digest": study.digest})
    return Fit(fit.tree)


@pytest.mark.trust(
    "50 identifiers and 200 texts of persons in answers, inputs and events over time: none in report, run, export, "
    "JSON, messages or a notebook"
)
def test_no_word_of_a_person_leaves_a_study_over_time(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    words, data = canaries(extent(short=20, full=_MOST)), tmp_path / "data"
    study, out, run = study_over_time_of(words, data), tmp_path / "out", tmp_path / "out" / "run"
    assert {"D254", "D277", "D281", "D282"} <= {problem.code for problem in study.problems}
    out.mkdir()
    fit = fit_over_time_of(study)
    save(add_trajectories(fit) if extent.is_full else fit, run, persons=study.persons)
    report = ["report", str(run), "--study", str(data), "--figure", str(out / "retest.svg")]
    exported = ("draws", "changes", "trajectories", "styles")[: extent(short=1, full=4)]
    commands = [report, *exports_of(run, out, exported), ["plan", str(data), "--json"], *looked_at(run, data)[::2]]
    if extent.is_full:
        commands += [[*report, "--json"], ["diagnose", str(run), "--json"], *looked_at(run, data)[1::2]]
    for arguments in commands:
        assert main(arguments) == 0, arguments
    events = (data / "events.csv").read_text(encoding="utf-8")
    (data / "events.csv").write_text(events.replace("0.75", "soon").replace(words["id"][1], "Quokkapersonx"), "utf-8")
    assert main(["fit", "prototype", str(data), "--out", str(tmp_path / "never")]) == 3
    said = capsys.readouterr()
    see_that_none_is_told(words, study, run, said.out + said.err, extent)


def shown_in_a_notebook(study: Study, run: Path) -> str:
    """Return what a notebook shows of a study and a fit, as text and as HTML."""
    from iwm_bayes.inference import load

    fit = load(run)
    things = [
        study,
        study.flow,
        *([study.design()] if len(study.occasions) == 1 else []),
        study.panel(),
        check_study(run.parent.parent / "data"),
        fit,
        fit.observed_design,
    ]
    texts = [repr(thing) for thing in things]
    texts += [thing._repr_html_() for thing in things if hasattr(thing, "_repr_html_")]
    return "\n".join(texts)


def test_words_of_persons_are_found_where_they_are(tmp_path: Path) -> None:
    words = canaries(5)
    study_of(words, tmp_path / "data")
    assert {found.split(": ")[1] for found in leaks(words, tmp_path / "data")} == {w for k in words.values() for w in k}


def test_words_that_are_compressed_are_found(tmp_path: Path) -> None:
    words = canaries(5)
    table = pd.DataFrame({"text": words["note"] * 40})
    table.to_parquet(tmp_path / "table.parquet", compression="gzip")
    made = xr.Dataset({"text": ("n", np.array(words["id"] * 40))}).assign_attrs(said=words["diary"][0])
    made.to_netcdf(tmp_path / "tree.nc", engine="h5netcdf")
    found = leaks(words, tmp_path)
    assert {line.split(": ")[1] for line in found} >= {*words["note"], *words["id"], words["diary"][0]}


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
