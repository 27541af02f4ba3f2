"""Working models as a Gaussian field over dimensions, relationships and time: its mean, loadings and covariance."""

from .change import Change, change_of, covariance
from .drift import half_lives, matmul, noise_covariance, sandwich, stationary_covariance, transition
from .events import arriving_noise, response, response_covariance
from .path import expected_path, response_to_decaying_dose
from .relationships import Structure, TwoTierField, correlated_field, dense_loadings, two_tier_field

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
