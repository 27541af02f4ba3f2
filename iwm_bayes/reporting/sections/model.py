"""Section 4: the model in words and equations, its priors, and what these alone expect."""

from __future__ import annotations

from ...spec import explain
from ..contents import ReportContents
from ..document import Block, Formula, Heading, Listing, Paragraph, Section, table
from ..sentences import MODEL_MEANINGS
from .model_graph import graph_figure
from .prior_predictive import prior_predictive_blocks


def model(contents: ReportContents) -> Section:
    """Return the section on the model."""
    spec = contents.fit.spec
    explained = explain(spec)
    rows = [(row.name, row.meaning, row.prior, row.reason) for row in explained.priors]
    blocks: list[Block] = [
        Paragraph(f"The model “{spec.name}” asks: {spec.question}", "lead"),
        Paragraph(_in_words(contents)),
        graph_figure(contents),
        Formula(explained.equations),
        Heading("Priors"),
        table(
            "Every prior with what it permits",
            ("parameter", "meaning", "prior", "why"),
            rows,
            words=4,
            note="Lognormals are given by their median and the SD of the logarithm.",
        ),
        Heading("What the priors expect before any data"),
        *_prior_predictive(contents),
    ]
    if spec.references:
        blocks += [Heading("Sources of the model"), Listing(spec.references)]
    return Section(4, "model", "Model", tuple(blocks))


def _prior_predictive(contents: ReportContents) -> list[Block]:
    assert contents.prior_predictive is not None
    return prior_predictive_blocks(contents.prior_predictive, _answer_range(contents))


def _in_words(contents: ReportContents) -> str:
    spec, design = contents.fit.spec, contents.fit.design
    law = spec.observation
    effects = [
        *(["a person's tendency to agree with any item"] if law.acquiescence else []),
        *(["a person's own reading of each item"] if law.person_item else []),
    ]
    method = f" Method effects in the model: {' and '.join(effects)}." if effects else " There are no method effects."
    return (
        f"The structure is “{spec.field.structure}”: {MODEL_MEANINGS[spec.field.structure]}. Working models are latent "
        f"and measured by {len(design.items)} items through a graded response model; the parameters of an item are the "
        f"same in every relationship. The reference relationship is {design.relationships[0]}: there each model has "
        f"mean 0 and SD 1, and everything is expressed in that unit.{method}"
    )


def _answer_range(contents: ReportContents) -> tuple[int, int]:
    items = contents.fit.design.items
    return min(item.low for item in items), max(item.high for item in items)
