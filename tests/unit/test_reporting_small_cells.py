"""Three persons without a partner: no table, figure or sentence of the report tells that they are three."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import numpy as np
import pytest
from change_fits import change_panel, made_change
from reporting_values import made_fit, made_study

from iwm_bayes.errors import Problem
from iwm_bayes.estimands import STYLES
from iwm_bayes.estimands.styles import UNCLEAR
from iwm_bayes.reporting.answers import count_answers
from iwm_bayes.reporting.contents import ReportContents, collect
from iwm_bayes.reporting.document import Figure, Paragraph, Section, Table
from iwm_bayes.reporting.figures.working_models import RelationshipMap, map_figure
from iwm_bayes.reporting.occasions import count_panel
from iwm_bayes.reporting.sections.change.data import data as data_of_change
from iwm_bayes.reporting.sections.data import data
from iwm_bayes.reporting.sections.fit import fit as fit_section
from iwm_bayes.reporting.sections.results import results, working_model_map
from iwm_bayes.study.told import without_values

pytestmark = pytest.mark.trust("a report counts no group of 1 to 4 persons, and none can be worked out from the others")
PERSONS, WITHOUT = 80, 3
ITEMS = 9


def without_partner(persons: list[int]) -> ReportContents:
    """Return the contents of a report of 80 persons of whom some have no partner; nobody left anything else out."""
    simulated = made_study(persons=PERSONS)
    category = np.where(simulated.category < 0, 3, simulated.category)
    absent = np.zeros_like(simulated.design.not_applicable)
    absent[persons, 2] = True
    category[absent] = -1
    design = dataclasses.replace(simulated.design, observed=category >= 0, not_applicable=absent)
    return collect(made_fit(dataclasses.replace(simulated, design=design, category=category)))


@pytest.fixture(scope="module")
def contents() -> ReportContents:
    return without_partner([5, 40, 61])


def words_of(section: Section) -> str:
    """Return all that a section says and draws."""
    parts: list[str] = []
    for block in section.blocks:
        parts += [block.text] if isinstance(block, Paragraph) else []
        shown = block.table if isinstance(block, Figure) else block
        parts += [block.alt, block.caption, str(block.svg)] if isinstance(block, Figure) else []
        parts += [" | ".join(row) for row in shown.rows] if isinstance(shown, Table) else []
    return "\n".join(parts)


def numbers_in(text: str) -> set[str]:
    """Return the whole numbers that a text prints, without coordinates, shares and percentages."""
    plain = re.sub(r'="[^"]*"', "", text).replace(",", "")
    return set(re.findall(r"(?<![\d.])\d+(?![\d.%])", plain))


def test_no_section_prints_how_many_have_a_partner_or_gave_answers_about_one(contents: ReportContents) -> None:
    answered = PERSONS - WITHOUT
    telling = {str(answered), str(answered * ITEMS), str(PERSONS * ITEMS * 2 + answered * ITEMS)}
    for section in (data(contents), fit_section(contents), results(contents)):
        assert not numbers_in(words_of(section)) & telling, section.anchor
    assert "<5" in words_of(data(contents))


def test_no_row_of_answers_sums_up_to_the_number_who_have_a_partner(contents: ReportContents) -> None:
    table = next(block.table for block in data(contents).blocks if isinstance(block, Figure))
    about_partner = [row[2:] for row in table.rows if row[1] == "partner"]
    assert len(about_partner) == ITEMS
    assert all(not all(cell.isdigit() for cell in row) for row in about_partner)
    about_mother = [row[2:] for row in table.rows if row[1] == "mother" and all(cell.isdigit() for cell in row[2:])]
    assert all(sum(map(int, row)) == PERSONS for row in about_mother)


def test_observed_shares_are_of_what_everybody_can_take_the_total_to_be(contents: ReportContents) -> None:
    counts = count_answers(contents.fit)
    beside = counts.beside(2, PERSONS - WITHOUT)
    assert beside == (0, WITHOUT)
    assert counts.beside(0, PERSONS) == (0,)


def test_nobody_can_count_on_the_map_who_has_a_partner_or_a_rare_style(
    contents: ReportContents, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert contents.styles is not None
    monkeypatch.setattr("iwm_bayes.reporting.sections.results.map_figure", lambda panels, *words: panels)
    mother, _, partner = working_model_map(contents, contents.styles)
    assert (mother.persons, mother.draws.shape[1]) == ("80 persons", PERSONS)
    assert (partner.persons, partner.draws.shape[1]) == ("", 75)
    for panel in (mother, partner):
        assert len(panel.style) == panel.draws.shape[1]
        drawn = Counter(panel.style)
        labels = next(row for row in table_of_labels(contents) if row[:2] == ("relative", panel.relationship))
        hidden = [style for style, cell in zip(STYLES, labels[2:], strict=False) if not cell.isdigit()]
        assert not any(drawn[style] for style in hidden)


def table_of_labels(contents: ReportContents) -> tuple[tuple[str, ...], ...]:
    tables = (block for block in results(contents).blocks if isinstance(block, Table))
    return next(table.rows for table in tables if "probable enough" in table.caption)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_means_of_three_persons_are_not_told_and_the_three_are_not_drawn() -> None:
    contents = without_partner(list(range(3, PERSONS)))
    sections = [fit_section(contents), results(contents)]
    tables = {block.caption: block for section in sections for block in section.blocks if isinstance(block, Table)}
    (scales,) = (table for caption, table in tables.items() if caption.startswith("Scales and relationships"))
    assert {"mother", "father"} <= {word for row in scales.rows for word in row[1].split(", ")}
    assert not any("partner" in row[1] for row in scales.rows)
    drawn = next(block for block in sections[1].blocks if isinstance(block, Figure))
    assert not any(row[0] == "partner" for row in drawn.table.rows)


def test_a_study_that_gives_nothing_away_is_counted_exactly() -> None:
    counts = count_answers(made_fit(made_study(persons=100, relationships=("mother", "father"))))
    assert counts.unit in (0, 5 * ITEMS)
    every = tuple(dataclasses.replace(one, missing=0) for one in counts.by_relationship)
    assert dataclasses.replace(counts, by_relationship=every).unit == 0


def test_numbers_of_occasions_do_not_give_each_other_away() -> None:
    fit = made_change(panel=change_panel(missing=3))
    counts = count_panel(fit)
    assert counts.persons_with[2] == WITHOUT
    tables = (block for block in data_of_change(collect(fit)).blocks if isinstance(block, Table))
    (row,) = next(table.rows for table in tables if "number of" in table.caption)
    assert set(row[1:]) == {"–"}
    assert counts.unit > 0


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("D252", 'age ("age"): 1 value outside 0-110 (Anna Karenina). Taken as missing there.', "covariate"),
        ("D246", "3 persons have 1 occasion: that informs levels, not change. Kept.", "Persons have 1 occasion"),
        ("D240", "2 persons have no answers and not analysed.", "no answers"),
        ("D199", "a finding of a later version about p17", "Something was found"),
        ("D230", "item 4 runs against its scale", "item 4 runs against its scale"),
    ],
)
def test_findings_are_told_without_values_and_numbers(code: str, message: str, said: str) -> None:
    told = without_values(Problem(code, "warning", message))
    assert said in told
    assert not any(word in told for word in ("Anna", "3 persons", "2 persons", "p17"))


@pytest.mark.parametrize(("persons", "drawn"), [(49, "regions"), (50, "points"), (19, "not at all")])
def test_the_map_shows_points_of_50_persons_and_of_fewer_where_they_lie_together(persons: int, drawn: str) -> None:
    rng = np.random.default_rng(1)
    panel = RelationshipMap(
        "mother", rng.normal(size=(40, persons, 2)), np.full(persons, UNCLEAR), "", None, dict.fromkeys(STYLES, "")
    )
    empty = dataclasses.replace(panel, draws=panel.draws[:, :0], style=panel.style[:0])
    alone, without = (Counter(re.findall(r"<(\w+)", map_figure([one], "zero", 0.8).svg)) for one in (panel, empty))
    more = alone - without
    signs = sum(more[tag] for tag in ("circle", "path", "polygon", "rect", "use"))
    assert {"points": persons <= signs, "regions": 0 < signs < persons, "not at all": signs == 0}[drawn], more
