"""Effects of events and spells: which are given, what lasts of them, and what may be called an effect."""

from __future__ import annotations

import numpy as np
import pytest
from change_fits import TIMES, change_panel, change_spec, made_change
from panels import event, path_with_jumps, rescaled, spell

from iwm_bayes.estimands import estimate, lasting_shares, response_curves
from iwm_bayes.inference import Fit
from iwm_bayes.planning import Attribution, attributions
from iwm_bayes.study import Input

BREAKUP = event("breakup", [0, 1, 2, 3], [0.3, 0.7, 1.5, 1.9])
THERAPY = spell("therapy", [0, 1, 2], [0.2, 0.4, 0.6], [0.9, 1.1, 1.3], [1, 1, 1])


def of_events(**values: object) -> Fit:
    return made_change(change_spec("life_events", events={"vary": True}), change_panel(events=(BREAKUP,)), **values)


def of_spells(therapy: Input = THERAPY, *, trait: bool = True, **values: object) -> Fit:
    spec = change_spec("supportive_spells", aftermath=True, trait=trait)
    return made_change(spec, change_panel(inputs=(therapy,)), **values)


def test_events_have_an_immediate_and_an_enduring_effect_and_a_share_that_lasts() -> None:
    fit = of_events(immediate_effect=[[-0.5], [0.4]], enduring_effect=[[-0.25], [0.4]])
    found = estimate(fit)
    assert found["immediate_effect[self,breakup]"].median == pytest.approx(-0.5, abs=0.01)
    assert found["enduring_effect[self,breakup]"].headline
    assert found["immediate_effect_sd[others,breakup]"].median == pytest.approx(0.2, abs=0.01)
    assert found["enduring_share[self,breakup]"].median == pytest.approx(1 / 3, abs=0.01)
    assert found["enduring_share[self,breakup]"].ci_kind == "hdi"
    assert found["enduring_share[others,breakup]"].median == pytest.approx(1 / 2, abs=0.01)
    assert not {name for name in found if name.startswith("after")}


def test_a_share_of_what_may_be_nothing_is_not_given_and_the_reason_is() -> None:
    fit = of_events(immediate_effect=[[0.3], [0.4]], enduring_effect=[[-0.32], [0.4]])
    found = estimate(fit)
    assert "enduring_share[self,breakup]" not in found
    assert "enduring_share[others,breakup]" in found
    withheld = [share.withheld for share in lasting_shares(fit) if not share.given]
    assert len(withheld) == 1
    assert withheld[0].startswith("enduring_share[self,breakup] is not given: the 95% highest-density interval of jump")
    assert "holds 0" in withheld[0]


def test_a_spell_leaves_a_share_of_its_shift() -> None:
    found = estimate(of_spells(long_run_effect=[[0.8], [0.0]], after_effect=[[0.2], [0.1]]))
    assert found["after_effect[self,therapy]"].median == pytest.approx(0.2, abs=0.01)
    assert found["after_effect[self,therapy]"].verdict == "effect"
    assert found["after_share[self,therapy]"].median == pytest.approx(0.25, abs=0.01)
    assert "after_share[others,therapy]" not in found
    assert found["long_run_effect[self,therapy]"].verdict == "effect"


def everybody(start: float) -> Input:
    """Return a therapy that all of the sixty persons have from then on, for three months."""
    return spell("therapy", list(range(60)), [start] * 60, [start + 0.25] * 60, [1.0] * 60)


@pytest.mark.parametrize(
    ("therapy", "trait", "verdict"),
    [
        (THERAPY, True, "effect"),
        (THERAPY, False, "pre-post change, not attributable"),
        (everybody(0.4), True, "pre-post change, not attributable"),
        (everybody(0.6), True, "pre-post change, not attributable"),
        (everybody(1.0), True, "effect"),
        (everybody(1.0), False, "pre-post change, not attributable"),
        (spell("therapy", [0] * 59 + [1], [-2.0] * 59 + [0.1], [-1.0] * 59 + [0.5], [1] * 60), True, "effect"),
    ],
    ids=["compared", "no trait", "one before", "two before", "three before", "no trait either", "earlier spells"],
)
def test_an_effect_needs_a_comparison_or_three_occasions_before(therapy: Input, trait: bool, verdict: str) -> None:
    fit = of_spells(therapy, trait=trait)
    assert [one.verdict for one in attributions(fit.spec, fit.panel)] == [verdict]
    label = estimate(fit)["after_effect[self,therapy]"].label
    assert (verdict in label) == (verdict != "effect")


def test_persons_whose_spell_lies_outside_their_occasions_are_no_comparison() -> None:
    outside = spell("therapy", list(range(60)), [-2.0] * 59 + [0.1], [-1.0] * 59 + [0.5], [1.0] * 60)
    fit = of_spells(outside)
    assert attributions(fit.spec, fit.panel)[0] == Attribution("therapy", 1, 0, 0, True)


def test_responses_are_paths_of_the_differential_equation() -> None:
    spec = change_spec("both", aftermath=True, cross_effects=True, events={})
    fit = made_change(spec, change_panel(inputs=(THERAPY,), events=(BREAKUP,)), half_life=[0.4, 1.0])
    once = fit.posterior.isel(chain=[0], draw=[0])
    tree = fit.tree.copy()
    tree["posterior"] = once
    breakup, therapy = response_curves(Fit(tree), list(TIMES), 1.0)
    assert (breakup.name, breakup.length, therapy.name, therapy.length) == ("breakup", 0.0, "therapy", 1.0)

    def of(name: str) -> np.ndarray:
        return once[name].values[0, 0]

    share, half_life, cross = of("variance_share"), of("half_life"), of("cross_effect")
    drift, _ = rescaled(half_life, cross, share[1], float(of("correlation_diffusion")))
    jump, shift = (of(f"{kind}_effect")[:, 0] for kind in ("immediate", "enduring"))
    path = path_with_jumps(TIMES, drift, np.zeros(2), [(0.0, np.inf, shift)], [(0.0, jump)])
    np.testing.assert_allclose(breakup.median.T, path, atol=1e-8)
    during, left = of("long_run_effect")[:, 0], of("after_effect")[:, 0]
    path = path_with_jumps(TIMES, drift, np.zeros(2), [(0.0, 1.0, during), (1.0, np.inf, left)], [])
    np.testing.assert_allclose(therapy.median.T, path, atol=1e-8)
