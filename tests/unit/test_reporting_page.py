"""The page as a whole: its parts, what everyone can read of it, and what it must never do or show."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from reporting_values import made_comparison, made_fit, made_study
from study_files import CODEBOOK, csv_text, wide_rows

from iwm_bayes.errors import ComparisonError, StorageError
from iwm_bayes.inference import Fit
from iwm_bayes.reporting import write_report
from iwm_bayes.simulate import simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Study, read_study

VOID = {"meta", "br", "hr", "img", "input", "link"}
SECTIONS = [
    "verdict",
    "answer",
    "data",
    "model",
    "computation",
    "measurement",
    "results",
    "fit",
    "comparison",
    "sensitivity",
    "limits",
    "reproduction",
]
HOSTILE = '"><script>alert(1)</script><img src=http://example.org/x.png>'


class Page(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the report of a comparison of three structures of 80 persons."""
    path = write_report(made_comparison(), tmp_path_factory.mktemp("report") / "report.html")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def report_of(fit: Fit, folder: Path, study: Study | None = None) -> str:
    return write_report(fit, folder / "report.html", study=study).read_text(encoding="utf-8")


def test_every_element_is_closed_where_it_was_opened(page: Page) -> None:
    assert page.crossed == []
    assert page.open == []


def test_the_command_repeats_what_was_asked_for_and_names_no_folder(tmp_path: Path) -> None:
    asked = {"answers": "my answers.csv", "occasion": "2", "likelihood": "adaptive", "target_accept": 0.97}
    text = Page(report_of(made_fit(about={"asked": asked}), tmp_path)).text
    assert "--answers 'my answers.csv' --occasion 2 --likelihood adaptive --target-accept 0.97 --out RUN" in text


def test_the_command_has_no_option_that_was_not_given(page: Page) -> None:
    (command,) = re.findall(r"iwm compare hierarchical .* --out RUNS", page.text)
    assert not [word for word in ("--answers", "--occasion", "--likelihood", "--target") if word in command]


def test_the_sections_are_there_in_order(page: Page) -> None:
    assert [attributes["id"] for attributes in page.all("section")] == SECTIONS


def test_the_page_has_a_language_landmarks_one_heading_and_a_skip_link(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert all(len(page.all(landmark)) == 1 for landmark in ("header", "nav", "main", "footer"))
    assert page.all("a")[0] == {"class": "skip", "href": "#verdict"}


def test_every_anchor_leads_somewhere_and_no_name_is_given_twice(page: Page) -> None:
    names = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert max(names.values()) == 1
    anchors = [str(attributes["href"]) for attributes in page.all("a")]
    assert all(anchor.startswith("#") and anchor[1:] in names for anchor in anchors)


def test_every_drawing_says_what_it_shows(page: Page) -> None:
    drawings = page.all("svg")
    assert len(drawings) >= 8
    assert all(drawing["role"] == "img" and len(drawing["aria-label"] or "") > 40 for drawing in drawings)
    assert any("mother: " in (drawing["aria-label"] or "") for drawing in drawings)


def test_every_figure_has_a_caption_and_the_table_behind_it(source: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", source, flags=re.DOTALL)
    assert len(figures) >= 6
    for figure in figures:
        assert "<figcaption>" in figure
        assert re.search(r"<details>.*<table>.*<td.*</table>.*</details>", figure, flags=re.DOTALL)


def test_every_table_has_a_caption_and_headings_with_a_scope(source: str, page: Page) -> None:
    assert source.count("<caption>") == len(page.all("table"))
    assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))


def test_the_page_can_neither_run_nor_fetch_anything(source: str, page: Page) -> None:
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not {"script", "link", "iframe", "object", "embed", "img", "image", "use", "base", "form"} & {
        t for t, _ in page.tags
    }
    assert not re.search(r"url\(|@import", source)
    for _, attributes in page.tags:
        assert "src" not in attributes
        assert "style" not in attributes  # the policy allows the one style sheet, by its hash
        assert not any(name.startswith("on") for name in attributes)


