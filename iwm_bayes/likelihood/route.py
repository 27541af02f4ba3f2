"""Which route serves a model and a design, and how finely it integrates for which purpose.

Three accuracies: the *sampling* grid is coarse and in single precision, and is what the sampler climbs; the *standard*
one gives every density that is reported, and draws are reweighted to it where the two differ; the *reference* is
finer still, and a fit states its own integration error as the distance between the last two. On answers of 854 children
about two parents the standard grids are within .1 nat of a 61-node rule in all, at shares from .05 to .99.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
from jax import Array

from ..errors import UsageError, did_you_mean
from ..planning import refuse_design
from ..study import Panel
from .adaptive import Adaptive
from .answers import ItemTable, Parameters, item_table
from .explicit import Explicit
from .gaussian import Gaussian
from .paced import Paced
from .panel_route import STANDARD_POINTS, choose_panel_route, importance_sampling, pooled_where_alike
from .panel_sites import Propagation
from .pooled import Pooled
from .predictor import factor_names, predictor
from .quadrature import Grid, Quadrature, evenly_spaced

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design

ROUTES = ("auto", "gaussian", "quadrature", "propagation", "adaptive", "explicit")

_ONE_TIER = ("single", "independent")
_SAMPLING = {  # spacings of the outer and the inner grid that the sampler climbs, and their reach
    "single": (1.0, 1.0, 4.2),
    "independent": (1.0, 1.0, 4.2),
    "hierarchical": (2.3, 1.7, 3.6),
    "correlated": (1.0, 1.7, 4.0),
}
_FEWEST_ITEMS = 6  # as many as a grid is made for at least
_REACH = 4.8  # standard deviations covered by a grid: 2e-6 of a normal lies beyond
_REFERENCE_POINTS, _SAMPLING_POINTS = 2048, 32


class Route(Protocol):
    """What every route can do."""

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return the answers (person, relationship, item) in the form that `log_likelihood` takes."""

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's answers, (person,)."""


class GradedRoute(Route, Protocol):
    """A route for answers to items."""

    @property
    def items(self) -> ItemTable:
        """The items whose answers it is of."""


def choose_route(spec: ModelSpec, design: Design | Panel, likelihood: str = "auto") -> Route:
    """Return the route for this model and design, at standard accuracy.

    Raises
    ------
    DesignError
        The design cannot answer the question of the model: the codes of `refuse_design` and `refuse_panel`.
    UsageError
        U210 no such route; U211 the route cannot integrate this model.
    """
    if likelihood not in ROUTES:
        raise UsageError("U210", f"No likelihood route {likelihood!r}.", fix=did_you_mean(likelihood, ROUTES))
    if isinstance(design, Panel):
        return choose_panel_route(spec, design, likelihood)
    refuse_design(spec, design)
    items = item_table(design, spec.field.dimensions)
    structure, relationships = spec.field.structure, len(design.relationships)
    form = partial(predictor, items, structure=structure)
    method_effects = spec.observation.acquiescence or spec.observation.person_item
    if likelihood == "explicit":
        names = factor_names(
            items,
            design.relationships,
            structure,
            acquiescence=spec.observation.acquiescence,
            person_item=spec.observation.person_item,
        )
        return Explicit(items, form, names)
    obstacle = _obstacle_to_quadrature(items, structure, relationships, method_effects=method_effects)
    if likelihood == "propagation":
        raise UsageError("U211", "Propagation is for answers over occasions.", fix="Use --likelihood auto.")
    if likelihood == "quadrature" and obstacle:
        raise UsageError("U211", f"Quadrature cannot integrate this model: {obstacle}.", fix="Use --likelihood auto.")
    if likelihood == "adaptive" or obstacle:
        return Adaptive(items, form, _factors(spec, design), STANDARD_POINTS)
    spacing = (1.0, 1.0) if structure in _ONE_TIER else (1.1, 1.3)
    return Quadrature(items, structure, _grid(items, structure, relationships, spacing=spacing))


def sampling_route(route: Route, design: Design | Panel) -> Route | Pooled:
    """Return the coarser, or cheaper, form of a route that the sampler climbs."""
    relationships = len(design.relationships)
    if isinstance(route, Gaussian):
        return pooled_where_alike(route, design.observed)
    if isinstance(route, Paced):
        return route.at("sampling")
    if isinstance(route, Quadrature):
        *spacing, reach = _SAMPLING[route.structure]
        # What relationships do not share blurs what they say of the general models: beyond two they add little.
        said = relationships if route.structure in _ONE_TIER else min(relationships, 2)
        grid = _grid(route.items, route.structure, said, spacing=spacing, reach=reach)
        return route.with_grid(grid, single_precision=True)
    if isinstance(route, Adaptive):
        return route.with_points(_SAMPLING_POINTS)
    return route


def density_route(route: Route) -> Route:
    """Return the form of a route that gives densities at draws: standard accuracy, in single precision if it can."""
    return route.with_grid(route.grid, single_precision=True) if isinstance(route, Quadrature) else route


def is_exact(route: Route | Pooled) -> bool:
    """Return whether a route is smooth and in double precision: its gradients have neither noise nor steps."""
    return isinstance(route, Gaussian | Paced | Pooled)


def reference_route(route: Route, relationships: int) -> Route:
    """Return the finer form of a route, against which its integration error is stated."""
    if isinstance(route, Quadrature):
        grid = _grid(route.items, route.structure, relationships, spacing=(0.65, 0.65), reach=5.6)
        return route.with_grid(grid)
    if isinstance(route, Paced):
        return route.at("reference")
    if isinstance(route, Propagation):
        return importance_sampling(route, relationships, _REFERENCE_POINTS)
    if isinstance(route, Adaptive):
        return route.with_points(_REFERENCE_POINTS)
    return route


def _obstacle_to_quadrature(items: ItemTable, structure: str, relationships: int, *, method_effects: bool) -> str:
    if method_effects:
        return "method effects are crossed with relationships"
    if structure == "correlated" and relationships != 2:
        return f"freely correlated cells of {relationships} relationships have no tiers"
    if not items.one_dimension_each:
        return "an item loads on two dimensions"
    if len(items.dimensions) != 2:
        return f"grids are over two dimensions, and there are {len(items.dimensions)}"
    return ""


def _factors(spec: ModelSpec, design: Design) -> int:
    names = factor_names(
        item_table(design, spec.field.dimensions),
        design.relationships,
        spec.field.structure,
        acquiescence=spec.observation.acquiescence,
        person_item=spec.observation.person_item,
    )
    return len(names)


def _grid(
    items: ItemTable, structure: str, relationships: int, *, spacing: Sequence[float], reach: float = _REACH
) -> Grid:
    """Return grids whose spacing is a multiple of the narrowest posterior that a person's answers can give.

    An item of discrimination 2 carries information of about 1, so m items leave a standard deviation of about
    1 / sqrt(1 + m); where they are few, single ones may be sharper than that. The trapezoidal rule errs by about
    2 exp(-2 (pi sd / spacing)^2) of a Gaussian integral.
    """
    per_relationship = max(_FEWEST_ITEMS, int(np.count_nonzero(items.loading, axis=0).max()))
    shared = per_relationship * (relationships if structure in ("single", "hierarchical") else 1)
    outer, inner = (_count(m, step, reach) for m, step in zip((shared, per_relationship), spacing, strict=True))
    return Grid(evenly_spaced(outer, reach), evenly_spaced(inner, reach))


def _count(items: int, spacing: float, reach: float) -> int:
    nodes = 2 * reach * math.sqrt(1 + items) / spacing
    return 4 * math.ceil(nodes / 4)  # whole vectors of the processor
