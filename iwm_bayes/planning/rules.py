"""Every number on which a plan rests, in one frozen record, with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """When a question counts as answerable, and what is taken for granted of working models before they are observed.

    Attributes
    ----------
    half_life_sd
        A half-life the SD of whose logarithm is larger is hardly known; its prior has an SD of 1.
    spacing
        Occasions should lie between so many half-lives apart: closer, little has changed; further, little is left.
    occasions_with_trait
        From so many occasions per person on a trait is told from slow change; with fewer it is told weakly.
    occasions_with_effects
        From so many on an effect that comes at once is told from one that comes with delay.
    occasions_with_pace
        From so many on it shows which persons change faster than others.
    persons_with_inputs
        Share of persons whose inputs should change between their occasions where a model asks how these are taken.
    relationships
        With fewer, a general share rests on a single correlation per dimension.
    share_sd
        What relationships share is known weakly where its expected SD is larger: a 95 % interval then takes two fifths
        of all shares.
    occasions_before
        Occasions before a spell from which the return to one's usual level can be told from its effect.
    trait, state, occasion
        Shares of the variance of a working model that are taken for granted; without a trait the state has its share.
    multiples
        Half-lives that are tried, in multiples of the prior median of the model.
    log_variance_sd
        Prior SD of the logarithm of each variance.
    log_error_variance_sd
        The same of the variance of one occasion where the reliability is known: its SD is known within 15 %.
    general_share
        Of what belongs to all relationships, where it is shared in part.
    """

    half_life_sd: float = 0.7
    spacing: tuple[float, float] = (0.5, 2.0)
    occasions_with_trait: int = 6
    occasions_with_effects: int = 3
    occasions_with_pace: int = 10
    persons_with_inputs: float = 0.5
    relationships: int = 3
    share_sd: float = 0.1
    occasions_before: int = 3
    trait: float = 0.50
    state: float = 0.35
    occasion: float = 0.15
    multiples: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0)
    log_variance_sd: float = 2.0
    log_error_variance_sd: float = 0.3
    general_share: float = 0.5


RULES = Rules()
