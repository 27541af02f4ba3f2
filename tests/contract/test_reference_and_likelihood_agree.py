"""The dense reference density of scale scores and the likelihood that is fitted, which share no code, are one number.

Each model file is tried on the panel on which it is calibrated and on one that is less orderly: scores and occasions
missing, a third relationship, a fourth score in its own range, inputs of every kind, events of two classes, at
parameters drawn from the prior and scores simulated from them. Persons' densities agree to 1e-6 nat; those of persons
with a pace of their own, which both integrate over by rules of their own, to 5e-6.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from trust import Extent

from iwm_bayes.likelihood import Parameters, choose_route, reference_route
from iwm_bayes.simulate import Arm, Course, Happening, make_panel, simulate
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Panel, Score
from iwm_bayes.trials.panel_designs import panel_design
from iwm_bayes.trials.reference_scores import reference, reference_by_person

CHANGE = (
    "algebraic",
    "confirmation_bias",
    "cross_effects",
    "experience_driven",
    "life_events",
    "person_rates",
    "prototype",
    "revisionist",
    "self_fulfilling_prophecy",
    "supportive_spells",
)
SHORT = ("confirmation_bias", "life_events", "person_rates")
HIERARCHICAL = "hierarchical, events that are construed"


def model_of(name: str) -> ModelSpec:
    """Return a model file, or one of relationships with models of their own."""
    if name != HIERARCHICAL:
        return read_model(name)
    change = {"process": "diffusion", "trait": True, "cross_effects": True, "aftermath": True, "split_inputs": False}
    return parse_model(
        {
            "format": 1,
            "name": "of_each",
            "question": "Does each relationship have a working model of its own?",
            "field": {"structure": "hierarchical"},
            "change": {**change, "events": {"vary": True, "construal": True}},
            "observation": {"law": "scores"},
        }
    )


def untidy_panel(spec: ModelSpec) -> Panel:
    """Return a panel of few persons with everything that panels may have and this model takes."""
    assert spec.change is not None
    names = ("care", "self_experience", "environment") if spec.change.inputs != "every" else ("care",)
    return make_panel(
        9,
        ["mother", "partner", "friend"],
        np.linspace(0, 3, max(7, spec.needs.occasions)).tolist(),
        scores=tuple(
            Score(d, d, *r, k) for d, r, k in zip(spec.field.dimensions, ((1, 7), (0, 100)), "+-", strict=True)
        ),
        jitter=0.1,
        missing_occasions=0.15,
        missing_values=0.1,
        courses=tuple(Course(name, ("since", "hold")[number % 2], 3, 2) for number, name in enumerate(names)),
        arms=(Arm("therapy", 0.6, -0.5, 1.5, 0.8, (2.0, 1.0)),),
        happenings=(Happening("loss", 0.7, -0.2, 3.2, 1.5, 1.0, 2), Happening("move", 0.6, 0, 3, construal=2.0)),
        seed=8,
    )


def differences(spec: ModelSpec, panel: Panel, seeds: int) -> list[float]:
    """Return by how much a person's densities differ at most, at parameters and scores drawn from the prior."""
    route = reference_route(choose_route(spec, panel), len(panel.relationships))
    density = jax.jit(lambda scores, truth: route.log_likelihood(route.encode(scores), Parameters(**truth)))
    found = []
    for seed in range(seeds):
        made = simulate(spec, panel, None, seed)
        own = reference_by_person(spec, panel, made.values)(
            {name: value[None] for name, value in made.parameters.items()}
        )
        its = density(jnp.asarray(made.values), {name: jnp.asarray(value) for name, value in made.parameters.items()})
        found.append(float(np.abs(own[0] - np.asarray(its)).max()))
    return found


@pytest.mark.trust(
    "the density of scores by dense algebra is that of the likelihood, person by person, for every model"
)
def test_both_densities_of_a_person_are_one_number(extent: Extent) -> None:
    names, worst = ((*CHANGE, HIERARCHICAL) if extent.is_full else SHORT), {}
    for name in names:
        spec = model_of(name)
        panels = [untidy_panel(spec)] + ([panel_design(spec)] if extent.is_full and name != HIERARCHICAL else [])
        found = [one for panel in panels for one in differences(spec, panel, extent(short=3, full=20))]
        worst[name] = max(found)
        assert worst[name] < (5e-6 if spec.change.person_rates else 1e-6), (name, found)
    paced = worst.pop("person_rates")
    extent.found(
        f"apart by {max(worst.values()):.0e} nat at most, with persons' own pace {paced:.0e}; {len(names)} models"
    )


def test_draws_side_by_side_have_the_density_of_each_alone() -> None:
    spec = read_model("life_events")
    panel = untidy_panel(spec)
    made = [simulate(spec, panel, None, seed) for seed in range(5)]
    density = reference(spec, panel, made[0].values)
    together = {name: np.stack([one.parameters[name] for one in made]) for name in made[0].parameters}
    alone = [density({name: value[None] for name, value in one.parameters.items()})[0] for one in made]
    assert density(together) == pytest.approx(np.array(alone), rel=1e-12)
