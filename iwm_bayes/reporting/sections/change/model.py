"""Section 4: the model of change in words and equations, and its priors."""

from __future__ import annotations

from ....spec import ModelSpec, explain
from ...contents import ReportContents
from ...document import Block, Formula, Heading, Listing, Paragraph, Section, table
from ...sentences import MODEL_MEANINGS, PROCESS_MEANINGS


def model(contents: ReportContents) -> Section:
    """Return the section on the model."""
    spec = as_fitted(contents)
    explained = explain(spec)
    known = contents.fit.panel.errors_known
    rows = [
        (row.name, row.meaning, row.prior, row.reason)
        for row in explained.priors
        if known or not row.name.startswith("score_error")
    ]
    note = "Lognormals are given by their median and the SD of the logarithm." + _stated(contents)
    blocks: list[Block] = [
        Paragraph(f"The model “{spec.name}” asks: {spec.question}", "lead"),
        Paragraph(_in_words(contents)),
        Formula(explained.equations),
        Heading("Priors"),
        table("Every prior with what it permits", ("parameter", "meaning", "prior", "why"), rows, words=4, note=note),
    ]
    if spec.references:
        blocks += [Heading("Sources of the model"), Listing(spec.references)]
    return Section(4, "model", "Model", tuple(blocks))


def _stated(contents: ReportContents) -> str:
    """Return the priors of errors whose reliability the codebook states."""
    said = [
        f"{score.name} median {score.error[0]:.2f}, SD {score.error[1]:g}"
        for score in contents.fit.panel.scores
        if score.error is not None
    ]
    return f" By stated reliabilities instead, also under wide and tight priors: {'; '.join(said)}." if said else ""


def as_fitted(contents: ReportContents) -> ModelSpec:
    """Return the model with what this study made of it: its scores or its items, and no inputs where none act."""
    spec = contents.fit.spec
    assert spec.change is not None
    law = "graded" if contents.fit.panel.items else "scores"
    observation = spec.observation.model_copy(update={"law": law})
    acting = "long_run_effect" in contents.fit.posterior
    change = spec.change if acting else spec.change.model_copy(update={"inputs": {}})
    return spec.model_copy(update={"observation": observation, "change": change})


def _in_words(contents: ReportContents) -> str:
    spec, panel = contents.fit.spec, contents.fit.panel
    assert spec.change is not None
    kept = (
        "Each person has a set point of its own (trait)."
        if spec.change.trait
        else "Persons have no set point of their own (no trait)."
    )
    structure = (
        f" Over relationships: {MODEL_MEANINGS[spec.field.structure]}; the reference relationship is "
        f"{panel.relationships[0]}."
        if len(panel.relationships) > 1
        else ""
    )
    shown = (
        "how probable each answer to an item is depends on them, in the same way at every occasion"
        if panel.items
        else "a scale score is a level plus a multiple of them" + " and an error of its own" * panel.errors_known
    )
    return (
        f"Of change, the model says that {PROCESS_MEANINGS[spec.change.process]}. {kept} Time is continuous: occasions "
        "may be any time apart, and differently for each person. Working models are latent, with mean 0 and a total SD "
        f"of 1, in which effects are expressed; {shown}.{structure}"
    )
