"""A model file and a study become an ordinary PyMC model, with named dimensions, usable without the rest of us."""

from ..study import IN_A_YEAR
from .model import assemble, build_model, coords_of

__all__ = ["IN_A_YEAR", "assemble", "build_model", "coords_of"]
