"""What verdicts owe to where borders are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from criticism_fits import hand_made_fit
from reporting_values import made_fit, made_study

from iwm_bayes.criticism import FACTORS, other_borders, verdicts_moved
from iwm_bayes.estimands import THRESHOLDS, estimate
from iwm_bayes.inference import Fit
from iwm_bayes.reporting.contents import collect
from iwm_bayes.reporting.document import Paragraph, Table
from iwm_bayes.reporting.sections.sensitivity import sensitivity

SHARE = "general_share[self]"


def with_share(low: float, high: float) -> Fit:
    """Return a fit whose general share of self lies evenly between two numbers."""
    fit = hand_made_fit()
    share = fit.posterior["general_share"]
    share[:, :, 0] = np.linspace(low, high, share[:, :, 0].size).reshape(share[:, :, 0].shape)
    fit.tree["posterior"] = fit.posterior.assign(general_share=share)
    return fit


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.92, 0.94, ("single", "hierarchical", "single")),
        (0.86, 0.88, ("hierarchical", "hierarchical", "single")),
        (0.06, 0.08, ("specific", "hierarchical", "specific")),
        (0.11, 0.2, ("hierarchical", "hierarchical", "undecided")),
    ],
)
def test_a_share_near_a_border_says_what_others_would_say(low: float, high: float, words: tuple[str, ...]) -> None:
    fit = with_share(low, high)
    assert verdicts_moved(fit, estimate(fit))[SHARE] == words


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.6), (0.01, 0.04), (0.96, 0.99)])
def test_a_share_far_from_any_border_is_not_named(low: float, high: float) -> None:
    fit = with_share(low, high)
    assert SHARE not in verdicts_moved(fit, estimate(fit))


def test_borders_move_from_none_and_from_all() -> None:
    nearer, farther = (other_borders(THRESHOLDS, factor) for factor in FACTORS)
    assert (nearer.specific, nearer.practically_zero) == pytest.approx((0.05, 0.05))
    assert (farther.specific, farther.single, farther.loop) == pytest.approx((0.15, 0.85, 0.075))
    assert nearer.single == pytest.approx(0.95)
    assert replace(nearer, **{name: getattr(THRESHOLDS, name) for name in vars(nearer)}) == THRESHOLDS


def test_a_report_names_what_hangs_on_a_border_and_how_much_lies_beside_it() -> None:
    contents = replace(collect(made_fit(made_study())), borders={SHARE: ("single", "hierarchical", None)})
    tables = {block.caption: block for block in sensitivity(contents).blocks if isinstance(block, Table)}
    changed = tables["What follows with other borders"]
    assert changed.rows == (("General share of the model of self", "single", "hierarchical", "–"),)
    beside = tables["Probability of each region of the general share if the borders are moved"]
    assert [row[:2] for row in beside.rows[:3]] == [
        ("self", ".05 and .95"),
        ("self", ".10 and .90"),
        ("self", ".15 and .85"),
    ]
    unmoved = sensitivity(replace(contents, borders={}))
    said = [block.text for block in unmoved.blocks if isinstance(block, Paragraph)]
    assert any(text.endswith("the same follows from every estimand.") for text in said)
