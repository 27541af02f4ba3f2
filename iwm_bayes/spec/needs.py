"""Whether a number of relationships can answer the question of a model; asked before a fit and before a simulation."""

from __future__ import annotations

from ..errors import DesignError
from .model_file import ModelSpec


def refuse_few_relationships(spec: ModelSpec, relationships: int) -> None:
    """Raise a `DesignError` ``P310`` where the model needs more relationships than there are."""
    if relationships < spec.needs.relationships:
        message = f'Model "{spec.name}" needs {spec.needs.relationships} relationships; the study has {relationships}.'
        fix = (
            'With one relationship, general and specific models cannot be told apart; the model "single" still '
            "measures the models of self and others."
        )
        raise DesignError("P310", message, fix=fix)
