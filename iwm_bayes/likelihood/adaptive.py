r"""Graded answers with any number of factors integrated out around each person's own mode.

The log posterior of a person's factors, :math:`\log p(y \mid f) - f'f/2`, is concave. Damped Newton finds its mode;
around it the integral is taken by importance sampling with a fixed set of quasi-random points from a multivariate
:math:`t` distribution, shaped by the curvature there, or by the Laplace approximation where no points are given. The
points are the same at every parameter value, so the result is a smooth function that can be differentiated: Newton
runs without gradient, and one last step carries it. Rasmussen & Williams (2006), chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import cho_solve, solve_triangular
from jax.scipy.special import logsumexp
from scipy.special import chdtri, ndtri
from scipy.stats import multivariate_t, qmc

from ..observation import answer_log_probability
from ..observation.graded import answer_slope_and_weight
from .answers import ItemTable, Parameters
from .panel_predictor import PanelForm
from .predictor import Predictor, predict

_NEWTON_STEPS = 30
_CLOSE = 1e-4  # the last step squares it
_SHORTER = 0.3  # of a Newton step, where the whole step led down
_ROUNDING = 1e-10
_DEGREES_OF_FREEDOM = 20
_INFLATION = 1.05


class Points(NamedTuple):
    """Points of a standard multivariate t distribution and their log densities.

    Attributes
    ----------
    position : (point, person, factor)
    log_density : (point, person)
    """

    position: np.ndarray | Array
    log_density: np.ndarray | Array


def t_points(count: int, persons: int, factors: int) -> Points:
    """Return `count` points, a power of two, for each person: a Sobol sequence, shifted for each, and its mirror image.

    The shifts make the errors of different persons independent, so that they do not add up over persons.
    """
    base = qmc.Sobol(factors + 1, seed=20240229).random(count // 2)
    shift = np.random.default_rng(20240229).random((persons, factors + 1))
    unit = np.clip((base[:, None] + shift) % 1, 1e-12, 1 - 1e-12)
    scale = np.sqrt(_DEGREES_OF_FREEDOM / chdtri(_DEGREES_OF_FREEDOM, unit[..., :1]))
    half = ndtri(unit[..., 1:]) * scale * _INFLATION
    position = np.concatenate([half, -half])
    law = multivariate_t(shape=np.eye(factors) * _INFLATION**2, df=_DEGREES_OF_FREEDOM)
    return Points(position, law.logpdf(position).reshape(count, persons))


class Mode(NamedTuple):
    """Persons' factors at their mode (person, factor) and the Cholesky root of the curvature there."""

    factors: Array
    root: Array


class _Search(NamedTuple):
    """Where the search for modes stands: persons' factors, their log joint density, the length of their next step."""

    factors: Array
    value: Array
    length: Array
    left: Array
    rounds: Array


@dataclass(frozen=True)
class Adaptive:
    """The integrated likelihood of graded answers by importance sampling around each person's mode."""

    items: ItemTable
    form: Callable[[Parameters], Predictor]
    factors: int
    points: int = 0

    def with_points(self, points: int) -> Adaptive:
        """Return the same likelihood with another number of points; 0 is the Laplace approximation."""
        return replace(self, points=points)

    def of(self, persons: np.ndarray) -> Adaptive:
        """Return the likelihood of some of the persons."""
        return replace(self, form=self.form.of(persons)) if isinstance(self.form, PanelForm) else self

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return answers (person, cell, item), from 0 and -1 where absent, and each person's points.

        Answers of a panel, (person, relationship, occasion, item), have a cell for each relationship and occasion.
        """
        answers = answers.reshape(answers.shape[0], -1, answers.shape[-1])
        if not self.points:
            return (answers,)
        points = t_points(self.points, answers.shape[0], self.factors)
        return (answers, jnp.asarray(points.position), jnp.asarray(points.log_density))

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's answers with the working models integrated out, (person,)."""
        answers, *points = encoded
        form = self.form(parameters)
        mode = find_mode(form, parameters.thresholds, answers)
        half_log_determinant = jnp.sum(jnp.log(jnp.diagonal(mode.root, axis1=1, axis2=2)), axis=1)
        if not points:
            return _log_joint(form, parameters.thresholds, answers, mode.factors) - half_log_determinant
        return _importance(Points(*points), form, parameters.thresholds, answers, mode) - half_log_determinant


