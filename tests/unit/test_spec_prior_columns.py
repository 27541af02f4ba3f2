"""Every prior has a wide and a tight form, and every model can be built with either."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_studies import small_design
from trust import Extent

from iwm_bayes.simulate import Arm, Course, Happening, make_panel
from iwm_bayes.spec import COLUMNS, ModelSpec, list_models, parse_model, read_model, replaced_priors, with_priors
from iwm_bayes.spec.prior_columns import WIDTHS
from iwm_bayes.spec.priors import Prior
from iwm_bayes.spec.vocabulary import PARAMETERS
from iwm_bayes.study import Score

MODELS = list_models()


def spread(prior: Prior) -> float:
    """Return the SD of one element under a prior, by scipy: of the logarithm where it is lognormal."""
    first = prior.numbers[0]
    match prior.family:
        case "normal":
            return float(stats.norm(*prior.numbers).std())
        case "lognormal":
            return prior.numbers[1]
        case "half_normal":
            return float(stats.halfnorm(scale=first).std())
        case "beta" | "symmetric_beta":
            return float(stats.beta(*prior.numbers).std())
        case "dirichlet":
            return float(stats.beta(first, 2 * first).std())
        case _:
            return float(stats.beta(first + 1, first + 1).std())  # one of the correlations of four cells


def centre(prior: Prior) -> float:
    if prior.family in ("normal", "lognormal"):
        return prior.numbers[0]
    return prior.numbers[0] / sum(prior.numbers) if prior.family.endswith("beta") else 0.0


def test_every_parameter_of_the_vocabulary_has_both_columns() -> None:
    assert list(WIDTHS) == list(PARAMETERS)
    assert {row.like for row in WIDTHS.values()} - {""} <= {name for name, row in WIDTHS.items() if not row.like}


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_wide_priors_are_wider_and_tight_ones_tighter_in_the_same_place(spec: ModelSpec) -> None:
    for wide, tight in zip(replaced_priors(spec, "wide"), replaced_priors(spec, "tight"), strict=True):
        assert wide.prior == tight.prior
        assert wide.is_default
        assert spread(tight.by) < 0.85 * spread(wide.prior) < 0.85**2 * spread(wide.by), wide.prior.key
        assert centre(wide.by) == centre(tight.by) == centre(wide.prior)


COLUMNS_BY_DESIGN = {
    "discrimination": (0.5, 0.8, 0.3),
    "item_location": (1.5, 2.5, 1.0),
    "threshold_gap": (0.5, 0.8, 0.3),
    "acquiescence_sd": (0.5, 1.0, 0.25),
    "person_item_sd": (0.7, 1.4, 0.35),
    "correlation_general": (2.0, 1.0, 4.0),
    "correlation_specific": (2.0, 1.0, 4.0),
    "correlation_trait": (2.0, 1.0, 4.0),
    "correlation_diffusion": (2.0, 1.0, 4.0),
    "general_share": (1.0, 0.5, 2.0),
    "variance_share": (1.0, 0.5, 2.0),
    "relationship_mean": (1.0, 2.0, 0.5),
    "relationship_log_sd": (0.3, 0.6, 0.15),
    "half_life": (1.0, 1.5, 0.5),
    "cross_effect": (0.3, 0.5, 0.15),
    "long_run_effect": (0.5, 1.0, 0.25),
    "immediate_effect": (0.3, 0.6, 0.15),
    "enduring_effect": (0.3, 0.6, 0.15),
    "after_effect": (0.3, 0.6, 0.15),
    "pace_sd": (0.3, 0.6, 0.15),
}
"""The spread of each prior as it is, wide, and tight; what has no line here follows one that has."""


@pytest.mark.parametrize("parameter", COLUMNS_BY_DESIGN)
def test_the_columns_are_those_that_were_designed(parameter: str) -> None:
    spec = next(spec for spec in MODELS if any(prior.parameter == parameter for prior in spec.resolved_priors()))
    found = [
        next(prior.numbers[-1] for prior in one.resolved_priors() if prior.parameter == parameter)
        for one in (spec, with_priors(spec, "wide"), with_priors(spec, "tight"))
    ]
    assert tuple(found) == pytest.approx(COLUMNS_BY_DESIGN[parameter])


def test_a_model_with_other_columns_is_another_model() -> None:
    wide, tight = (with_priors(read_model("hierarchical_method_effects"), column) for column in COLUMNS)
    assert (wide.name, tight.name) == ("hierarchical_method_effects_wide", "hierarchical_method_effects_tight")
    assert len({wide.digest, tight.digest, read_model("hierarchical_method_effects").digest}) == 3


def test_a_prior_of_the_model_file_is_widened_in_the_proportion_of_its_column() -> None:
    document = read_model("cross_effects").document()
    priors: dict[str, Any] = {
        "half_life.self": {"lognormal": {"median": 0.2, "sigma": 0.4}},
        "half_life.others": {"lognormal": {"median": 1, "sigma": 1}},
        "cross_effect": {"normal": [0.1, 0.6]},
    }
    spec = parse_model({**document, "priors": priors})
    wide = with_priors(spec, "wide")
    assert wide.prior("half_life", "self").numbers == pytest.approx((0.2, 0.4 * 1.5))
    assert wide.prior("half_life", "others").numbers == (1.0, 1.5)
    assert with_priors(spec, "tight").prior("cross_effect", "self").numbers == pytest.approx((0.1, 0.3))
    changed = {row.prior.key for row in replaced_priors(spec, "wide") if not row.is_default}
    assert changed == {"half_life.self", "cross_effect"}


def answers_for(spec: ModelSpec) -> tuple[Any, np.ndarray]:
    """Return a small design that has what a model can ask for, and answers in the middle of their range."""
    if spec.change is None:
        design = small_design(6)
        return design, np.where(design.observed, 1, -1)
    scores = tuple(Score(d, d, 1, 7, "-") for d in spec.field.dimensions)
    panel = make_panel(
        6,
        ("general",),
        np.arange(12) / 4,
        scores=scores,
        courses=[Course("self_experience"), Course("care"), Course("environment")],
        arms=[Arm("therapy", proportion=0.5, earliest=0.25, latest=0.5, length=1.0)],
        happenings=[Happening("loss", proportion=0.5, earliest=0.25, latest=2.0)],
    )
    return panel, np.where(panel.observed, 4.0, np.nan)


@pytest.mark.trust("every model can be built with wide and with tight priors")
def test_every_model_can_be_built_with_either(extent: Extent) -> None:
    from iwm_bayes.build import assemble
    from iwm_bayes.likelihood import choose_route

    chosen = sorted(MODELS, key=lambda spec: spec.name not in ("hierarchical", "life_events"))
    chosen = chosen[: extent(short=2, full=len(MODELS))]
    for spec, column in product(chosen, COLUMNS):
        design, answers = answers_for(spec)
        model = assemble(with_priors(spec, column), design, answers, choose_route(spec, design))
        free = {variable.name.removesuffix("_free").removesuffix("_unit") for variable in model.free_RVs}
        assert {"hierarchical": "general_share", "life_events": "enduring_effect"}.get(spec.name, "") in {*free, ""}
    extent.found(f"{len(chosen)} models, {2 * len(chosen)} programs built")
