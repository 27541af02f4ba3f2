"""The graph of the model, the thresholds and the weight of persons: what they show is what the fit holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from reporting_values import made_fit, made_study

from iwm_bayes.criticism import LeftOut
from iwm_bayes.estimands import THRESHOLDS, threshold_places
from iwm_bayes.inference import Fit
from iwm_bayes.reporting.answers import count_answers
from iwm_bayes.reporting.contents import ReportContents, collect
from iwm_bayes.reporting.document import Figure, Paragraph
from iwm_bayes.reporting.sections.data import answer_figure
from iwm_bayes.reporting.sections.fit import fit as fit_section
from iwm_bayes.reporting.sections.fit import misfits
from iwm_bayes.reporting.sections.influence import influence_blocks
from iwm_bayes.reporting.sections.model_graph import graph_figure
from iwm_bayes.reporting.sections.results import results
from iwm_bayes.reporting.sections.thresholds import threshold_figure
from iwm_bayes.spec import read_model
from iwm_bayes.study import Item

GENERAL, SPECIFIC, AGREE, READING = "General model", "Specific model", "Tendency to agree", "Own reading"


@pytest.fixture(scope="module")
def hierarchical() -> ReportContents:
    return collect(made_fit(persons=60))


def as_model(contents: ReportContents, model: str) -> ReportContents:
    """Return contents whose fit says that it is of another model, which suffices for a graph."""
    tree = contents.fit.tree.copy()
    tree.attrs["model"] = json.dumps(read_model(model).document())
    return replace(contents, fit=Fit(tree))


def boxes(figure: Figure) -> str:
    """Return the words in a drawing."""
    return " ".join(re.findall(r">([^<>]+)</text>", str(figure.svg)))


@pytest.mark.parametrize(
    ("model", "there", "absent"),
    [
        ("single", [GENERAL], [SPECIFIC, "General share", AGREE, READING]),
        ("context_specific", [SPECIFIC], [GENERAL, "General share", "over relationships"]),
        ("context_correlated", [SPECIFIC, "over relationships"], [GENERAL, "General share"]),
        ("hierarchical", [GENERAL, SPECIFIC, "General share"], [AGREE, READING]),
        ("hierarchical_method_effects", [GENERAL, SPECIFIC, "General share", AGREE, READING], ["over relationships"]),
    ],
)
def test_the_graph_has_what_the_model_has(
    hierarchical: ReportContents, model: str, there: list[str], absent: list[str]
) -> None:
    words = boxes(graph_figure(as_model(hierarchical, model)))
    assert [name for name in there if name not in words] == []
    assert [name for name in absent if name in words] == []


def test_the_graph_counts_what_its_frames_repeat(hierarchical: ReportContents) -> None:
    words = boxes(graph_figure(hierarchical))
    assert all(count in words for count in ("60 persons", "3 relationships", "9 items"))


def test_every_arrow_of_the_graph_stays_in_the_drawing(hierarchical: ReportContents) -> None:
    figure = graph_figure(as_model(hierarchical, "hierarchical_method_effects"))
    width, height = (float(value) for value in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', str(figure.svg))[0])
    assert width <= 760
    for name, limit in (("x1", width), ("x2", width), ("y1", height), ("y2", height)):
        assert all(0 <= float(value) <= limit for value in re.findall(rf' {name}="(-?[\d.]+)"', str(figure.svg)))


def test_a_threshold_lies_where_the_two_sides_of_it_are_equally_probable() -> None:
    items = (Item("a", "self", "-", 1, 4), Item("b", "self", "+", 1, 4))
    thresholds = np.array([[[[-2.0, 0.5, 3.0], [-2.0, 0.5, 3.0]]]])
    discrimination = np.array([[[2.0, 4.0]]])
    places = threshold_places(discrimination, thresholds, items)
    assert places.shape == (1, 2, 3)
    for j, sign in enumerate((1, -1)):  # agreement with item b means a less positive model
        above = 1 / (1 + np.exp(thresholds[0, 0, j] - sign * discrimination[0, 0, j] * places[0, j]))
        np.testing.assert_allclose(above, 0.5)


def test_an_item_on_two_dimensions_has_the_sign_of_its_first() -> None:
    item = Item("a", "self", "+", 1, 3, {"self": -1, "others": 1})
    places = threshold_places(np.array([[[2.0]]]), np.array([[[[-1.0, 1.0]]]]), (item,))
    assert places[0, 0].tolist() == [0.5, -0.5]


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.05, "fewer than 5 persons"), (0.25, "25%"), (0.95, "all but fewer than 5 persons"), (0.0, "< 1%")],
)
def test_persons_whose_styles_differ_are_counted_beside_their_expected_share(
    hierarchical: ReportContents, share: float, said: str
) -> None:
    assert hierarchical.profiles is not None
    shares = dict.fromkeys(("relative", "absolute"), share)
    means = {"relative": 0.42, "absolute": 0.31}
    profiles = replace(hierarchical.profiles, share_differing=shares, mean_differing=means)
    blocks = results(replace(hierarchical, profiles=profiles)).blocks
    (words,) = (b.text for b in blocks if isinstance(b, Paragraph) and "different styles" in b.text)
    assert "on average over persons, 42% (relative cut) and 31% (absolute cut)" in words
    assert f"above .80: {said} (relative cut) and {said} (absolute cut)" in words


def test_what_one_table_of_answers_hides_no_other_gives_away(hierarchical: ReportContents) -> None:
    counted = answer_figure(hierarchical, count_answers(hierarchical.fit)).table
    hidden = {
        (item, relationship, str(answer))
        for item, relationship, *cells in counted.rows
        for answer, cell in enumerate(cells, start=1)
        if not cell.isdigit()
    }
    shares = next(block.table for block in fit_section(hierarchical).blocks if isinstance(block, Figure))
    assert {row[:3] for row in shares.rows if row[3] in ("<5", "≥5")} == hidden
    assert any(cell == "≥5" for row in counted.rows for cell in row)


@pytest.mark.parametrize(("outside", "said"), [(THRESHOLDS.misfit, 0), (THRESHOLDS.misfit + 0.01, 1)])
def test_a_misfit_is_named_above_the_threshold_of_the_record(outside: float, said: int) -> None:
    values = SimpleNamespace(values=np.zeros(100))
    missed = SimpleNamespace(label="Pairs of items", outside=outside, observed=values)
    found = misfits(SimpleNamespace(statistics={"item_correlation": missed}))  # type: ignore[arg-type]
    assert len(found) == said


def test_every_threshold_stands_behind_the_figure(hierarchical: ReportContents) -> None:
    figure = threshold_figure(hierarchical)
    items = hierarchical.fit.design.items
    assert len(figure.table.rows) == sum(item.categories - 1 for item in items)
    assert [row[3] for row in figure.table.rows[:6]] == ["1|2", "2|3", "3|4", "4|5", "5|6", "6|7"]
    by_key = {row[2]: row for row in figure.table.rows if row[3] == "1|2"}
    for key, row in by_key.items():  # the median of a ratio has the sign of the threshold, turned round for key +
        place, logits = (float(row[n].replace("−", "-")) for n in (4, 6))
        assert np.sign(place) == np.sign(logits) * (-1 if key == "+" else 1)


def test_thresholds_far_outside_are_left_to_the_table(hierarchical: ReportContents) -> None:
    fit = made_fit(made_study(persons=60))
    fit.tree["posterior"]["thresholds"].values[:, :, 0, 0] = -80.0
    figure = threshold_figure(replace(hierarchical, fit=fit))
    assert "Only in the table, because beyond 6 SDs: 1 threshold." in figure.caption
    assert "Beyond 6 SDs: 1." in figure.alt
    assert str(figure.svg).count("<path") + str(figure.svg).count("<circle") == len(figure.table.rows) - 1


def test_habits_of_answering_are_named_where_the_model_has_them(hierarchical: ReportContents) -> None:
    assert "habits of answering apart" not in threshold_figure(hierarchical).caption
    assert (
        "habits of answering apart" in threshold_figure(as_model(hierarchical, "hierarchical_method_effects")).caption
    )


def with_k(contents: ReportContents, k: np.ndarray) -> ReportContents:
    return replace(contents, left_out=LeftOut(np.zeros(len(k)), np.full(len(k), 0.1), k, np.zeros((2, len(k))), 0.7))


def figure_of(contents: ReportContents) -> Figure:
    return next(block for block in influence_blocks(contents) if isinstance(block, Figure))


def test_persons_above_the_limit_are_diamonds_and_counted(hierarchical: ReportContents) -> None:
    k = np.full(60, 0.1)
    k[[3, 40]], k[7] = 0.9, 0.6
    figure = figure_of(with_k(hierarchical, k))
    assert str(figure.svg).count("<circle") == 58
    assert str(figure.svg).count("<path") == 2
    assert [row[1] for row in figure.table.rows] == ["57", "1", "2"]
    assert "2 lie above the limit of .70" in figure.alt


def test_a_pareto_k_that_is_not_known_counts_as_too_large(hierarchical: ReportContents) -> None:
    k = np.full(60, 0.1)
    k[5] = np.nan
    figure = figure_of(with_k(hierarchical, k))
    assert [row[1] for row in figure.table.rows] == ["59", "0", "1"]
    assert "nan" not in str(figure.svg)


def test_persons_are_in_the_order_of_their_number_only_where_there_are_many(hierarchical: ReportContents) -> None:
    falling = np.linspace(0.6, 0.0, 60)
    heights = [
        float(y)
        for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', str(figure_of(with_k(hierarchical, falling)).svg))
    ]
    assert heights == sorted(heights)  # downwards in the drawing
    few = figure_of(with_k(hierarchical, falling[:30]))
    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', str(few.svg))]
    assert heights == sorted(heights, reverse=True)
    assert "in the order of their k" in boxes(few)


def test_of_very_many_persons_all_that_weigh_much_are_drawn(hierarchical: ReportContents) -> None:
    k = np.full(9000, 0.1)
    k[::1000] = 0.8
    figure = figure_of(with_k(hierarchical, k))
    assert str(figure.svg).count("<path") == 9
    assert str(figure.svg).count("<circle") <= 2000
    assert "only some are drawn" in figure.caption
