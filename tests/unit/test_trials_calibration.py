"""A compiled program serves every data set of its design; the truth is ranked as the draws are."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_studies import Fitted
from trust import Extent

from iwm_bayes.build import assemble
from iwm_bayes.inference.program import compile_program
from iwm_bayes.likelihood import Pooled, choose_route, sampling_route
from iwm_bayes.simulate import Arm, SimulatedPanel, make_design, make_panel, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Design, Panel, Score
from iwm_bayes.trials.calibration_quantities import LOG_LIKELIHOOD, quantities, with_truth
from iwm_bayes.trials.calibration_ranks import DRAWS
from iwm_bayes.trials.designs import small_design, small_items

SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))


def alike() -> Panel:
    return make_panel(8, ["mother", "friend"], [0.0, 0.5, 1.2, 2.0], scores=SCORES, seed=1)


def apart() -> Panel:
    arms = (Arm("therapy", proportion=0.5, earliest=0.2, latest=1.0, length=0.5),)
    return make_panel(8, ["mother"], [0.0, 0.5, 1.2, 2.0], scores=SCORES, jitter=0.1, arms=arms, seed=1)


def answers_over_time() -> Panel:
    return make_panel(6, ["mother"], [0.0, 0.5, 1.2], items=small_items(("self", "others"), 2), seed=1)


def one_occasion(relationships: int) -> Design:
    names = ("mother", "friend", "partner")[:relationships]
    return make_design(6, names, small_items(("self", "others"), 2))


ROUTES = {
    "pooled": ("revisionist", alike),
    "quadrature": ("single", lambda: one_occasion(2)),
    "gaussian": ("prototype", apart),
    "paced": ("person_rates", lambda: make_panel(4, ["mother"], np.arange(10.0) / 2, scores=SCORES, seed=1)),
    "adaptive": ("hierarchical_method_effects", lambda: one_occasion(2)),
    "two tiers": ("hierarchical", lambda: one_occasion(3)),
    "propagation": ("revisionist", answers_over_time),
}


@pytest.mark.trust("nothing of the data set that a calibration's program was compiled with stays in it")
def test_a_program_keeps_nothing_of_the_data_that_it_was_compiled_with(extent: Extent) -> None:
    names = list(ROUTES)[: extent(short=2, full=len(ROUTES))]
    for name in names:
        model, make = ROUTES[name]
        spec, design = read_model(model), make()
        first, second = (_data(simulate(spec, design, None, seed=seed)) for seed in (1, 3))  # far apart on all
        climbed = sampling_route(choose_route(spec, design), design)
        program, other = (compile_program(assemble(spec, design, values, climbed)) for values in (first, second))
        weight = program.data[0]
        values = jnp.asarray(second)
        encoded = climbed.encode(values, weight) if isinstance(climbed, Pooled) else climbed.encode(values)
        at = jnp.asarray(program.start + np.random.default_rng(3).normal(0, 0.2, program.size))
        swapped, own, before = (
            float(jax.jit(of.log_density)(at, data))
            for of, data in ((program, (weight, *encoded)), (other, other.data), (program, program.data))
        )
        assert swapped == pytest.approx(own, rel=1e-11)  # rounding: what is encoded in the program may be so otherwise
        assert abs(swapped - before) > 1
    extent.found(f"{len(names)} routes give the density of a program of its own up to rounding: {', '.join(names)}")


def test_the_truth_stands_before_the_draws_and_goes_through_the_same_functions(small_fit: Fitted) -> None:
    truth = small_fit.simulated.parameters
    found = quantities(small_fit.fit, truth)
    assert {values.shape for values in found.values()} == {(1 + DRAWS,)}
    assert found["general_share[others]"][0] == truth["general_share"][1]
    assert found["thresholds[self2,1]"][0] == truth["thresholds"][2, 0]
    share, general, specific = (truth[n] for n in ("general_share", "correlation_general", "correlation_specific"))
    total = np.sqrt(share.prod()) * general + np.sqrt((1 - share).prod()) * specific
    assert found["correlation_total[mother]"][0] == pytest.approx(total)
    assert found["style_cut[self]"].std() > 0
    assert "correlation_total[father]" not in found  # is always the same as with mother
    assert "relationship_mean[self,mother]" not in found  # is fixed


def test_draws_are_thinned_evenly_over_all_chains(small_fit: Fitted) -> None:
    posterior = small_fit.fit.posterior
    joint = with_truth(small_fit.fit, small_fit.simulated.parameters).posterior
    drawn = posterior["correlation_general"].values.ravel()
    np.testing.assert_array_equal(joint["correlation_general"].values[0, [1, -1]], drawn[[0, -1]])
    assert joint.sizes["chain"] == 1


def test_the_log_likelihood_is_near_that_of_the_fit(small_fit: Fitted) -> None:
    found = quantities(small_fit.fit, small_fit.simulated.parameters)[LOG_LIKELIHOOD][1:]
    total = small_fit.fit.tree["log_likelihood"].to_dataset()["answers"].values.sum(axis=2, dtype=float).ravel()
    own = total[np.linspace(0, len(total) - 1, DRAWS).round().astype(int)]
    assert np.corrcoef(found, own)[0, 1] > 0.8  # 150 persons: a fixed set of points errs by a few nats for all draws


@pytest.mark.parametrize("model", ["single", "hierarchical_method_effects", "context_correlated"])
def test_small_designs_have_items_of_both_keys_and_what_the_model_needs(model: str) -> None:
    spec = read_model(model)
    design = small_design(spec)
    assert isinstance(design, Design)
    assert len(design.relationships) >= spec.needs.relationships
    keys = {(item.dimension, item.keyed) for item in design.items}
    assert keys == {(d, k) for d in spec.field.dimensions for k in "+-"}
    assert design.observed.all()


def _data(made: object) -> np.ndarray:
    return made.values if isinstance(made, SimulatedPanel) else made.category  # type: ignore[attr-defined]
