"""What is to be predicted, persons, relationships given the others, or last occasions, and who leaves together.

A *unit* has one predictive density; a *cluster* is who leaves the fit together, a person or a family. For persons a
unit is a cluster. For relationships a unit is one relationship of one person who answered about it, and densities are
summed within clusters before any standard error, because the relationships of a person are not independent. For the
future a unit is the last occasion of a person who was observed at two at least, given the earlier ones: what of the
answers says where the person stands stays in, and only what they say of the parameters is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..inference import flatten_draws, person_log_likelihood
from ..likelihood import Adaptive, Gaussian, Paced, Propagation, Route, choose_route, density_route
from .comparison import Task
from .computation import group_values
from .leave_out import clusters_of, sum_within

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True, eq=False)
class Targets:
    """The densities that a task asks of a fit.

    Attributes
    ----------
    clusters : (person,)
        With whom each person leaves, from 0.
    """

    fit: Fit
    task: Task
    clusters: np.ndarray
    threads: int

    @cached_property
    def route(self) -> Route:
        """The likelihood that integrates persons' working models out, at standard accuracy."""
        if self.fit.prepared is not None:
            return self.fit.prepared.integrated
        likelihood = self.fit.about["likelihood"]
        likelihood = "auto" if likelihood == "explicit" else likelihood
        return density_route(choose_route(self.fit.spec, self.fit.observed_design, likelihood))

    @property
    def leaving(self) -> int:
        """How many persons or families there are to leave out."""
        return int(self.clusters.max()) + 1

    @cached_property
    def cells(self) -> np.ndarray:
        """Person and relationship of every unit, (unit, 2), or only its person where units are last occasions."""
        if self.task == "leave_future_out":
            return np.argwhere(self._occasions(self.fit.category).sum(axis=1) > 1)
        return np.argwhere(self.fit.answered > 0)

    @cached_property
    def cluster_of_unit(self) -> np.ndarray:
        """The cluster that each unit leaves with, (unit,)."""
        if self.task == "leave_one_person_out":
            return np.arange(self.leaving)
        return self.clusters[self.cells[:, 0]]

    @cached_property
    def at_draws(self) -> np.ndarray:
        """The log densities of the units at the posterior draws, (chain, draw, unit)."""
        persons = group_values(self.fit, "log_likelihood", "answers")
        if self.task == "leave_one_person_out":
            return sum_within(persons, self.clusters)
        draws = flatten_draws({str(name): value.values for name, value in self.fit.posterior.data_vars.items()})
        units = self._conditional(self.route, draws, persons.reshape(-1, persons.shape[2]), self.fit.category)
        return units.reshape(*persons.shape[:2], -1)

    def of_clusters(self, draws: dict[str, np.ndarray], clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the units of some clusters, and their log densities at other draws, (draw, unit)."""
        chosen = np.isin(self.clusters, clusters)
        category = self.fit.category[chosen]
        route = self.route
        if isinstance(route, Gaussian | Paced | Propagation | Adaptive):  # what a person's occasions make of it
            route = route.of(np.flatnonzero(chosen))
        persons = person_log_likelihood(route, category, draws, threads=self.threads)
        units = np.flatnonzero(np.isin(self.cluster_of_unit, clusters))
        if self.task == "leave_one_person_out":
            together = np.unique(self.clusters[chosen], return_inverse=True)[1].reshape(-1)
            return units, sum_within(persons, together)
        return units, self._conditional(route, draws, persons, category)

    def of_unit(self, unit: int, persons: np.ndarray, draws: dict[str, np.ndarray]) -> np.ndarray:
        """Return the log density of one unit at other draws, (draw,), given those of all persons, (draw, person)."""
        if self.task == "leave_one_person_out":
            return persons[:, self.clusters == unit].sum(axis=1, dtype=float)
        person, relationship = self.cells[unit]
        without = self.fit.category[[person]].copy()
        without[:, relationship] = -1
        rest = person_log_likelihood(self.route, without, draws, threads=self.threads)
        return persons[:, person] - rest[:, 0]

    def within_clusters(self, values: np.ndarray) -> np.ndarray:
        """Return values of units summed within clusters, (cluster,)."""
        return np.bincount(self.cluster_of_unit, weights=values, minlength=int(self.clusters.max()) + 1)

    def _conditional(
        self, route: Route, draws: dict[str, np.ndarray], persons: np.ndarray, category: np.ndarray
    ) -> np.ndarray:
        """Return log densities of units given what stays, (draw, unit), in the order of `cells`."""
        if self.task == "leave_future_out":
            occasions = self._occasions(category)
            last = occasions.shape[1] - 1 - np.argmax(occasions[:, ::-1], axis=1)
            without = category.copy()
            without[np.arange(len(category)), :, last] = np.nan if category.dtype.kind == "f" else -1
            rest = person_log_likelihood(route, without, draws, threads=self.threads)
            return (persons - rest)[:, occasions.sum(axis=1) > 1]
        answered = (category >= 0).any(axis=2)
        given = np.empty((len(persons), *answered.shape))
        for relationship in range(category.shape[1]):
            without = category.copy()
            without[:, relationship] = -1
            rest = person_log_likelihood(route, without, draws, threads=self.threads)
            given[:, :, relationship] = persons - rest
        return given[:, answered]

    @staticmethod
    def _occasions(category: np.ndarray) -> np.ndarray:
        """Return whether persons were observed, (person, occasion)."""
        present = np.isfinite(category) if category.dtype.kind == "f" else category >= 0
        return present.any(axis=(1, 3))


def targets_of(fit: Fit, task: Task, threads: int) -> Targets:
    """Return the targets of a task."""
    return Targets(fit, task, clusters_of(fit), threads)
