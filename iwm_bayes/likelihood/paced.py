r"""Scale scores of persons who change at their own pace: a mixture of the exact densities over the pace.

All rates of a person are multiplied by :math:`e^{\sigma z}` with :math:`z \sim N(0, 1)`, which is the same as time that
passes so much faster for it. Stationary covariances, long-run effects and shares do not change. Given :math:`z` the
density is that of `gaussian`; over :math:`z` it is integrated by a fixed rule, all nodes side by side with the persons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from .answers import Parameters
from .gaussian import Gaussian
from .movement import Movement
from .quadrature import Nodes
from .scores import ScoreTable
from .timeline import Timeline


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

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return scores with persons last, and a mask."""
        return self.gaussian.encode(answers)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's scores, (person,)."""
        assert parameters.pace_sd is not None
        count, persons = len(self.nodes.position), encoded[0].shape[-1]
        pace = jnp.repeat(jnp.exp(parameters.pace_sd * self.nodes.position), persons)
        line = self.timeline.of(np.tile(np.arange(persons), count))
        own = replace(line, interval=line.interval * pace, piece=line.piece * pace)
        at_nodes = replace(self.gaussian, movement=replace(self.movement, timeline=own))
        found = at_nodes.log_likelihood(tuple(jnp.tile(part, count) for part in encoded), parameters)
        return jax.nn.logsumexp(found.reshape(count, persons) + self.nodes.log_weight[:, None], axis=0)
