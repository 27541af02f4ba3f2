"""What stands in cells, labels and names is text on a page and nothing else, in the tree that a browser makes of it."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from markupsafe import escape

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from change_fits import change_spec, made_change
from payloads import PAYLOADS, RECKONED
from reporting_values import made_fit
from trust import Extent

from iwm_bayes.criticism.comparing import compare
from iwm_bayes.errors import ModelFileError
from iwm_bayes.inference import Fit
from iwm_bayes.reporting import write_calibration_report, write_report
from iwm_bayes.simulate import draw_parameters, simulate
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Study, read_study
from iwm_bayes.trials.calibration_ranks import evenness
from iwm_bayes.trials.calibration_study import Calibration

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--virtual-time-budget=2000",
]
_FOREIGN = {
    *[
        "script",
        "img",
        "iframe",
        "object",
        "embed",
        "link",
        "base",
        "form",
        "input",
        "button",
        "video",
        "source",
        "marquee",
        "math",
        "template",
    ],
    *["foreignobject", "animate", "set", "textarea"],
}
_SECONDS = 240
_A_PAGE = 15  # payloads on a report
_PERSONS, _RELATIONSHIPS, _ITEMS, _OCCASIONS = 60, 3, 8, 4


class Tree(HTMLParser):
    """What there is in a page: its elements, attributes that act, and marks of a payload come alive."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.alive: list[str] = []
        self.titles: list[str] = []
        self._in_title = False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self._in_title = tag == "title"
        if tag in _FOREIGN:
            self.alive.append(f"<{tag}>")
        for name, value in attrs:
            acts = name.startswith("on") or (value or "").strip().lower().startswith(("javascript:", "data:", "//"))
            refreshes = name == "http-equiv" and (value or "").lower() == "refresh"
            if acts or refreshes or (name == "id" and value == "alive"):
                self.alive.append(f"<{tag} {name}={value!r}>")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.titles.append(data)
            self._in_title = False


def tree_of(page: Path, extent: Extent) -> str:
    """Return the page as a browser has it once it is loaded."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        say = pytest.fail if extent.is_full else pytest.skip
        say("no chromium on this machine: what is alive in a page is seen in a browser alone")
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *_FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
    return done.stdout.decode()


def alive_in(page: Path, harmless: Path, extent: Extent) -> list[str]:
    """Return what is alive in a page, and what elements it has more or less of than one made of harmless words.

    Elements that every report has, such as ``style`` and ``svg``, can be told from those of a payload by their number
    alone, and so can what a payload swallowed.
    """
    tree, other = Tree(tree_of(page, extent)), Tree(harmless.read_text(encoding="utf-8"))
    assert not other.alive
    more, fewer = tree.elements - other.elements, other.elements - tree.elements
    return [
        *tree.alive,
        *(f"title {title!r}" for title in tree.titles if title == "alive"),
        *(f"{count} more <{tag}>" for tag, count in more.items()),
        *(f"{count} fewer <{tag}>" for tag, count in fewer.items()),
    ]


def harmless(texts: Sequence[str]) -> list[str]:
    """Return words that are as long as these texts, and break where they do, and have no sign that means anything."""
    return [f"w{number:02d}" + re.sub(r"\S", "x", text)[3:] for number, text in enumerate(texts)]


def quoted(text: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def written(folder: Path, codebook: str, **tables: Iterable[Iterable[object]]) -> Study:
    """Write and read a study."""
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(codebook, encoding="utf-8")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return read_study(folder)


def about(title: str, words: Sequence[str], told: str) -> str:
    """Return a codebook of what is told, whose study and covariates are called by these words."""
    said = "".join(f"{word} = {quoted(title)}\n" for word in ("name", "title", "description", "source"))
    covariates = "".join(
        f'{quoted(word)} = {{ column = "about {n}"{", unit = " + quoted(word) if n % 2 else ""} }}\n'
        for n, word in enumerate(words)
    )
    return f"""format = 1
{said}answers = "answers.csv"
file = {{ separator = "," }}
person = "id"
missing = [{quoted(words[0])}]
{told}
[covariates]
{covariates}"""


def persons_called(words: Sequence[str], answers: np.ndarray) -> list[list[object]]:
    """Return a row for each person: an identifier, answers, covariates and columns that nobody reads, all words."""
    count = len(words)
    return [
        [f"{words[n % count]}{n}", *row, *(words[(n + k) % count] for k in range(count)), *words]
        for n, row in enumerate(answers.tolist())
    ]


def study_called(words: Sequence[str], folder: Path) -> Study:
    """Return a study with these words as title, relationships, items, identifiers, covariates and columns unread."""
    relationships, items = words[:_RELATIONSHIPS], words[_RELATIONSHIPS : _RELATIONSHIPS + _ITEMS]
    codes = ", ".join(f"r{n} = {quoted(word)}" for n, word in enumerate(relationships))
    entries = "".join(
        f'{quoted(word)} = {{ dimension = "{("self", "others")[n % 2]}", keyed = "{"+-"[n // 2 % 2]}" }}\n'
        for n, word in enumerate(items)
    )
    told = f"""columns = "{{relationship}} {{item}}"
