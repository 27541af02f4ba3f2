r"""Scale scores of persons who change at their own pace: a mixture of the exact densities over the pace.

All rates of a person are multiplied by :math:`e^{\sigma z}` with :math:`z \sim N(0, 1)`, which is the same as time that
passes so much faster for it. Stationary covariances, long-run effects and shares do not change. Given :math:`z` the
density is that of `gaussian`; over :math:`z` it is integrated by a fixed rule, all nodes side by side with the persons.

More occasions tell a person's pace more narrowly, so the rule grows with the root of their number. On scores of 10, 30
and 100 occasions, of persons up to three SD from the median, the standard rule is within 2e-4 nat of the integral for
each person at SDs of the pace up to 1; 32 Gauss-Hermite nodes err by up to 3e-3, 8e-2 and 1 nat there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from .answers import Parameters
from .gaussian import Gaussian
from .movement import Movement
from .quadrature import Nodes, evenly_spaced
from .scores import ScoreTable
from .timeline import Timeline

_OCCASIONS, _QUARTER = 10, 6  # so many occasions ask for four times so many nodes
_FINENESS = {"sampling": (0.5, 4.5), "standard": (1.0, 5.0), "reference": (2.0, 5.5)}  # and how many SDs they cover


def paces(occasions: int, purpose: str = "standard") -> Nodes:
    """Return the rule over paces for persons observed so many times; `purpose` as a key of the accuracies."""
    fineness, reach = _FINENESS[purpose]
    growth = math.sqrt(max(occasions, _OCCASIONS) / _OCCASIONS)
    return evenly_spaced(4 * math.ceil(_QUARTER * fineness * growth), reach)


@dataclass(frozen=True, eq=False)
class Paced:
    """The likelihood of scale scores with everybody's pace integrated out.

    Attributes
    ----------
    gaussian
        The likelihood at the pace of the median person.
    nodes
        The rule over the standard normal z.
    """

    gaussian: Gaussian
    nodes: Nodes

    @property
    def scores(self) -> ScoreTable:
        """The scores whose likelihood it is."""
        return self.gaussian.scores

    @property
    def movement(self) -> Movement:
        """How the working models of the median person move."""
        return self.gaussian.movement

    @property
    def timeline(self) -> Timeline:
        """The timelines of the persons."""
        return self.gaussian.timeline

    def of(self, persons: np.ndarray) -> Paced:
        """Return the likelihood of some of the persons."""
        return replace(self, gaussian=self.gaussian.of(persons))

    def with_nodes(self, nodes: Nodes) -> Paced:
        """Return the same likelihood by another rule."""
        return replace(self, nodes=nodes)

    def at(self, purpose: str) -> Paced:
        """Return the same likelihood at the accuracy for a purpose: sampling, standard or reference."""
        return self.with_nodes(paces(len(self.timeline.interval), purpose))

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return scores with persons last, and a mask."""
        return self.gaussian.encode(answers)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's scores, (person,)."""
        assert parameters.pace_sd is not None
        count, persons = len(self.nodes.position), encoded[0].shape[-1]
        pace = jnp.repeat(jnp.exp(parameters.pace_sd * self.nodes.position), persons)
        own = self.timeline.of(np.tile(np.arange(persons), count)).at_pace(pace)
        at_nodes = replace(self.gaussian, movement=replace(self.movement, timeline=own))
        found = at_nodes.log_likelihood(tuple(jnp.tile(part, count) for part in encoded), parameters)
        return jax.nn.logsumexp(found.reshape(count, persons) + self.nodes.log_weight[:, None], axis=0)
