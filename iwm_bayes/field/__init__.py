"""Working models as a Gaussian field over dimensions, relationships and time: its mean, loadings and covariance."""

import jax

jax.config.update("jax_enable_x64", True)  # before any array is made: a posterior needs double precision

from .change import Change, change_of, covariance  # noqa: E402
from .drift import half_lives, matmul, noise_covariance, sandwich, stationary_covariance, transition  # noqa: E402
from .events import arriving_noise, response, response_covariance  # noqa: E402
from .path import expected_path, response_to_decaying_dose  # noqa: E402
from .relationships import Structure, TwoTierField, correlated_field, dense_loadings, two_tier_field  # noqa: E402

__all__ = [
    "Change",
    "Structure",
    "TwoTierField",
    "arriving_noise",
    "change_of",
    "correlated_field",
    "covariance",
    "dense_loadings",
    "expected_path",
    "half_lives",
    "matmul",
    "noise_covariance",
    "response",
    "response_covariance",
    "response_to_decaying_dose",
    "sandwich",
    "stationary_covariance",
    "transition",
    "two_tier_field",
]
