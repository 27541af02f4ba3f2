"""Model files: a closed vocabulary, read strictly into a frozen `ModelSpec`."""

from .change_table import COMPONENTS, ChangeSpec, EventsSpec
from .explain import Explanation, explain
from .model_file import FieldSpec, ModelSpec, Needs, ObservationSpec
from .priors import Prior
from .reader import list_models, parse_model, read_model
from .schema import json_schema

__all__ = [
    "COMPONENTS",
    "ChangeSpec",
    "EventsSpec",
    "Explanation",
    "FieldSpec",
    "ModelSpec",
    "Needs",
    "ObservationSpec",
    "Prior",
    "explain",
    "json_schema",
    "list_models",
    "parse_model",
    "read_model",
]