cluster = "about 0"
[relationships]
reference = {quoted(relationships[0])}
codes = {{ {codes} }}
[instrument]
name = {quoted(words[-1])}
range = [1, 4]
[items]
{entries}"""
    rng = np.random.default_rng(3)
    latent = rng.normal(size=(_PERSONS, 1)) + rng.normal(size=(_PERSONS, _RELATIONSHIPS * _ITEMS))  # against some keys
    answers = np.clip(np.round(2.5 + latent), 1, 4).astype(int).astype(object)
    answers[: _PERSONS // 3, 1] = words[0]  # a missing code
    columns = [f"r{n} {item}" for n in range(_RELATIONSHIPS) for item in items]
    head = ["id", *columns, *(f"about {n}" for n in range(len(words))), *words]
    return written(folder, about(words[-4], words, told), answers=[head, *persons_called(words, answers)])


def study_over_time_called(words: Sequence[str], folder: Path) -> Study:
    """Return a study over occasions with these words as names of scores, occasions, inputs and events too."""
    scores, occasions, inputs, events = words[:2], words[2:6], words[6:8], words[8:10]
    dimensions = ", ".join(f'{quoted(w)} = "{d}"' for w, d in zip(scores, ("self", "others"), strict=True))
    codes = ", ".join(f"o{n} = {quoted(word)}" for n, word in enumerate(occasions))
    told = f"""[relationships]
