r"""How often persons change style from one occasion to the next, and how often they would seem to if none changed.

Styles change for three reasons, counted apart over pairs of successive observed occasions of a person:

``working models``
    In the drawn working models, which have no error.
``scores``
    In the scores as they were recorded, each against the same cuts.
``noise alone``
    Expected in the scores had every working model stayed where it was at the person's first occasion, with only what
    belongs to single occasions, and the error of scores, coming and going. With :math:`p_q` the probabilities of the
    four quadrants around a model that stays, two occasions differ with the probability :math:`1 - \sum_q p_q^2`.

Labels of scores of which noise is 25, 15 or 8 % agree over two occasions in only 59, 68 or 76 % of persons none of whom
has changed: :math:`[1/2 + \arcsin(\rho)/\pi]^2` for independent dimensions with reliability :math:`\rho` and the cuts
at the means. That a style changes in the scores says little by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from .estimand import Estimand, summarise
from .trajectories import Trajectories, first_and_last, has_styles, parcels_of

if TYPE_CHECKING:
    from ..inference import Fit


def transitions(style: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return how often the style of each person changes, (..., person), over successive observed occasions.

    Parameters
    ----------
    style : (..., person, occasion)
        Numbers of styles; anything where a person was not observed.
    seen : (person, occasion)
    """
    count = np.zeros(style.shape[:-1], int)
    last, known = np.zeros(style.shape[:-1], style.dtype), np.zeros(seen.shape[0], bool)
    for occasion in range(seen.shape[1]):
        here, now = seen[:, occasion], style[..., occasion]
        count += (here & known) & (now != last)
        last, known = np.where(here, now, last), known | here
    return count


def chance_of_seeming_change(stays: np.ndarray, noise_sd: np.ndarray) -> np.ndarray:
    """Return the probability that two occasions differ in style by noise alone, (...).

    Parameters
    ----------
    stays : (..., 2)
        How far both models, which do not change, lie above their cuts.
    noise_sd : (..., 2)
        SD of what belongs to one occasion, independent over dimensions.
    """
    with np.errstate(divide="ignore"):
        above = ndtr(stays / noise_sd)
    same = above**2 + (1 - above) ** 2
    return 1 - same.prod(axis=-1)


def style_numbers(models: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Return the numbers of styles of working models (..., dimension, occasion) against cuts (..., dimension)."""
    negative = models <= cut[..., None]
    return negative[..., 0, :].astype(int) + 2 * negative[..., 1, :]


def transition_estimands(fit: Fit, found: Trajectories) -> list[Estimand]:
    """Return transitions between styles for each pair of successive occasions of a person: in the working models, in
    the scores, and by noise alone.
    """
    if not has_styles(fit):
        return []
    made = []
    for cut, border in found.cuts.items():
        for c, relationship in enumerate(fit.relationships):
            kinds = _rates(fit, found, border, c)
            for kind, draws in kinds.items():
                name = f"style_transitions[{kind},{cut},{relationship}]"
                label = f"Changes of style from one occasion to the next, {kind}, {relationship} ({cut} cut)"
                made.append(summarise(name, label, draws))
    return made


def _rates(fit: Fit, found: Trajectories, border: np.ndarray, c: int) -> dict[str, np.ndarray]:
    """Return how many transitions there are for each pair of successive occasions, by kind, (chain, draw)."""
    latent = latent_scores(fit, found.draw)[..., c, :]
    complete = np.isfinite(latent[0, 0]).all(axis=1)  # (person, occasion): both scores, else no label
    pairs = np.maximum(complete.sum(axis=1) - 1, 0)
    if not pairs.any():
        return {}
    cut = border[:, :, None]
    spread = fit.posterior["relationship_sd"].values[:, found.draw][..., c]
    share = fit.posterior["variance_share"].values[:, found.draw, 2]
    noise = np.sqrt(spread**2 * share + error_variance(fit, found.draw))[:, :, None]
    first = first_and_last(found.seen[:, c])[0]
    begin = np.take_along_axis(found.models[..., c, :], first[None, None, :, None, None], axis=-1)[..., 0]
    chance = np.where(pairs > 0, chance_of_seeming_change(begin - cut, noise), 0.0)
    counts = {
        "working models": transitions(style_numbers(found.models[..., c, :], cut), complete),
        "scores": transitions(style_numbers(latent, cut), complete),
        "noise alone": chance * pairs,
    }
    return {kind: count.sum(axis=2) / pairs.sum() for kind, count in counts.items()}


def latent_scores(fit: Fit, draw: np.ndarray) -> np.ndarray:
    """Return scores in SD of the working model they show, high is positive, at some draws of every chain.

    Of parcels it is their mean in quarters of their ranges, where all of them are there.

    Returns
    -------
    (chain, draw, person, dimension, relationship, occasion)
    """
    level, sd = (fit.posterior[name].values[:, draw] for name in ("score_level", "score_sd"))
    columns = []
    for parcels in parcels_of(fit):
        total: np.ndarray | float = 0.0
        for number in np.flatnonzero(parcels):
            score = fit.panel.scores[number]
            low, high = float(score.low or 0.0), float(score.high or 0.0)
            units = (fit.category[..., number] - (low + high) / 2) / ((high - low) / 4)
            total = total + score.sign * (units - level[:, :, number, None, None, None])
        columns.append(total / (sd @ parcels)[:, :, None, None, None])
    return np.stack(columns, axis=3)


def error_variance(fit: Fit, draw: np.ndarray) -> np.ndarray:
    """Return the variance of the error of `latent_scores`, (chain, draw, dimension); 0 where it is not known."""
    if "score_error" not in fit.posterior:
        return np.zeros(())
    sd, error = (fit.posterior[name].values[:, draw] for name in ("score_sd", "score_error"))
    parcels = parcels_of(fit)
    variance: np.ndarray = ((sd * error) ** 2 @ parcels.T) / (sd @ parcels.T) ** 2
    return variance
