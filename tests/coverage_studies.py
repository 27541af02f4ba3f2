"""Studies simulated again and again from known parameters, fitted, and asked for the intervals of what they are about.

Four designs: two about the structure of working models, with two relationships and with four, and two about change,
without and with inputs. Each design is compiled once; a piece of work is one study.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from small_studies import small_design, small_parameters

from iwm_bayes.estimands import estimate
from iwm_bayes.inference import Schedule
from iwm_bayes.replications import Work
from iwm_bayes.simulate import Course, make_panel, simulate
from iwm_bayes.spec import ModelSpec, read_model
from iwm_bayes.study import Design, Panel, Score
from iwm_bayes.trials.refitting import Refittable

SCHEDULE = Schedule(chains=2, warmup=100, draws=300)
_SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))


class Known(NamedTuple):
    """A model, a design, the parameters that studies are simulated from, and headline estimands at these."""

    spec: ModelSpec
    design: Design | Panel
    parameters: Mapping[str, Any]
    headline: Mapping[str, float]


def _structure(persons: int, relationships: tuple[str, ...]) -> Known:
    spec = read_model("hierarchical")
    design = small_design(persons, relationships=relationships, categories=5, per_dimension=3)
    discrimination = np.full(len(design.items), 2.0)
    values = small_parameters(spec, design, general_share=[0.35, 0.5], discrimination=discrimination)
    share, mean = values["general_share"], values["relationship_mean"]
    general, specific = float(values["correlation_general"]), float(values["correlation_specific"])
    total = np.sqrt(share.prod()) * general + np.sqrt((1 - share).prod()) * specific
    headline = {"correlation_general": general, "correlation_specific": specific}
    for d, dimension in enumerate(spec.field.dimensions):
        headline[f"general_share[{dimension}]"] = float(share[d])
        for c, relationship in enumerate(relationships[1:], start=1):
            headline[f"relationship_mean[{dimension},{relationship}]"] = float(mean[d, c])
    return Known(spec, design, values, headline | {f"correlation_total[{one}]": float(total) for one in relationships})


def _change(*, inputs: bool) -> Known:
    spec = read_model("prototype")
    courses = (Course("support", mean=4.8, sd=1.1),) if inputs else ()
    times, persons, jitter = ([0.4 * number for number in range(6)], 120, 0.25) if inputs else (range(6), 250, 0.0)
    panel = make_panel(persons, ["general"], times, scores=_SCORES, jitter=jitter, courses=courses, seed=6)
    half_life, share = np.array([0.9, 1.4]), np.array([[0.50, 0.45], [0.35, 0.40], [0.15, 0.15]])
    values: dict[str, Any] = {
        "relationship_mean": [[0], [0]],
        "relationship_sd": [[1], [1]],
        "half_life": half_life,
        "variance_share": share,
        "correlation_trait": 0.3,
        "correlation_diffusion": 0.3,
        "score_level": [-0.1, -0.2],
        "score_sd": [0.40, 0.38],
    }
    headline = {}
    if inputs:
        values |= {"long_run_effect": [[0.30], [0.40]], "person_mean_effect": [[0.25], [0.25]]}
        headline |= {"long_run_effect[self,support]": 0.30, "long_run_effect[others,support]": 0.40}
    for d, dimension in enumerate(spec.field.dimensions):
        headline[f"half_life[{dimension}]"] = float(half_life[d])
        headline[f"retest_in_the_end[{dimension}]"] = float(share[0, d])
        headline[f"trait_share[{dimension}]"] = float(share[0, d] / (share[0, d] + share[1, d]))
    return Known(spec, panel, values, headline)


DESIGNS: dict[str, Callable[[], Known]] = {
    "structure, two relationships": functools.partial(_structure, 150, ("mother", "father")),
    "structure, four relationships": functools.partial(_structure, 100, ("mother", "father", "partner", "friend")),
    "change, without inputs": functools.partial(_change, inputs=False),
    "change, with inputs": functools.partial(_change, inputs=True),
}


class Prepared(NamedTuple):
    """What the studies of one design share."""

    known: Known
    fits: Refittable
    seed: int


def prepare(recipe: Mapping[str, Any]) -> Prepared:
    """Return what the studies of a design share."""
    known = DESIGNS[recipe["design"]]()
    return Prepared(known, Refittable(known.spec, known.design), recipe["seed"])


def one_study(prepared: Prepared, piece: int) -> dict[str, Any]:
    """Return which headline intervals of one simulated study contain the truth, by name."""
    known, seed = prepared.known, prepared.seed + piece
    made = simulate(known.spec, known.design, known.parameters, seed=seed)
    values = made.values if isinstance(known.design, Panel) else made.category
    found = estimate(prepared.fits.fit(values, seed, SCHEDULE))
    headline = {name: one for name, one in found.items() if one.headline}
    if headline.keys() != known.headline.keys():
        raise ValueError(f"Headline estimands without a truth: {sorted(headline.keys() ^ known.headline.keys())}")
    return {name: one.ci_low <= known.headline[name] <= one.ci_high for name, one in headline.items()}


def work_of(design: str, program: str, seed: int) -> Work:
    """Return the work of simulating studies of a design; `program` is a digest of what fits them."""
    return Work("coverage", {"design": design, "program": program, "seed": seed}, prepare, one_study)
