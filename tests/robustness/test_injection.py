"""What stands in cells, labels and names is text on a page and nothing else, in the tree that a browser makes of it."""

from __future__ import annotations

import dataclasses
import html
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from payloads import PAYLOADS
from reporting_values import made_fit
from trust import Extent

from iwm_bayes.errors import ModelFileError
from iwm_bayes.inference import Fit
from iwm_bayes.reporting import write_report
from iwm_bayes.simulate import draw_parameters, make_design, simulate
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Item, Study, read_study

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
_RELATIONSHIPS, _ITEMS = 3, 8


class Tree(HTMLParser):
    """What there is in a page: elements that no report has, attributes that act, and marks of a payload come alive."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.alive: list[str] = []
        self.titles: list[str] = []
        self.refreshes, self._in_title = 0, False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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


def tree_of(page: Path) -> str:
    """Return the page as a browser has it once it is loaded."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no chromium on this machine: what is alive in a page is seen in a browser alone")
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *_FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
    return done.stdout.decode()


def alive_in(page: Path) -> list[str]:
    """Return what is alive in a page."""
    tree = Tree(tree_of(page))
    return [*tree.alive, *(f"title {title!r}" for title in tree.titles if title == "alive")]


def report_of(texts: list[str], folder: Path) -> Path:
    """Write a report whose relationships, items, study and model are called by these texts, and return its path."""
    texts = (texts * _A_PAGE)[:_A_PAGE]
    relationships, items = texts[:_RELATIONSHIPS], texts[_RELATIONSHIPS : _RELATIONSHIPS + _ITEMS]
    study, question, reference, occasion = texts[_RELATIONSHIPS + _ITEMS : _RELATIONSHIPS + _ITEMS + 4]
    spec = model_called(question, reference)
    made = [Item(name, ("self", "others")[n % 2], "+-"[n // 2 % 2], 1, 4) for n, name in enumerate(items)]
    design = dataclasses.replace(make_design(60, relationships, made, name=study), occasions=(occasion,))
    truth = draw_parameters(spec, design, np.random.default_rng(1)) | {"general_share": np.full(2, 0.5)}
    fit: Fit = made_fit(simulate(spec, design, truth, seed=2))
    return write_report(fit, folder / "report.html")


def model_called(question: str, reference: str) -> ModelSpec:
    document = read_model("hierarchical").document()
    return parse_model({**document, "question": question, "references": [reference]})


def study_called(texts: Iterable[str], folder: Path) -> Study:
    """Return a study with these texts as identifiers, title, covariates, and columns that it does not read."""
    import csv

    texts = list(texts)
    rng, folder = np.random.default_rng(3), folder / "study"
    folder.mkdir()
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *map(str, range(1, 10)), "age", "note", *texts])
        for n in range(30):
            row = [texts[n % len(texts)] + str(n), *rng.integers(1, 8, 9), texts[n % len(texts)], texts[-1]]
            writer.writerow([*row, *[n] * len(texts)])
    title = texts[0].replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    (folder / "study.toml").write_text(
        f'format = 1\nname = "{title}"\ntitle = "{title}"\ndescription = "{title}"\nanswers = "answers.csv"\n'
        'person = "id"\n[instrument]\nuse = "ecr-rs"\n[covariates]\nage = { column = "age", unit = "year" }\n'
        'note = { column = "note" }\n',
        encoding="utf-8",
    )
    return read_study(folder)


@pytest.mark.trust("60 injections in names, labels, cells and ids: none is alive in a report or a notebook")
def test_no_text_comes_alive_in_a_report_or_a_notebook(tmp_path: Path, extent: Extent) -> None:
    chosen = list(PAYLOADS[:: len(PAYLOADS) // extent(short=_A_PAGE, full=len(PAYLOADS))])
    alive, pages = [], 0
    for start in range(0, len(chosen), _A_PAGE):
        page = report_of(chosen[start : start + _A_PAGE], tmp_path / str(start))
        alive += alive_in(page)
        pages += 1
        source = page.read_text(encoding="utf-8")
        assert "1337" not in source
        assert all(
            html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in source
            for text in chosen[start:][:3]
        )
    notebook = tmp_path / "notebook.html"
    shown = study_called(chosen, tmp_path)
    parts = [shown._repr_html_(), shown.flow._repr_html_(), model_called(chosen[0], chosen[-1])._repr_html_()]
    notebook.write_text("<!doctype html><title>notebook</title>" + "".join(parts), encoding="utf-8")
    alive += alive_in(notebook)
    extent.found(f"{len(chosen)} injections on {pages + 1} pages, {len(alive)} alive")
    assert not alive


def test_a_page_that_does_not_escape_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>page</title>" + PAYLOADS[5] + PAYLOADS[38], encoding="utf-8")
    found = alive_in(page)
    assert "title 'alive'" in found
    assert "<b id='alive'>" in found


@pytest.mark.parametrize("name", PAYLOADS[::10])
def test_a_model_cannot_be_called_so(name: str) -> None:
    with pytest.raises(ModelFileError, match="M41"):
        parse_model({**read_model("single").document(), "name": name})
