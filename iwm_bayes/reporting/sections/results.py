"""Section 7: where persons' working models lie, in which styles, and how relationships differ."""

from __future__ import annotations

import numpy as np

from ...estimands import STYLES, Estimand, StyleTable
from ...estimands.styles import UNCLEAR
from .. import numbers
from ..answers import AnswerCounts, count_answers
from ..contents import ReportContents
from ..document import Block, Figure, Heading, Paragraph, Section, Table, table
from ..figures.profiles import MOST_PROFILES, profile_figure
from ..figures.working_models import FEWEST_DENSITY, FEWEST_POINTS, RelationshipMap, map_figure
from ..sentences import listed
from ..small_cells import masks
from .data import SUPPRESSED

_LABELS = (*STYLES, UNCLEAR)


def results(contents: ReportContents) -> Section:
    """Return the section on persons' working models."""
    if not contents.interpretable:
        return Section(7, "results", "Results", (Paragraph(contents.withheld, "warning"),))
    blocks: list[Block] = []
    if contents.styles is not None:
        blocks += [Heading("Self and others"), working_model_map(contents, contents.styles), Heading("Styles")]
        blocks += _styles(contents, contents.styles)
    if len(contents.fit.design.relationships) > 1:
        blocks += [Heading("Relationship profiles"), _profiles(contents), *_differences(contents)]
    return Section(7, "results", "Results", tuple(blocks))


def working_model_map(contents: ReportContents, styles: StyleTable) -> Figure:
    """Return the main figure: persons' models of self and others in every relationship, with style regions."""
    fit = contents.fit
    models = fit.tree["working_models"].to_dataset()["working_model"].values
    answered = (fit.category >= 0).any(axis=2)
    order = [list(fit.spec.field.dimensions).index(name) for name in ("self", "others")]
    cuts = tuple(styles.cut["absolute", dimension].median for dimension in ("self", "others"))
    counts, panels = count_answers(fit), []
    for c, name in enumerate(fit.design.relationships):
        told = counts.by_relationship[c].is_told
        shown = np.flatnonzero(answered[:, c]) if told else _some(answered[:, c])
        label = styles.label.sel(cut="relative").values[:, c]
        hidden = _hidden(label[answered[:, c]], counts, c)
        panels.append(
            RelationshipMap(
                relationship=name,
                draws=models[:, shown][:, :, order, c],
                style=np.where(np.isin(label, hidden), UNCLEAR, label)[shown],
                persons=numbers.number_of_persons(len(shown)) if told else "",
                cuts=(cuts[0], cuts[1]),
                prevalence={style: _share(styles.prevalence["relative", name, style]) for style in STYLES},
            )
        )
    return map_figure(panels, f"the mean with {fit.design.relationships[0]}", styles.least)


def _some(answered: np.ndarray) -> np.ndarray:
    """Return some of the persons, a multiple of five drawn with a fixed seed: all of them would tell their number."""
    persons = np.flatnonzero(answered)
    kept = (len(persons) - 1) // numbers.FEWEST * numbers.FEWEST
    return np.sort(np.random.default_rng(0).choice(persons, max(kept, 0), replace=False))


def _label_counts(labels: np.ndarray, counts: AnswerCounts, c: int) -> tuple[list[int], tuple[int, ...]]:
    """Return how many persons have each label, and what is beside them in a row whose total is known."""
    entry = counts.by_relationship[c]
    beside = () if entry.is_told else (counts.persons - entry.answered,)
    return [int((labels == style).sum()) for style in _LABELS], beside


def _hidden(labels: np.ndarray, counts: AnswerCounts, c: int) -> list[str]:
    """Return the labels whose number of persons may not be shown."""
    found, beside = _label_counts(labels, counts, c)
    return [label for label, mask in zip(_LABELS, masks((*found, *beside)), strict=False) if mask]


def _share(estimand: Estimand) -> str:
    return numbers.percent(estimand.median)


def _styles(contents: ReportContents, styles: StyleTable) -> list[Block]:
    reference = contents.fit.design.relationships[0]
    words = (
        "A style is a quadrant: secure (self and others positive), anxious (self negative), avoidant (others "
        "negative), fearful (both negative). What counts as positive is a matter of definition, and two definitions "
        f"are given. Relative: more positive than the mean with {reference}. Absolute: beyond the middle of the "
        "answer scale. Prevalence is the integral of the fitted distribution, not a count of labels; a person has a "
        f"named style only where its probability is at least {numbers.share(styles.least)}, and is otherwise unclear."
    )
    return [Paragraph(words), _prevalence(contents, styles), _labels(contents, styles)]


