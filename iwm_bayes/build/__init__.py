"""A model file and a study become an ordinary PyMC model, with named dimensions, usable without the rest of us."""

import jax

jax.config.update("jax_enable_x64", True)  # before any array is made: a posterior needs double precision

from .change import IN_A_YEAR  # noqa: E402
from .model import assemble, build_model, coords_of  # noqa: E402

__all__ = ["IN_A_YEAR", "assemble", "build_model", "coords_of"]
