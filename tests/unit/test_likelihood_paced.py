"""Persons at their own pace: the mixture is the integral of dense normals, by a quadrature that adapts."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from panels import (
    covariance_over_time,
    event,
    held,
    log_density,
    path_with_jumps,
    rescaled,
    small_panel,
    spread_of_event,
)
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from iwm_bayes.build import assemble
from iwm_bayes.errors import DesignError, ModelFileError
from iwm_bayes.likelihood import Paced, Parameters, choose_route
from iwm_bayes.likelihood.paced import paces
from iwm_bayes.likelihood.route import Route, reference_route, sampling_route
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Item, Panel

RNG = np.random.default_rng(21)
PERSONS, OCCASIONS = 4, 6
TIME = np.cumsum(RNG.uniform(0.1, 0.9, (PERSONS, OCCASIONS)), axis=1)
TIME -= TIME[:, :1]
VALUES = RNG.normal(0.1, 1, (PERSONS, 1, OCCASIONS, 2))
VALUES[0] = np.cumsum(VALUES[0], axis=1) / 2  # one who changes slowly
VALUES[1, 0, 4] = np.nan
VALUES[2, 0, 3, 1] = np.nan
RAW = RNG.normal(3, 2, (PERSONS, OCCASIONS))
HALF_LIFE, CROSS = np.array([0.7, 1.6]), np.array([0.4, -0.3])
SHARE = np.array([[0.3, 0.2], [0.55, 0.65], [0.15, 0.15]])
SD, LEVEL, TRAIT_R, NOISE_R = np.array([0.9, 1.2]), np.array([0.1, -0.3]), 0.3, -0.2
EFFECT, BETWEEN = np.array([0.5, -0.3]), np.array([0.2, 0.4])
TOLERANCE = 1e-3  # nat for each person


def spec_of(structure: str = "single", law: str = "scores", **change: object) -> ModelSpec:
    return parse_model(
        {
            "format": 1,
            "name": "paced",
            "question": "How fast is whom?",
            "field": {"structure": structure},
            "change": {"process": "diffusion", "trait": True, "person_rates": True, **change},
            "observation": {"law": law},
        }
    )


def the_panel(values: np.ndarray = VALUES, *, inputs: bool = True) -> Panel:
    person = np.repeat(np.arange(PERSONS), OCCASIONS)
    stop = np.concatenate([TIME[:, 1:], TIME[:, -1:]], axis=1).reshape(-1)
    care = held("care", person, TIME.reshape(-1), stop, RAW.reshape(-1))
    return small_panel(TIME, np.isfinite(values), inputs=(care,) if inputs else ())


def parameters(pace_sd: float) -> Parameters:
    given = {
        "relationship_mean": np.zeros((2, 1)),
        "relationship_sd": np.ones((2, 1)),
        "score_level": LEVEL,
        "score_sd": SD,
        "half_life": HALF_LIFE,
        "cross_effect": CROSS,
        "variance_share": SHARE,
        "correlation_trait": np.array(TRAIT_R),
        "correlation_diffusion": np.array(NOISE_R),
        "long_run_effect": EFFECT[:, None],
        "person_mean_effect": BETWEEN[:, None],
        "pace_sd": np.array(pace_sd),
    }
    return Parameters(**{name: jnp.asarray(value) for name, value in given.items()})


def compiled(route: Route) -> Callable[..., jax.Array]:
    """Return the log density of encoded scores and parameters by a route."""
    return jax.jit(lambda encoded, given: route.log_likelihood(encoded, given))


def density_at(number: int, pace: float) -> float:
    """Return the log density of a person's scores at a pace, its rates multiplied, by dense algebra."""
    drift, state = rescaled(HALF_LIFE / pace, CROSS, SHARE[1], NOISE_R)
    root = np.sqrt(SHARE[0])
    trait = np.outer(root, root) * np.array([[1, TRAIT_R], [TRAIT_R, 1]])
    times, count = TIME[number], OCCASIONS
    whole = covariance_over_time(times, drift, state, state) + trait[None, :, None, :]
    whole = (whole * SD[:, None, None] * SD).reshape(2 * count, -1) + np.diag(np.tile(SHARE[2] * SD**2, count))
    level = (RAW[number] - RAW.mean()) / RAW.std()
    usual = (level[:-1] * np.diff(times)).sum() / times[-1]
    target = (level - usual)[:, None] * EFFECT
    mean = [target[0]]
    for k in range(count - 1):
        mean.append(target[k] + expm(drift * (times[k + 1] - times[k])) @ (mean[k] - target[k]))
    expected = (LEVEL + SD * (np.array(mean) + BETWEEN * usual)).reshape(-1)
    values = VALUES[number, 0].reshape(-1)
    seen = np.isfinite(values)
    return float(multivariate_normal.logpdf(values[seen], expected[seen], whole[np.ix_(seen, seen)]))


