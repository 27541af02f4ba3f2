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


def test_the_columns_are_those_that_were_designed() -> None:
    wide, tight = (with_priors(read_model("hierarchical_method_effects"), column) for column in COLUMNS)
    assert wide.prior("discrimination").numbers == (2.0, 0.8)
    assert tight.prior("threshold_gap").numbers == (5.0, 0.3)
    assert wide.prior("item_location").numbers == (0.0, 2.5)
    assert tight.prior("general_share", "self").numbers == (2.0, 2.0)
    assert wide.prior("correlation_general").numbers == (1.0, 1.0)
    assert wide.prior("acquiescence_sd").numbers == (1.0,)
    assert tight.prior("person_item_sd").numbers == (0.35,)
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
