r"""The joint log density of scale scores over occasions, by dense normal distributions: what the likelihood is held to.

It is written in numpy and scipy alone and shares no code with the likelihood; what acts on whom and when it reads as
the simulator does. For relationship c, occasion t and a score j of dimension d, in quarters of the range,

.. math:: y = level_j ± sd_j (mean_{dc} + sd_{dc} (P \bar x_d + m_d(t) + z_d + x_d(t) + o_{dct}) + error_j e_{jct})

where the path :math:`m` and the covariance of the state :math:`x` follow from the matrix exponential of the drift
(`reference_motion`), occurrences of events that differ add to the covariance, and persons' own pace, normal in its
logarithm, is integrated out by evenly spaced nodes. In a hierarchical structure set point and state are sums of a
general part and of one for each relationship. Persons who were observed alike, and on whom the same acted, share their
mean and covariance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import logsumexp

from ..spec import COMPONENTS, ModelSpec
from ..study import Panel
from .reference_groups import Alike, groups_of
from .reference_moments import moments_of
from .reference_motion import Draws

NODES = np.linspace(-6.0, 6.0, 73)
"""The logarithms of paces, in their SDs."""

_AT_ONCE = 4_000  # covariance matrices that are held in memory


def reference(spec: ModelSpec, panel: Panel, scores: np.ndarray) -> Callable[[Draws], np.ndarray]:
    """Return the function that gives the joint log density of scores at draws of the parameters, (draw,).

    Parameters
    ----------
    scores
        (person, relationship, occasion, score), as recorded; those that the panel did not observe are not read.

    Returns
    -------
    Callable
        Takes the parameters by the names and in the shapes of `iwm_bayes.simulate.parameter_shapes`, each behind an
        axis of draws; what the model fixes may be left out.
    """
    by_person = reference_by_person(spec, panel, scores)
    return lambda draws: by_person(draws).sum(axis=1)


def reference_by_person(spec: ModelSpec, panel: Panel, scores: np.ndarray) -> Callable[[Draws], np.ndarray]:
    """Return the function that gives each person's log density, (draw, person); otherwise as `reference`."""
    groups = groups_of(spec, panel, scores)
    quarters = np.array([(float(score.high or 0) - float(score.low or 0)) / 4 for score in panel.scores])
    of_unit = np.where(panel.observed, np.log(quarters), 0.0).sum(axis=(1, 2, 3))

    def density(draws: Draws) -> np.ndarray:
        draws = _completed(spec, panel, draws)
        found = np.empty((len(draws["score_level"]), len(panel.persons)))
        for some in _parts(draws):
            part = {name: value[some] for name, value in draws.items()}
            for group in groups:
                found[some, group.persons] = _density(spec, panel, group, part)
        return found - of_unit

    return density


def _completed(spec: ModelSpec, panel: Panel, draws: Draws) -> dict[str, np.ndarray]:
    """Return the draws with what the model fixes: relationships that do not differ, and an only component."""
    assert spec.change is not None
    count, shape = len(draws["score_level"]), (len(spec.field.dimensions), len(panel.relationships))
    alone = [[float(name in spec.change.components)] * shape[0] for name in COMPONENTS]
    fixed = {"relationship_mean": np.zeros(shape), "relationship_sd": np.ones(shape), "variance_share": np.array(alone)}
    return {name: np.broadcast_to(value, (count, *value.shape)) for name, value in fixed.items()} | {
        name: np.asarray(value, float) for name, value in draws.items()
    }


def _parts(draws: Draws) -> Iterator[slice]:
    """Split draws so that the matrices of one part fit into memory."""
    count, nodes = len(draws["score_level"]), len(NODES) if "pace_sd" in draws else 1
    step = max(1, _AT_ONCE // nodes)
    return (slice(begin, begin + step) for begin in range(0, count, step))


def _density(spec: ModelSpec, panel: Panel, group: Alike, draws: Draws) -> np.ndarray:
    """Return each person's log density, (draw, person), in quarters of the range."""
    pace, log_weight = _paces(draws)
    path, covariance = moments_of(spec, group, draws, pace)
    d, c, j = group.dimension, group.relationship, group.score
    spread = draws["relationship_sd"][:, None, d, c]
    slope = (np.array([score.sign for score in panel.scores]) * draws["score_sd"])[:, None, j]
    mean = draws["score_level"][:, None, j] + slope * (draws["relationship_mean"][:, None, d, c] + spread * path)
    scale = slope * spread
    whole = covariance * scale[..., :, None] * scale[..., None, :]
    if "score_error" in draws:
        whole = whole + np.eye(len(d)) * ((slope * draws["score_error"][:, None, j]) ** 2)[..., None]
    root = np.linalg.cholesky(whole)
    apart = np.linalg.solve(root, (group.values - mean[:, :, None]).swapaxes(-1, -2))  # (draw, node, cell, person)
    size = 0.5 * len(d) * np.log(2 * np.pi) + np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    by_node = log_weight[:, None] - size[..., None] - 0.5 * (apart**2).sum(axis=-2)
    found: np.ndarray = logsumexp(by_node, axis=1)
    return found


def _paces(draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    """Return the paces at the nodes (draw, node), and log weights (node,); one of 1 where nobody has one of its own."""
    if "pace_sd" not in draws:
        return np.ones((len(draws["score_level"]), 1)), np.zeros(1)
    log_weight = -0.5 * NODES**2
    return np.exp(draws["pace_sd"][:, None] * NODES), log_weight - logsumexp(log_weight)
