"""Model files: a closed vocabulary, read strictly into a frozen `ModelSpec`."""

from .change_table import COMPONENTS, ChangeSpec, EventsSpec
from .explain import Explanation, explain
from .model_file import FieldSpec, ModelSpec, Needs, ObservationSpec
from .prior_columns import COLUMNS, Column, Replaced, replaced_priors, with_priors
from .priors import Prior
from .reader import list_models, parse_model, read_model
from .schema import json_schema

__all__ = [
    "COLUMNS",
    "COMPONENTS",
    "ChangeSpec",
    "Column",
    "EventsSpec",
    "Explanation",
    "FieldSpec",
    "ModelSpec",
    "Needs",
    "ObservationSpec",
    "Prior",
    "Replaced",
    "explain",
    "json_schema",
    "list_models",
    "parse_model",
    "read_model",
    "replaced_priors",
    "with_priors",
]
