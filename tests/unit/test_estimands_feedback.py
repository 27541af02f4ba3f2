"""Feedback between two dimensions: published numbers, eigenvalues by numpy, and the words that a loop earns."""

from __future__ import annotations

import numpy as np
import pytest
from change_fits import change_spec, made_change
from panels import small_panel

from iwm_bayes.estimands import estimate
from iwm_bayes.estimands.feedback import feedback_of, loop_verdict
from iwm_bayes.spec import parse_model, read_model
from iwm_bayes.study import Score

PUBLISHED_RATE = np.array([0.8, 1.2])
PUBLISHED_EFFECT = np.array([0.25, 0.5]) / np.sqrt(0.8 * 1.2)  # of the second on the first, of the first on the second


def test_the_published_example_of_feedback() -> None:
    found = feedback_of(np.log(2) / PUBLISHED_RATE, PUBLISHED_EFFECT)
    assert found.loop_gain == pytest.approx(0.1302083333, abs=1e-9)
    assert found.amplification == pytest.approx(1.1497005988, abs=1e-9)
    assert found.persistence_ratio == pytest.approx(1.1673112531 / 0.8664339757, abs=1e-9)
    assert found.persistence_lost == pytest.approx(1 - 0.8664339757 / 1.1673112531, abs=1e-9)


def test_modes_with_and_without_the_path_are_eigenvalues_and_a_push_settles_by_the_inverse() -> None:
    rng = np.random.default_rng(4)
    half_life, effect = rng.lognormal(0, 0.7, (50, 2)), rng.normal(0, 0.6, (50, 2))
    found = feedback_of(half_life, effect)
    rate = np.log(2) / half_life
    for n in range(50):
        push = effect[n] * np.sqrt(rate[n].prod())
        drift = np.array([[-rate[n, 0], push[0]], [push[1], -rate[n, 1]]])
        alone = np.array([[-rate[n, 0], push[0]], [0, -rate[n, 1]]])
        slow, without = (np.log(2) / -np.linalg.eigvals(one).real.max() for one in (drift, alone))
        assert found.persistence_ratio[n] == pytest.approx(slow / half_life[n].max(), rel=1e-10)
        assert found.persistence_lost[n] == pytest.approx(1 - without / slow, abs=1e-10)
        settled = -np.linalg.inv(drift) @ [rate[n, 0], 0]  # pushed as far as 1 without cross-effects
        assert found.amplification[n] == pytest.approx(settled[0], rel=1e-10)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.06, 0.4, "self-fulfilling"),
        (-0.4, -0.06, "self-correcting"),
        (-0.04, 0.03, "no feedback"),
        (0.02, 0.3, "undecided"),
        (-0.3, 0.04, "undecided"),
    ],
)
def test_a_loop_earns_the_word_of_the_region_that_holds_all_of_its_interval(low: float, high: float, word: str) -> None:
    assert loop_verdict(low, high) == word


def test_a_loop_of_self_and_support_is_told_by_their_names() -> None:
    document = {**read_model("self_fulfilling_prophecy").document(), "observation": {"law": "scores"}, "priors": {}}
    panel = small_panel(
        np.tile([0.0, 0.5, 1.0, 2.0], (60, 1)), scores=(Score("s", "self", -2, 2), Score("p", "support", -2, 2))
    )
    fit = made_change(parse_model(document), panel, cross_effect=[0.6, 0.7])
    found = estimate(fit)
    loop = found["loop_gain"]
    assert loop.median == pytest.approx(0.42, abs=0.02)
    assert loop.verdict == "self-fulfilling" and loop.headline
    assert loop.regions["above zero"] == 1.0
    assert found["persistence_ratio"].median > 1
    lost = found["persistence_lost[support,self]"]
    assert "effect of the model of self on support" in lost.label
    assert 0 < lost.median < 1
    assert "Half-life of support, in years" in found["half_life[support]"].label
    assert "Half-life of the model of self, in years" in found["half_life[self]"].label
    assert "others" not in " ".join(e.label for e in found.values())


def test_a_model_without_cross_effects_has_no_loop() -> None:
    assert not {"loop_gain", "amplification"} & set(estimate(made_change(change_spec())))