reference = {quoted(words[10])}
[scores]
columns = "{{dimension}} {{occasion}}"
dimensions = {{ {dimensions} }}
range = [0, 8]
[occasions]
codes = {{ {codes} }}
unit = "year"
times = [0, 0.5, 1, 2]
[inputs.{quoted(inputs[0])}]
convention = "hold"
columns = "acts {{occasion}}"
[inputs.{quoted(inputs[1])}]
convention = "spell"
file = "spells.csv"
person = "id"
time = "from"
stop = "to"
[events]
file = "events.csv"
person = "id"
time = "when"
class = "what"
"""
    values = np.random.default_rng(3).uniform(1, 7, (_PERSONS, 3 * _OCCASIONS)).round(2)
    named = [f"{name} o{n}" for name in (*scores, "acts") for n in range(_OCCASIONS)]
    head = ["id", *named, *(f"about {n}" for n in range(len(words))), *words]
    rows = persons_called(words, values)
    dated = [["id", "when", "what", *words], *([row[0], 0.75, events[n % 2], *words] for n, row in enumerate(rows))]
    spells = [["id", "from", "to", *words], *([row[0], 0.25, 1.5, *words] for row in rows[:20])]
    return written(folder, about(words[-4], words, told), answers=[head, *rows], events=dated, spells=spells)


def model_called(model: ModelSpec, question: str, reference: str) -> ModelSpec:
    """Return a model with another question and reference."""
    return parse_model({**model.document(), "question": question, "references": [reference]})


def fits_called(words: Sequence[str], folder: Path, spread: float = 1.0) -> tuple[Study, list[Fit]]:
    """Return a study with these words everywhere, and made-up fits of two models to its answers."""
    study, fits = study_called(words, folder / "study"), []
    said = {"study_digest": study.digest, "asked": {"answers": words[-1], "occasion": words[-2]}}
    for name in ("hierarchical", "single"):
        spec = model_called(read_model(name), words[-3], words[-2])
        truth = draw_parameters(spec, study.design(), np.random.default_rng(1))
        truth |= {"general_share": np.full(2, 0.5)} if name == "hierarchical" else {}
        simulated = simulate(spec, study.design(), truth, seed=2)
        object.__setattr__(simulated, "category", np.array(study.category()))
        fits.append(made_fit(simulated, about=said, spread=spread))
    return study, fits


def comparison_page(words: Sequence[str], folder: Path) -> Path:
    """Write the report of a comparison, in which the preferred model is shown in full, with its study."""
    study, fits = fits_called(words, folder)
    return write_report(compare(fits, threads=1), folder / "report.html", study=study)


def unreliable_page(words: Sequence[str], folder: Path) -> Path:
    """Write the report of a fit that must not be interpreted, which says of what that is so, with its study."""
    study, fits = fits_called(words, folder, spread=2.0)
    return write_report(fits[0], folder / "report.html", study=study)


def change_page(words: Sequence[str], folder: Path) -> Path:
    """Write the report of a model of change, with its study."""
    study = study_over_time_called(words, folder / "study")
    spec = model_called(change_spec(aftermath=True, events={"vary": True}), words[-3], words[-2])
    fit = made_change(spec, study.panel(), scores=(study.panel_values() - 4) / 2)
    fit.tree["posterior"]["after_effect"].values[..., 0] = 0  # a spell alone leaves something behind
    fit.tree.attrs["about"] = json.dumps({**fit.about, "study_digest": study.digest, "asked": {"answers": words[-1]}})
    return write_report(Fit(fit.tree), folder / "report.html", study=study)


def calibration_page(words: Sequence[str], folder: Path) -> Path:
    """Write the report of a calibration whose quantities, and what is said of fits that failed, are these words."""
    spec = model_called(read_model("single"), words[-3], words[-2])
    rng = np.random.default_rng(2)
    ranks = {f"thresholds[{word},1]": rng.integers(0, 100, 120) for word in words}
    ranks[f"discrimination[{words[0]}]"] = np.zeros(120, int)  # uneven
    found = {name: evenness(values) for name, values in ranks.items()}
    design = study_called(words, folder / "study").design()
    return write_calibration_report(
        Calibration(spec, design, 1, 125, dict(enumerate(words[:5])), 1, ranks, found, 60.0), folder / "report.html"
    )


def notebook_page(words: Sequence[str], folder: Path) -> Path:
    """Write what a notebook shows of studies and of a model."""
    studies = [study_called(words, folder / "study"), study_over_time_called(words, folder / "panel")]
    things = [*studies, studies[0].flow, model_called(read_model("hierarchical"), words[-3], words[-2])]
    page = folder / "notebook.html"
    body = "".join(thing._repr_html_() for thing in things)
    page.write_text(f"<!doctype html><html><head><title>notebook</title></head><body>{body}</body></html>", "utf-8")
    return page


_PAGES: tuple[Callable[[Sequence[str], Path], Path], ...] = (
    comparison_page,
    change_page,
    calibration_page,
    notebook_page,
    unreliable_page,
)


@pytest.mark.trust(
    "60 injections in names, labels, cells and ids: none is alive in a report of a fit with its study, of a "
    "comparison, of a model of change or of a calibration, or in a notebook"
)
def test_no_text_comes_alive_in_a_report_or_a_notebook(tmp_path: Path, extent: Extent) -> None:
    chosen = PAYLOADS[:: len(PAYLOADS) // extent(short=_A_PAGE, full=len(PAYLOADS))]
    alive, pages = [], 0
    for start in range(0, len(chosen), _A_PAGE):
        texts = chosen[start : start + _A_PAGE]
        for make in _PAGES[: extent(short=4, full=len(_PAGES))]:
            folder = tmp_path / f"{start}-{make.__name__}"
            page, other = make(texts, folder), make(harmless(texts), folder / "harmless")
            alive += [f"{make.__name__} {start}: {found}" for found in alive_in(page, other, extent)]
            source = page.read_text(encoding="utf-8")
            assert RECKONED not in source
            shown = html.unescape(source)
            assert all(text in shown for text in texts[:-1]), "they should be on the page, as text"
            pages += 1
    extent.found(f"{len(chosen)} injections on {pages} pages, {len(alive)} alive")
    assert not alive


def test_a_page_that_does_not_escape_is_found_out(tmp_path: Path, extent: Extent) -> None:
    page, other = tmp_path / "page.html", tmp_path / "harmless.html"
    for path, text in ((page, PAYLOADS[5] + PAYLOADS[38]), (other, "words")):
        path.write_text(f"<!doctype html><html><head><title>page</title></head><body>{text}", encoding="utf-8")
    found = alive_in(page, other, extent)
    assert "title 'alive'" in found
    assert "<b id='alive'>" in found


def test_a_style_sheet_and_a_drawing_are_found_in_a_report_that_has_its_own(tmp_path: Path, extent: Extent) -> None:
    texts = [PAYLOADS[22], "words", "more", PAYLOADS[8], *("abcdefghijk")]
    page, other = calibration_page(texts, tmp_path / "page"), calibration_page(harmless(texts), tmp_path / "harmless")
    source = page.read_text(encoding="utf-8")
    assert alive_in(page, other, extent) == []
    for text in (PAYLOADS[22], PAYLOADS[8]):
        source = source.replace(str(escape(text)), text, 1)
    page.write_text(source, encoding="utf-8")
    assert {"1 more <style>", "1 more <svg>"} <= set(alive_in(page, other, extent))


def test_without_a_browser_the_promise_is_not_taken_for_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(pytest.fail.Exception, match="no chromium"):
        tree_of(tmp_path / "page.html", Extent(full=True))
    with pytest.raises(pytest.skip.Exception, match="no chromium"):
        tree_of(tmp_path / "page.html", Extent(full=False))


@pytest.mark.parametrize("name", PAYLOADS[::10])
def test_a_model_cannot_be_called_so(name: str) -> None:
    with pytest.raises(ModelFileError, match="M41"):
        parse_model({**read_model("single").document(), "name": name})


@pytest.mark.parametrize("name", PAYLOADS[::10])
def test_a_dimension_cannot_be_called_so(name: str) -> None:
    document = read_model("single").document()
    with pytest.raises(ModelFileError, match="M41"):
        parse_model({**document, "field": {**document["field"], "dimensions": [name, "others"]}})
