"""Fits that share a compiled program are those that are made afresh, and nothing of earlier answers is left in it."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from trust import Extent

from iwm_bayes.build import assemble
from iwm_bayes.criticism import diagnose
from iwm_bayes.estimands import estimate
from iwm_bayes.inference import Schedule, Settings, fit_answers
from iwm_bayes.inference.program import compile_program
from iwm_bayes.inference.ridge import ridge_of
from iwm_bayes.likelihood import choose_route, density_route, sampling_route
from iwm_bayes.simulate import Simulated, make_design, make_panel, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Design, Item, Panel, Score
from iwm_bayes.trials.climbed import climb
from iwm_bayes.trials.refitting import Refittable

ITEMS = tuple(Item(f"{d}{n}", d, "-" if n == 1 else "+", 1, 4) for d in ("self", "others") for n in range(3))
SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
TIMES = (0.0, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Case:
    """A model, a small design, and what the answers become in the compiled program."""

    model: str
    design: Design | Panel
    arrays: int
    has_ridge: bool


CASES = {
    "scores of persons observed alike": Case(
        "prototype", make_panel(60, ["general"], TIMES, scores=SCORES), 4, has_ridge=True
    ),
    "answers about two relationships": Case(
        "hierarchical", make_design(40, ("mother", "father"), ITEMS), 2, has_ridge=False
    ),
    "scores of persons at their own times": Case(
        "prototype",
        make_panel(40, ["general"], TIMES, scores=SCORES, jitter=0.1, missing_occasions=0.1),
        2,
        has_ridge=True,
    ),
    "answers with method effects": Case(
        "hierarchical_method_effects", make_design(12, ("mother", "father"), ITEMS[:2] + ITEMS[3:5]), 3, has_ridge=False
    ),
    "answers over occasions": Case("prototype", make_panel(15, ["general"], TIMES, items=ITEMS), 2, has_ridge=True),
}
SCORED = CASES["scores of persons observed alike"]


def answers(case: Case, seed: int) -> np.ndarray:
    """Return answers simulated from the prior."""
    found = simulate(read_model(case.model), case.design, None, seed)
    return found.category if isinstance(found, Simulated) else found.values


@pytest.mark.trust("what is compiled for one set of answers gives the density of any other, to the last digits")
def test_a_program_has_the_density_of_answers_that_it_was_not_compiled_for(extent: Extent) -> None:
    for name in list(CASES)[: extent(short=1, full=len(CASES))]:
        case = CASES[name]
        spec, values = read_model(case.model), answers(case, 5)
        standard = choose_route(spec, case.design)
        for route in [sampling_route(standard, case.design), density_route(standard)][: extent(short=1, full=2)]:
            shared = climb(spec, case.design, route, 0.8)
            fresh = compile_program(assemble(spec, case.design, values, route), ridge_of(spec, case.design, values))
            at = jnp.asarray(fresh.start + 0.1 * np.random.default_rng(1).standard_normal(fresh.size))
            data = shared.data_of(values)
            assert_allclose(
                jax.jit(shared.program.log_density)(at, data), jax.jit(fresh.log_density)(at, fresh.data), rtol=1e-11
            )
            found = shared.constrained(np.asarray(at)[None, None], data)
            for parameter, value in jax.jit(fresh.constrain)(at).items():
                assert_allclose(found[parameter][0, 0], value, rtol=1e-9, atol=1e-12, err_msg=f"{name}: {parameter}")
        assert (shared.ridge is not None) == case.has_ridge
    extent.found(f"{extent(short=1, full=len(CASES))} designs")


@pytest.mark.trust("a fit that shares its compiled program has the draws of a fit made afresh")
def test_a_later_fit_is_the_one_that_is_made_afresh(extent: Extent) -> None:
    short = Schedule(chains=4, warmup=50, draws=100)
    names = ["scores of persons observed alike", "answers about two relationships"][: extent(short=1, full=2)]
    for name in names:
        case = CASES[name]
        spec, earlier, later = read_model(case.model), answers(case, 1), answers(case, 2)
        for method in ("laplace", "nuts")[: extent(short=1, full=2)]:
            refittable = Refittable(spec, case.design, method)
            refittable.fit(earlier, 7, short)
            found = refittable.fit(later, 7, short)
            first = Refittable(spec, case.design, method).fit(later, 7, short)
            settings = Settings(method=method, seed=7, schedule=short, threads=1)
            fresh = fit_answers(spec, case.design, later, settings, study_digest="")
            # Sums of scores are rounded otherwise where they are constants of a program, and a chain magnifies the last
            # digit of its density; programs for answers have the same last digits.
            magnified = 1e-3 if case is SCORED and method == "nuts" else 0.0
            for parameter, draws in fresh.posterior.items():
                assert_array_equal(found.posterior[parameter], first.posterior[parameter], parameter)
                rounding = magnified * draws.std(("chain", "draw")).values
                apart = np.abs(found.posterior[parameter] - draws) - 1e-6 * np.abs(draws)
                assert (apart <= 1e-9 + rounding).all(), f"{name}, {method}: {parameter}"
            assert set(found.about["certificate"]) == set(fresh.about["certificate"])
            for about, value in fresh.about["certificate"].items():
                near = value if value is None else pytest.approx(value, rel=1e-6, abs=1e-9)
                assert found.about["certificate"][about] == near, about
            assert found.about["likelihood_error"] == pytest.approx(fresh.about["likelihood_error"], abs=1e-9)
            assert set(found.about) == set(fresh.about)
            assert list(estimate(found)) == list(estimate(fresh))
            assert diagnose(found).status == diagnose(fresh).status
    extent.found(
        f"{len(names)} models, {extent(short=1, full=2)} methods: as the first fit of a program to the last bit, as a "
        "fit of its own to the sixth digit, chains of scores to a thousandth of an SD"
    )


def test_a_fit_carries_its_own_answers_for_what_is_done_with_it_later() -> None:
    spec, values = read_model(SCORED.model), answers(SCORED, 3)
    route = sampling_route(choose_route(spec, SCORED.design), SCORED.design)
    shared = climb(spec, SCORED.design, route, 0.8)
    weights = np.random.default_rng(0).integers(0, 2, len(values)).astype(float)
    found = shared.program_of(values, shared.data_of(values)).with_weights(weights)
    fresh = compile_program(assemble(spec, SCORED.design, values, route)).with_weights(weights)
    assert len(found) == len(fresh) + 2  # where the ridge is
    for own, other in zip((found[0], *found[3:]), fresh, strict=True):
        assert_allclose(own, other, atol=1e-9)
