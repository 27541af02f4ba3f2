"""What a design or a panel must have before a model can be fitted to it: the rules of family P, asked in one place.

The likelihood asks them before it integrates anything, the planner before anything is fitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import DesignError
from ..spec.needs import refuse_few_relationships
from .events import refuse_aftermath, refuse_events
from .inputs import inputs_of, refuse_bias

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Item, Panel


def refuse_design(spec: ModelSpec, design: Design) -> None:
    """Refuse a design of one occasion that cannot answer the question of the model.

    Raises
    ------
    DesignError
        P310 too few relationships; P311 too few items; P312 a dimension without items; P313 items with different
        numbers of categories; P314 acquiescence asked for without items of both keys; P315 a law of scores; P316 items
        on a dimension that the model lacks; P317 nobody has as many relationships as it takes.
    """
    if spec.observation.law != "graded":
        raise DesignError(
            "P315",
            f'Model "{spec.name}" is about scale scores, which cannot be fitted yet.',
            fix='Use a model with law = "graded" on the answers to the items.',
        )
    refuse_few_relationships(spec, len(design.relationships))
    if (most := int(design.observed.any(axis=2).sum(axis=1).max())) < spec.needs.relationships:
        message = f'Model "{spec.name}" needs {spec.needs.relationships} relationships; nobody has more than {most}.'
        fix = "How relationships go together shows in persons who answer about several; ask them about more than one."
        raise DesignError("P317", message, fix=fix)
    counts = _items_on(design.items)
    for dimension in spec.field.dimensions:
        if 0 < counts[dimension] < spec.needs.items_per_scale:
            raise DesignError(
                "P311",
                f'Model "{spec.name}" needs {spec.needs.items_per_scale} items per dimension and relationship; '
                f'"{dimension}" has {counts[dimension]}.',
                fix="With one answer per relationship, measurement error and specificity are the same thing: no model "
                "can tell them apart without knowing the reliability.",
            )
    _refuse_items(spec, design)


def refuse_panel(spec: ModelSpec, panel: Panel) -> None:
    """Refuse a panel that cannot answer the question of a model of change.

    Raises
    ------
    DesignError
        P312 a dimension without items or scores; P313 and P314 items, as for a design; P316 items or scores on a
        dimension that the model lacks; P320 too few occasions; P321 a law that the study does not serve; P322 a score
        without a range; P323 an input that the study does not have; P325 a score whose error is not known, where that
        of others is; P326 to P328 events that the study does not have or that say nothing; P329 no spell that could
        leave something behind; P340 items for a model that is fitted to scores alone; P341 no input of the kind that
        the model is about.
    """
    per_person = panel.observed.any(axis=(1, 3)).sum(axis=1)
    if (most := int(per_person.max())) < spec.needs.occasions:
        raise DesignError(
            "P320",
            f'Model "{spec.name}" needs {spec.needs.occasions} occasions; nobody has more than {most}.',
            fix="A trait and slow change look alike over so few: more occasions, or a model that needs fewer of them.",
        )
    refuse_bias(spec, panel)
    law = spec.observation.law
    if law != "as_recorded" and (law == "graded") != bool(panel.items):
        what = "answers to items" if panel.items else "scale scores"
        message = f'Model "{spec.name}" is about {"items" if law == "graded" else "scores"}; the study has {what}.'
        raise DesignError("P321", message, fix='Say law = "as_recorded" in the model file.')
    if panel.items:
        _refuse_items(spec, panel)
    else:
        _refuse_scores(spec, panel)
    refuse_aftermath(spec, panel, tuple(inputs_of(spec, panel)))
    refuse_events(spec, panel)


def _items_on(items: Sequence[Item]) -> Counter[str]:
    """Return how many items show each dimension."""
    return Counter(dimension for item in items for dimension in (item.loadings or (item.dimension,)))


def _refuse_items(spec: ModelSpec, design: Design | Panel) -> None:
    _refuse_dimensions(spec, design, "items")
    if len({item.categories for item in design.items}) > 1:
        found = sorted({item.categories for item in design.items})
        raise DesignError(
            "P313",
            f"Items have different numbers of categories: {', '.join(map(str, found))}.",
            fix="Keep the items of one response format in use under [instrument].",
        )
    if spec.observation.acquiescence and len({item.keyed for item in design.items}) == 1:
        raise DesignError(
            "P314",
            f'Model "{spec.name}" has acquiescence, but every item is keyed "{design.items[0].keyed}".',
            fix="Agreeing with everything and being anxious or avoidant look the same there. Use a model without "
            "acquiescence, or an instrument with items of both keys, recorded as answered.",
        )


def _refuse_scores(spec: ModelSpec, panel: Panel) -> None:
    if unknown := [score.name for score in panel.scores if score.low is None or score.high is None]:
        message = f"The range of score {unknown[0]} is not known, so its level and spread have no prior."
        raise DesignError("P322", message, fix="Declare it: [scores] range = [low, high].")
    parcels = Counter(score.dimension for score in panel.scores)
    alone = [score for score in panel.scores if parcels[score.dimension] == 1 and score.reliability is None]
    if panel.errors_known and alone:
        message = f"The error of score {alone[0].name} is not known; parcels or a reliability tell that of others."
        fix = f"Declare its reliability ({alone[0].name} = {{ …, reliability = 0.85 }}), or those of no score."
        raise DesignError("P325", message, fix=fix)
    _refuse_dimensions(spec, panel, "scores")


def _refuse_dimensions(spec: ModelSpec, design: Design | Panel, what: str) -> None:
    """Refuse a study that does not measure a dimension of the model, or measures one that the model lacks."""
    for dimension in spec.field.dimensions:
        if dimension not in design.dimensions:
            message = f'Model "{spec.name}" has a dimension "{dimension}", on which the study has no {what}.'
            raise DesignError("P312", message, fix=f"Dimensions of the study: {', '.join(design.dimensions)}.")
    if beyond := [dimension for dimension in design.dimensions if dimension not in spec.field.dimensions]:
        message = f'The study has {what} on "{beyond[0]}", a dimension that model "{spec.name}" does not have.'
        fix = f"Take these {what} out of the codebook, or use a model of {', '.join(design.dimensions)}."
        raise DesignError("P316", message, fix=fix)
