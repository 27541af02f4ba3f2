"""Working models as a Gaussian field over dimensions and relationships: its mean, and its loadings on named factors."""

from .relationships import Structure, TwoTierField, correlated_field, dense_loadings, two_tier_field

__all__ = ["Structure", "TwoTierField", "correlated_field", "dense_loadings", "two_tier_field"]