def _importance(points: Points, form: Predictor, thresholds: Array, answers: Array, mode: Mode) -> Array:
    """Return the log integral around the mode, (person,), but for the log determinant of the curvature's root."""
    log_normal_constant = -0.5 * mode.factors.shape[1] * jnp.log(2 * jnp.pi)
    upper = jnp.swapaxes(mode.root, 1, 2)

    def weigh(point: tuple[Array, Array]) -> Array:
        position, log_density = point
        moved = mode.factors + solve_triangular(upper, position[..., None], lower=False)[..., 0]
        return _log_joint(form, thresholds, answers, moved) + log_normal_constant - log_density

    log_weights = jax.lax.map(weigh, tuple(points))
    return logsumexp(log_weights, axis=0) - jnp.log(log_weights.shape[0])


def find_mode(form: Predictor, thresholds: Array, answers: Array) -> Mode:
    """Return each person's most probable factors; differentiable in the parameters through its last step."""
    frozen = jax.lax.stop_gradient((form, thresholds))

    def improve(state: _Search) -> _Search:
        gradient, root = _newton(*frozen, answers, state.factors)
        step = state.length[:, None] * cho_solve((root, True), gradient[..., None])[..., 0]
        tried = state.factors + step
        value = _log_joint(*frozen, answers, tried)
        better = value >= state.value - _ROUNDING * (1 + jnp.abs(state.value))
        left = jnp.where(better, jnp.abs(step).max(axis=1), jnp.inf).max()
        return _Search(
            jnp.where(better[:, None], tried, state.factors),
            jnp.where(better, value, state.value),
            jnp.where(better, 1.0, state.length * _SHORTER),
            left,
            state.rounds + 1,
        )

    def unfinished(state: _Search) -> Array:
        return (state.left > _CLOSE) & (state.rounds < _NEWTON_STEPS)

    start = jnp.zeros((answers.shape[0], form.loading.shape[-1]))
    value = _log_joint(*frozen, answers, start)
    state = _Search(start, value, jnp.ones_like(value), jnp.array(jnp.inf), jnp.zeros((), int))
    found = jax.lax.stop_gradient(jax.lax.while_loop(unfinished, improve, state).factors)
    gradient, root = _newton(form, thresholds, answers, found)
    mode = found + cho_solve((jax.lax.stop_gradient(root), True), gradient[..., None])[..., 0]
    return Mode(mode, _newton(form, thresholds, answers, mode)[1])


def _newton(form: Predictor, thresholds: Array, answers: Array, factors: Array) -> tuple[Array, Array]:
    """Return the gradient of the log joint density and the Cholesky root of its negative Hessian, per person."""
    slope, weight = answer_slope_and_weight(thresholds, predict(form, factors), answers)
    persons, count = factors.shape
    slope, weight = slope.reshape(persons, -1), weight.reshape(persons, -1)
    if form.loading.ndim == 4:  # each person's own
        own = form.loading.reshape(persons, -1, count)
        gradient = jnp.einsum("nr,nrf->nf", slope, own) - factors
        curvature = jnp.swapaxes(own, 1, 2) @ (weight[:, :, None] * own)
    else:
        loading = form.loading.reshape(-1, count)
        gradient = slope @ loading - factors
        curvature = jnp.einsum("nr,rf,rg->nfg", weight, loading, loading)
    return gradient, jnp.linalg.cholesky(curvature + jnp.eye(count))


def _log_joint(form: Predictor, thresholds: Array, answers: Array, factors: Array) -> Array:
    """Return log p(answers | factors) plus the exponent of the factors' prior, (person,)."""
    log_probability = answer_log_probability(thresholds, predict(form, factors), answers)
    return log_probability.sum(axis=(1, 2)) - 0.5 * jnp.sum(factors**2, axis=1)