def _prevalence(contents: ReportContents, styles: StyleTable) -> Table:
    rows = []
    for cut in ("relative", "absolute"):
        for name in contents.fit.design.relationships:
            cells = [styles.prevalence[cut, name, style] for style in STYLES]
            printed_cells = [
                f"{_share(e)} {numbers.brackets(numbers.percent(e.ci_low), numbers.percent(e.ci_high))}" for e in cells
            ]
            rows.append((cut, name, *printed_cells))
    head = ("cut", "relationship", *STYLES)
    return table("Prevalence of styles in the population, with 95% intervals", head, rows, words=2)


def _labels(contents: ReportContents, styles: StyleTable) -> Table:
    counts, rows = count_answers(contents.fit), []
    for cut in ("relative", "absolute"):
        for c, name in enumerate(contents.fit.design.relationships):
            labels = styles.label.sel(cut=cut).values[styles.answered.values[:, c], c]
            rows.append((cut, name, *numbers.person_cells(*_label_counts(labels, counts, c))))
    note = "Of the persons who answered about the relationship. " + SUPPRESSED
    head = ("cut", "relationship", *_LABELS)
    return table("Persons whose style is probable enough to be named", head, rows, words=2, note=note)


def _profiles(contents: ReportContents) -> Figure:
    fit = contents.fit
    dimensions, relationships = fit.spec.field.dimensions, fit.design.relationships
    means = [[_mean(contents, dimension, name) for name in relationships] for dimension in dimensions]
    return profile_figure(relationships, dimensions, means, _some_persons(contents), relationships[0])


def _mean(contents: ReportContents, dimension: str, relationship: str) -> tuple[float, float, float]:
    estimand = contents.estimands.get(f"relationship_mean[{dimension},{relationship}]")
    return (estimand.ci_low, estimand.median, estimand.ci_high) if estimand else (0.0, 0.0, 0.0)


def _some_persons(contents: ReportContents) -> np.ndarray | None:
    """Return the profiles of some persons who answered about every relationship, drawn with a fixed seed.

    None from a small study. Never all of them, whose number would tell how many persons lack a relationship.
    """
    fit = contents.fit
    whole = np.flatnonzero((fit.category >= 0).any(axis=2).all(axis=1))
    if contents.profiles is None or len(whole) < FEWEST_POINTS:
        return None
    scores = contents.profiles.score.sel(statistic="median").values
    most = min(MOST_PROFILES, (len(whole) - 1) // numbers.FEWEST * numbers.FEWEST)
    chosen = np.random.default_rng(0).choice(whole, most, replace=False)
    return scores[np.sort(chosen)]


def _differences(contents: ReportContents) -> list[Block]:
    profiles = contents.profiles
    if profiles is None or not profiles.share_differing:
        return []
    expected = [f"{numbers.percent(mean)} ({cut} cut)" for cut, mean in profiles.mean_differing.items()]
    known = [
        f"{_share_of_persons(share, profiles.persons_with_several)} ({cut} cut)"
        for cut, share in profiles.share_differing.items()
    ]
    words = (
        "The probability that a person has different styles in at least two relationships is, on average over "
        f"persons, {listed(expected)}. Persons for whom it is above {numbers.share(profiles.least)}: {listed(known)}. "
        "The average counts every person by that probability, and is the share of persons whose styles are expected to "
        "differ; the second number leaves out persons about whom the answers say too little."
    )
    return [Paragraph(words), _differentiation(contents)]


def _share_of_persons(share: float, persons: int) -> str:
    """Return a share of a known number of persons as a percentage, unless it would give away that they are 1 to 4."""
    number = round(share * persons) if np.isfinite(share) else 0
    if 0 < number < numbers.FEWEST:
        return f"fewer than {numbers.FEWEST} persons"
    if 0 < persons - number < numbers.FEWEST:
        return f"all but fewer than {numbers.FEWEST} persons"
    return numbers.percent(share)


def _differentiation(contents: ReportContents) -> Table:
    assert contents.profiles is not None
    index = contents.profiles.differentiation.sel(statistic="median")
    rows = []
    for dimension in contents.fit.spec.field.dimensions:
        values = index.sel(dimension=dimension).values
        values = values[np.isfinite(values)]
        quantiles = (
            np.quantile(values, [0.1, 0.25, 0.5, 0.75, 0.9]) if len(values) >= FEWEST_DENSITY else [float("nan")] * 5
        )
        rows.append((dimension, *(numbers.number(float(q)) for q in quantiles)))
    note = (
        "The SD of a person's working models over relationships, after each relationship's mean and SD are taken out. "
        "It says little about outcomes beyond a person's mean (Fraley et al., 2011)."
    )
    head = ("dimension", "10%", "25%", "50%", "75%", "90%")
    return table("Differentiation of persons between relationships, quantiles over persons", head, rows, note=note)
