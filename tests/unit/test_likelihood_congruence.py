"""Congruence gain and asymmetry: the recursion is the normal whose moments solve their differential equations."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from panels import held, log_density, small_panel
from scipy.integrate import solve_ivp

from iwm_bayes.build import assemble
from iwm_bayes.errors import DesignError, ModelFileError
from iwm_bayes.field import expected_path
from iwm_bayes.field.congruence import bias_of, pieces_of, target_of
from iwm_bayes.inference.tree import _DIMENSIONS
from iwm_bayes.likelihood import Gaussian, Parameters, choose_route
from iwm_bayes.likelihood.parts import in_parts
from iwm_bayes.likelihood.timeline import timeline_of
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Input, Panel

RNG = np.random.default_rng(12)
PERSONS, OCCASIONS = 5, 4
TIME = np.cumsum(RNG.uniform(0.3, 1.2, (PERSONS, OCCASIONS)), axis=1)
TIME -= TIME[:, :1]
VALUES = RNG.normal(0.1, 1, (PERSONS, 1, OCCASIONS, 2))
VALUES[1, 0, 2] = np.nan
VALUES[2, 0, 1, 0] = np.nan
VALUES[3, 0, 3] = np.nan
CHANGES = 6  # of the input, most of them between occasions
BEGIN = np.concatenate([np.zeros((PERSONS, 1)), np.sort(RNG.uniform(0, 2.5, (PERSONS, CHANGES - 1)))], axis=1)
RAW = RNG.normal(3, 2, (PERSONS, CHANGES))
THERAPY = (0.4, 1.1)  # everybody, as a spell
HALF_LIFE, SHARE = np.array([0.7, 1.6]), np.array([[0.4, 0.3], [0.35, 0.5], [0.25, 0.2]])
SD, LEVEL, TRAIT_R, NOISE_R = np.array([0.9, 1.2]), np.array([0.1, -0.3]), 0.3, -0.2
ABOVE, BELOW, BETWEEN = np.array([[0.5, 0.4], [-0.3, 0.2]]), np.array([[0.8, 0], [0.2, 0]]), np.array([0.2, -0.4])
GAIN = np.array([0.4, -0.5])


def the_panel() -> Panel:
    """Return a panel with an input that holds and a spell."""
    person = np.repeat(np.arange(PERSONS), CHANGES)
    stop = np.concatenate([BEGIN[:, 1:], np.maximum(BEGIN[:, -1:], TIME[:, -1:])], axis=1)
    everybody = np.arange(PERSONS)
    inputs = (
        held("care", person, BEGIN.reshape(-1), stop.reshape(-1), RAW.reshape(-1)),
        Input(
            "therapy", "spell", everybody, np.full(PERSONS, THERAPY[0]), np.full(PERSONS, THERAPY[1]), np.ones(PERSONS)
        ),
    )
    return small_panel(TIME, np.isfinite(VALUES), inputs=inputs)


def spec_of(structure: str = "single", **change: object) -> ModelSpec:
    return parse_model(
        {
            "format": 1,
            "name": "biased",
            "question": "What counts?",
            "field": {"structure": structure},
            "change": {"process": "diffusion", "trait": True, **change},
            "observation": {"law": "scores"},
        }
    )


def parameters(trait: bool = True, **others: np.ndarray) -> Parameters:
    share = SHARE if trait else np.array([[0, 0], SHARE[1] / (1 - SHARE[0]), SHARE[2] / (1 - SHARE[0])])
    given = {
        "relationship_mean": np.zeros((2, 1)),
        "relationship_sd": np.ones((2, 1)),
        "score_level": LEVEL,
        "score_sd": SD,
        "half_life": HALF_LIFE,
        "variance_share": share,
        "correlation_diffusion": np.array(NOISE_R),
        "long_run_effect": ABOVE,
        "person_mean_effect": np.stack([BETWEEN, np.zeros(2)], axis=1),
        **({"correlation_trait": np.array(TRAIT_R)} if trait else {}),
        **others,
    }
    return Parameters(**{name: jnp.asarray(value) for name, value in given.items()})


def inputs_of_person(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """Return times seen, cuts, what drives change above and below on each piece (piece, input), and the usual care."""
    times = TIME[number][np.isfinite(VALUES[number]).any(axis=(0, 2))]
    cuts = np.unique(np.concatenate([times, BEGIN[number], THERAPY]))
    cuts = cuts[(cuts >= 0) & (cuts <= times[-1])]
    middle, length = (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)
    care = ((RAW[number] - RAW.mean()) / RAW.std())[np.searchsorted(BEGIN[number], middle) - 1]
    therapy = ((middle > THERAPY[0]) & (middle < THERAPY[1])).astype(float)
    parts = [np.maximum(care, 0), np.minimum(care, 0)]
    means = [(part * length).sum() / times[-1] for part in parts]
    above = np.stack([parts[0] - means[0], therapy], axis=1)
    below = np.stack([parts[1] - means[1], np.zeros(len(length))], axis=1)
    return times, cuts, above, below, sum(means)


def moments_move(drift: np.ndarray, noise: np.ndarray, push: np.ndarray, _: float, moments: np.ndarray) -> np.ndarray:
    """Return the slopes of the mean, of the covariance, and of covariances with what stays as it was."""
    mean, whole, past = moments[:4], moments[4:20].reshape(4, 4), moments[20:].reshape(-1, 4)
    spread = drift @ whole + whole @ drift.T + noise
    return np.concatenate([drift @ mean + push, spread.reshape(-1), (past @ drift.T).reshape(-1)])


def by_solver(number: int, gain: np.ndarray, below_effect: np.ndarray, trait: bool) -> float:
    """Return a person's log density from the moments of (trait, state), solved numerically piece by piece.

    Covariances of the moving system with what was seen at earlier occasions are solved along with it.
    """
    times, cuts, above, below, usual = inputs_of_person(number)
    share = np.asarray(parameters(trait).variance_share)
    rate, between = np.log(2) / HALF_LIFE, BETWEEN * usual
    correlated = np.array([[1, NOISE_R], [NOISE_R, 1]])
    diffusion = np.sqrt(np.outer(2 * rate * share[1], 2 * rate * share[1])) * correlated
    shift = above @ ABOVE.T + below @ below_effect.T  # (piece, dimension)
    settled = diffusion / (rate[:, None] + rate)
    mean, whole = np.concatenate([np.zeros(2), shift[0]]), np.zeros((4, 4))
    whole[:2, :2] = np.sqrt(np.outer(share[0], share[0])) * np.array([[1, TRAIT_R], [TRAIT_R, 1]])
    whole[2:, 2:] = settled
    shows = np.hstack([np.eye(2), np.eye(2)])
    means, blocks = [shows @ mean], {(0, 0): shows @ whole @ shows.T}
    cross = [shows @ whole]  # of what was seen at earlier occasions with the state now, (2, 4)
    piece_of = dict(zip(cuts[:-1], shift, strict=True))
    for begin, end in pairwise(cuts):
        bias = gain * np.abs(piece_of[begin])
        drift, push = np.zeros((4, 4)), np.zeros(4)
        drift[2:, :2], drift[2:, 2:] = np.diag(rate * bias), np.diag(rate * (bias - 1))
        push[2:] = rate * (piece_of[begin] + bias * between)
        noise = np.zeros((4, 4))
        noise[2:, 2:] = diffusion
        past = np.concatenate(cross)
        begun = np.concatenate([mean, whole.reshape(-1), past.reshape(-1)])
        ended = solve_ivp(
            partial(moments_move, drift, noise, push), (begin, end), begun, "DOP853", rtol=1e-11, atol=1e-13
        ).y[:, -1]
        mean, whole, past = ended[:4], ended[4:20].reshape(4, 4), ended[20:].reshape(-1, 4)
        cross = [past[2 * n : 2 * n + 2] for n in range(len(cross))]
        if end in times:
            now = len(means)
            for earlier, one in enumerate(cross):
                blocks[earlier, now] = one @ shows.T
            blocks[now, now] = shows @ whole @ shows.T
            means.append(shows @ mean)
            cross.append(shows @ whole)
    count = len(times)
    full = np.block([[blocks[i, j] if i <= j else blocks[j, i].T for j in range(count)] for i in range(count)])
    spread = np.tile(SD, count)
    full = full * np.outer(spread, spread) + np.diag(np.tile(share[2] * SD**2, count))
    expected = np.tile(LEVEL, count) + spread * (np.concatenate(means) + np.tile(between, count))
    return log_density(VALUES[number, 0][np.isin(TIME[number], times)].reshape(-1), expected, full)


@pytest.mark.parametrize(("trait", "asymmetry"), [(True, True), (True, False), (False, True)])
def test_gain_and_asymmetry_are_a_normal_whose_moments_solve_their_equations(trait: bool, asymmetry: bool) -> None:
    below = BELOW if asymmetry else ABOVE
    extra = {"negative_effect": BELOW} if asymmetry else {}
    route = choose_route(spec_of(congruence=True, asymmetry=asymmetry, trait=trait), the_panel())
    assert isinstance(route, Gaussian)
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters(trait, congruence_gain=GAIN, **extra))
    for number in range(PERSONS):
        assert found[number] == pytest.approx(by_solver(number, GAIN, below, trait), abs=1e-7)


def test_asymmetry_alone_is_a_normal_whose_moments_solve_their_equations() -> None:
    route = choose_route(spec_of(asymmetry=True), the_panel())
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters(negative_effect=BELOW))
    for number in range(PERSONS):
        assert found[number] == pytest.approx(by_solver(number, np.zeros(2), BELOW, True), abs=1e-7)


def test_no_gain_and_equal_effects_are_the_model_without() -> None:
    plain = choose_route(spec_of(), the_panel())
    biased = choose_route(spec_of(congruence=True, asymmetry=True), the_panel())
    expected = plain.log_likelihood(plain.encode(jnp.asarray(VALUES)), parameters())
    same = parameters(congruence_gain=np.zeros(2), negative_effect=ABOVE * [1, 0])
    np.testing.assert_allclose(biased.log_likelihood(biased.encode(jnp.asarray(VALUES)), same), expected, atol=1e-9)


def test_the_published_path_of_congruence() -> None:
    effect, gain, rate = 0.5, 0.4, 0.8  # written per unit of time
    value, length = np.array([1, -1, 0.5]), np.array([0.7, 1.2, 1.1])
    shift = jnp.asarray(effect * value / rate)[:, None, None] * jnp.ones((1, 2, 1))
    bias = bias_of(jnp.array([gain, gain]), shift)
    pieces = pieces_of(jnp.array([rate, rate]), bias, jnp.zeros((2, 2)), jnp.asarray(length)[:, None])
    moved = pieces.kept[:, :, None] * jnp.eye(2)[:, :, None]
    path = expected_path(moved, target_of(bias, shift, jnp.zeros((2, 1))), -jnp.ones((2, 1)))
    np.testing.assert_allclose(path[1:, 0, 0], [-0.3712525030, -0.6084144467, -0.0899227928], atol=1e-8)


def test_the_parts_of_an_input_and_their_means_sum_to_it_and_a_spell_is_not_divided() -> None:
    line = timeline_of(the_panel(), ("care", "therapy"))
    parts = in_parts(line, np.array([1.0, 0.0]))
    np.testing.assert_allclose(parts.value[:, :2] + parts.value[:, 2:], line.value, atol=1e-12)
    np.testing.assert_allclose(parts.now[:, :2] + parts.now[:, 2:], line.now, atol=1e-12)
    np.testing.assert_allclose(parts.mean[:2] + parts.mean[2:], line.mean, atol=1e-12)
    assert (parts.value[:, 0] >= 0).all() and (parts.value[:, 2] <= 0).all()
    assert (parts.value[:, 3] == 0).all() and (parts.mean[[1, 3]] == 0).all()


def test_the_gradient_is_finite_at_no_gain_and_beyond_the_largest_one() -> None:
    route = choose_route(spec_of(congruence=True), the_panel())
    encoded = route.encode(jnp.asarray(VALUES))

    def total(gain: jax.Array) -> jax.Array:
        return route.log_likelihood(encoded, parameters()._replace(congruence_gain=gain)).sum()

    slope = jax.jit(jax.grad(total))
    for gain in (0.0, 3.0):
        assert np.isfinite(slope(jnp.full(2, gain))).all()


def test_the_model_and_its_fits_call_the_parameters_of_bias_by_the_same_dimensions() -> None:
    spec, panel = spec_of(congruence=True, asymmetry=True), the_panel()
    model = assemble(spec, panel, VALUES, choose_route(spec, panel))
    for name in ("congruence_gain", "negative_effect"):
        assert model.named_vars_to_dims[name] == _DIMENSIONS[name]


def test_a_gain_that_nothing_holds_back_has_no_prior_density() -> None:
    spec, panel = read_model("confirmation_bias"), the_panel()
    spec = parse_model({**spec.document(), "needs": {"occasions": 3}})
    model = assemble(spec, panel, VALUES, choose_route(spec, panel))
    (limited,) = model.replace_rvs_by_values([model["congruence_gain_limit"]])
    potential = model.compile_fn(limited, inputs=model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore")
    everybody = [inputs_of_person(number) for number in range(PERSONS)]
    rows = np.concatenate([np.hstack([above, below]) for _, _, above, below, _ in everybody])
    point = model.initial_point()
    acting = np.array([0.5, 0.4, -0.3, 0.2])
    point["long_run_effect_free"], point["negative_effect_free"] = acting, np.array([0.8, 0.2])
    largest = np.abs(rows @ np.hstack([ABOVE, BELOW]).T).max(axis=0)
    for factor, limit in ((0.94, 0.0), (0.96, -np.inf)):
        point["congruence_gain"] = factor / largest * [1, 0.1]
        assert potential(point) == limit
    point["congruence_gain"] = -5 / largest
    assert potential(point) == 0.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"cross_effects": True}, "cross_effects"),
        ({"process": "static"}, "static"),
        ({"inputs": {}}, "inputs = {}"),
        ({"structure": "hierarchical"}, 'structure = "single"'),
        ({"events": {}}, "[change.events]"),
        ({"aftermath": True}, "aftermath"),
    ],
)
def test_what_congruence_does_not_go_with_is_refused(words: dict[str, object], said: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        spec_of(congruence=True, **words)  # type: ignore[arg-type]
    assert caught.value.code == "M413" and said in str(caught.value)


def test_a_study_without_measured_inputs_cannot_show_a_bias() -> None:
    bare = small_panel(TIME)
    spell = small_panel(TIME, inputs=(the_panel().inputs[1],))
    for panel, word in ((bare, "congruence"), (spell, "asymmetry")):
        with pytest.raises(DesignError) as caught:
            choose_route(spec_of(**{word: True}), panel)
        assert caught.value.code == "P341" and "[inputs]" in str(caught.value.fix)