def test_the_hash_in_the_policy_is_that_of_the_style_sheet(source: str) -> None:
    import base64
    import hashlib

    style = re.search(r"<style>(.*?)</style>", source, flags=re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"sha256-{digest}" in source


def test_the_verdict_and_the_answer_come_first(page: Page) -> None:
    before = page.text[: page.text.index("Answer and estimands The general share")]
    assert "Trustworthy" in before
    assert "there is a general working model, and each relationship departs from it" in before
    assert "Δelpd = −51.2, SE = 9.8" in before


def test_estimands_that_are_the_same_in_every_relationship_are_said_once(page: Page) -> None:
    assert (
        page.text.count("Correlation of self and others in every relationship") == 3
    )  # and of what it owes to priors and to borders
    assert "Correlation of self and others with mother" not in page.text


def test_precision_of_chains_is_left_out_where_draws_are_no_chain(source: str) -> None:
    table = source[source.index("Reliability of the working models</caption>") :]
    table = table[: table.index("</table>")]
    assert "MCSE" in table
    assert "ESS" not in table


def test_a_tie_is_said_in_words(tmp_path: Path) -> None:
    text = Page(write_report(made_comparison(verdict="tie"), tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "Too close to call" in text


def test_no_quantity_from_draws_is_printed_as_certain(page: Page) -> None:
    assert not re.search(r"= (1\.00|\.00|0%|100%)", page.text)


def test_words_of_the_study_cannot_become_markup(tmp_path: Path) -> None:
    simulated = made_study(relationships=(HOSTILE, "<b>father</b>", "partner"))
    source = report_of(made_fit(simulated), tmp_path)
    found = Page(source)
    assert not {"script", "img", "b"} & ({tag for tag, _ in found.tags} - {"b"})
    assert "<script" not in source
    assert "<b>father" not in source
    assert HOSTILE in found.text
    assert found.crossed == []


def test_what_must_not_be_interpreted_gets_no_answer(tmp_path: Path) -> None:
    source = report_of(made_fit(spread=2), tmp_path)
    found = Page(source)
    assert "Do not interpret" in found.text
    assert "F510" in found.text
    assert "No answer is given" in found.text
    assert "departs from it" not in found.text
    assert 'class="tile"' not in source
    assert "Mdn" not in found.text
    assert found.text.count("Withheld") == 3


def test_a_caution_is_a_word_before_the_answer_and_its_reasons_follow(tmp_path: Path) -> None:
    fit = made_fit(about={"likelihood_error": {"per_person_max": 0.5, "summed": 2.5}})
    text = Page(report_of(fit, tmp_path)).text
    assert text.index("Use with caution") < text.index("there is a general working model") < text.index("F532")


def test_what_forbids_interpretation_is_said_before_anything_else(tmp_path: Path) -> None:
    text = Page(report_of(made_fit(spread=2), tmp_path)).text
    assert text.index("Do not interpret") < text.index("F510") < text.index("No answer is given")


def test_a_caution_about_every_model_is_said_once_at_the_top(tmp_path: Path) -> None:
    page = Page(write_report(made_comparison(persons=45), tmp_path / "r.html").read_text(encoding="utf-8"))
    top = page.text[: page.text.index("2 Answer and estimands")]
    assert top.count("F535") == 1
    assert "All models: 15 parameters for 45 persons" in top


def test_a_fit_without_a_general_share_says_that_it_cannot_decide(tmp_path: Path) -> None:
    text = Page(report_of(made_fit(model="single"), tmp_path)).text
    assert "On its own it cannot say whether that is so" in text


def test_without_the_study_the_report_says_what_is_left_out(page: Page) -> None:
    assert "need the study: add --study STUDY" in page.text


def test_points_stand_for_persons_only_where_there_are_enough_of_them(tmp_path: Path) -> None:
    few = Page(report_of(made_fit(persons=45), tmp_path)).text
    assert "persons are not drawn one by one" in few
    assert "drawn at random" not in few
    many = Page(report_of(made_fit(persons=60), tmp_path)).text
    assert "Each point is a person's posterior mean" in many


def test_no_identifier_of_a_person_is_in_the_page(tmp_path: Path) -> None:
    study = small_study(tmp_path)
    fit = fit_of(study)
    source = report_of(fit, tmp_path, study)
    assert "participant" in study.persons[0]
    assert not re.search(r"participant-\d", source)
    assert "From the file to the analysis" in source
    assert "with its scale" in source


def test_cells_of_one_to_four_are_not_printed(tmp_path: Path) -> None:
    source = report_of(fit_of(small_study(tmp_path)), tmp_path)
    answers = source[source.index("Number of answers in each category") : source.index("Keys and their audit")]
    cells = re.findall(r'<td class="n">([^<]*)</td>', answers)
    assert "&lt;5" in cells
    assert not {"1", "2", "3", "4"} & set(cells)


def test_another_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComparisonError, match="C630"):
        write_report(made_fit(), tmp_path / "report.html", study=small_study(tmp_path))


def test_two_relationships_are_said_to_be_few(tmp_path: Path) -> None:
    text = Page(report_of(made_fit(relationships=("mother", "father")), tmp_path)).text
    assert "Two relationships (mother and father) cannot tell a general model from anything else" in text


def test_one_relationship_is_reported_without_profiles(tmp_path: Path) -> None:
    text = Page(report_of(made_fit(model="single", relationships=("general",)), tmp_path)).text
    assert "One relationship cannot say anything on general and specific working models" in text
    assert "Relationship profiles" not in text


def test_a_quick_look_is_reported_with_its_certificate(tmp_path: Path) -> None:
    certificate = {"pareto_k": 0.31, "importance_ess": 700.0}
    text = Page(report_of(made_fit(about={"method": "laplace", "certificate": certificate}), tmp_path)).text
    assert "A normal approximation at the posterior mode" in text
    assert "Pareto k of the importance weights 0.310" in text
    assert "no-U-turn sampler. Journal" not in text


def test_only_the_methods_that_were_used_are_cited(tmp_path: Path) -> None:
    text = Page(report_of(made_fit(), tmp_path)).text
    assert "no-U-turn sampler. Journal" in text
    assert "Stacking" not in text
    assert "using stacking to average" not in text


def test_the_same_contents_give_the_same_bytes(source: str, tmp_path: Path) -> None:
    assert write_report(made_comparison(), tmp_path / "again.html").read_text(encoding="utf-8") == source


def test_a_report_that_cannot_be_written_is_a_coded_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="S711"):
        write_report(made_fit(persons=30), tmp_path / "file" / "report.html")


def small_study(folder: Path) -> Study:
    """Return a study of 60 persons with identifiers that would be noticed."""
    rows = [[row[0].replace("p", "participant-"), *row[1:]] if n else row for n, row in enumerate(wide_rows(60))]
    (folder / "study").mkdir()
    (folder / "study" / "study.toml").write_text(CODEBOOK, encoding="utf-8")
    (folder / "study" / "answers.csv").write_text(csv_text(rows), encoding="utf-8")
    return read_study(folder / "study")


def fit_of(study: Study) -> Fit:
    """Return a made-up fit of a study's own answers."""
    simulated = made_study(persons=len(study.persons), relationships=study.relationships)
    same = simulate(read_model("hierarchical"), study.design(), simulated.parameters, seed=1)
    object.__setattr__(same, "category", np.array(study.category()))
    return made_fit(same, about={"study_digest": study.digest})