def integral_of(number: int, pace_sd: float) -> float:
    """Return the log of a person's density with its pace integrated out."""
    at_median = density_at(number, 1.0)

    def weighted(z: float) -> float:
        return float(norm.pdf(z) * np.exp(density_at(number, np.exp(pace_sd * z)) - at_median))

    return float(np.log(quad(weighted, -7, 7, epsabs=1e-8, epsrel=1e-6, limit=60)[0]) + at_median)


def test_the_mixture_over_paces_is_the_integral_of_dense_normals() -> None:
    route = choose_route(spec_of(cross_effects=True), the_panel())
    assert isinstance(route, Paced)
    encoded = route.encode(jnp.asarray(VALUES))
    rules = [compiled(by) for by in (route, reference_route(route, 1))]
    for number, pace_sd in ((0, 1.0), (1, 0.3)):
        standard, finer = (rule(encoded, parameters(pace_sd))[number] for rule in rules)
        expected = integral_of(number, pace_sd)
        assert standard == pytest.approx(expected, abs=TOLERANCE)
        assert finer == pytest.approx(expected, abs=1e-5)


def test_events_that_differ_act_at_the_pace_of_their_person() -> None:
    jump, shift, sds = np.array([0.6, -0.4]), np.array([-0.5, 0.7]), (np.array([0.5, 0.3]), np.array([0.4, 0.6]))
    when = (TIME[0, 1] + TIME[0, 2]) / 2
    panel = small_panel(TIME, np.isfinite(VALUES), events=(event("loss", [0], [when], [1.5]),))
    route = choose_route(spec_of(events={"vary": True}), panel)
    assert isinstance(route, Paced)
    given = {"immediate_effect": jump, "enduring_effect": shift}
    given |= {"immediate_effect_sd": sds[0], "enduring_effect_sd": sds[1]}
    events = {name: jnp.asarray(value)[:, None] for name, value in given.items()}
    absent = dict.fromkeys(("cross_effect", "long_run_effect", "person_mean_effect"))
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters(0.6)._replace(**events, **absent))[0]
    at_nodes = []
    for z in route.nodes.position:
        drift, state = rescaled(HALF_LIFE / np.exp(0.6 * z), np.zeros(2), SHARE[1], NOISE_R)
        path = path_with_jumps(TIME[0], drift, np.zeros(2), [(when, np.inf, 1.5 * shift)], [(when, 1.5 * jump)])
        root = np.sqrt(SHARE[0])
        trait = np.outer(root, root) * np.array([[1, TRAIT_R], [TRAIT_R, 1]])
        whole = covariance_over_time(TIME[0], drift, state, state) + trait[None, :, None, :]
        whole = whole + spread_of_event(TIME[0], drift, when, *(1.5 * sd for sd in sds))
        whole = (whole * SD[:, None, None] * SD).reshape(2 * OCCASIONS, -1)
        whole += np.diag(np.tile(SHARE[2] * SD**2, OCCASIONS))
        at_nodes.append(log_density(VALUES[0, 0].reshape(-1), (LEVEL + SD * path).reshape(-1), whole))
    assert found == pytest.approx(logsumexp(np.array(at_nodes) + route.nodes.log_weight), abs=1e-6)


def test_one_pace_for_all_is_the_model_without_paces() -> None:
    paced = choose_route(spec_of(cross_effects=True), the_panel())
    plain = choose_route(spec_of(cross_effects=True, person_rates=False), the_panel())
    encoded = plain.encode(jnp.asarray(VALUES))
    without = parameters(0.0)._replace(pace_sd=None)
    np.testing.assert_allclose(compiled(paced)(encoded, parameters(0.0)), compiled(plain)(encoded, without), atol=1e-9)


def test_persons_alone_are_persons_together() -> None:
    route = choose_route(spec_of(cross_effects=True), the_panel())
    assert isinstance(route, Paced)
    route = route.at("sampling")
    together = compiled(route)(route.encode(jnp.asarray(VALUES)), parameters(0.5))
    some = np.array([2, 0])
    alone = compiled(route.of(some))(route.encode(jnp.asarray(VALUES[some])), parameters(0.5))
    np.testing.assert_allclose(alone, together[some], atol=1e-9)


def test_a_confirming_model_may_have_paces_too() -> None:
    route = choose_route(spec_of(congruence=True), the_panel())
    assert isinstance(route, Paced)
    encoded = route.encode(jnp.asarray(VALUES))
    biased = parameters(0.4)._replace(cross_effect=None, congruence_gain=jnp.array([0.3, -0.2]))
    faster = compiled(route.gaussian)(encoded, biased._replace(half_life=HALF_LIFE / np.exp(0.4 * 1.5)))
    nodes = type(route.nodes)(np.array([1.5]), np.array([0.0]))
    np.testing.assert_allclose(compiled(route.with_nodes(nodes))(encoded, biased), faster, atol=1e-9)


def test_paces_are_not_pooled_however_alike_persons_are() -> None:
    time = np.tile(np.arange(10.0), (400, 1))
    panel = small_panel(time)
    route = choose_route(read_model("person_rates"), panel)
    climbed = sampling_route(route, panel)
    assert isinstance(climbed, Paced) and isinstance(route, Paced)
    assert len(climbed.nodes.position) == len(route.nodes.position) / 2


@pytest.mark.parametrize(("occasions", "nodes"), [(4, 24), (10, 24), (30, 44), (100, 76)])
def test_more_occasions_get_more_nodes(occasions: int, nodes: int) -> None:
    assert len(paces(occasions).position) == nodes
    assert np.exp(paces(occasions).log_weight).sum() == pytest.approx(1)


def test_the_model_of_paces_has_its_parameter_and_a_finite_slope() -> None:
    spec, panel = parse_model({**read_model("person_rates").document(), "needs": {"occasions": 3}}), the_panel()
    route = choose_route(spec, panel)
    model = assemble(spec, panel, VALUES, route)
    assert "pace_sd" in {variable.name for variable in model.free_RVs}
    encoded = route.encode(jnp.asarray(VALUES))
    uncoupled = parameters(0.0)._replace(cross_effect=None)
    slope = jax.jit(jax.grad(lambda sd: route.log_likelihood(encoded, uncoupled._replace(pace_sd=sd)).sum()))
    assert np.isfinite(slope(jnp.array(0.0)))


def test_few_occasions_are_refused() -> None:
    few = small_panel(np.tile(np.arange(9.0), (3, 1)))
    with pytest.raises(DesignError, match="needs 10 occasions; nobody has more than 9") as caught:
        choose_route(read_model("person_rates"), few)
    assert caught.value.code == "P320"


@pytest.mark.parametrize("words", [{"person_rates": True}, {"person_rates": False, "congruence": True}])
def test_items_over_occasions_are_refused(words: dict[str, object]) -> None:
    item = Item("1", "self", "-", 1, 5)
    bare = the_panel()
    panel = Panel(**{**bare.__dict__, "items": (item,), "scores": ()})
    with pytest.raises(DesignError) as caught:
        choose_route(spec_of(law="as_recorded", **words), panel)  # type: ignore[arg-type]
    assert caught.value.code == "P340"
    assert "scale scores" in caught.value.message


def test_a_model_without_a_state_has_no_pace() -> None:
    with pytest.raises(ModelFileError, match="person_rates is about a state"):
        spec_of(process="static")
