"""Estimands of confirmation bias and of persons' own pace, and where a report shows them and those of feedback."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from change_fits import an_input, change_panel, change_spec, made_change
from scipy.stats import lognorm, norm

from iwm_bayes.criticism.computation import fixed_scalars
from iwm_bayes.estimands import estimate, retest_curve
from iwm_bayes.inference import Fit
from iwm_bayes.reporting import write_report


def biased(**values: object) -> Fit:
    spec = change_spec("biased", congruence=True, asymmetry=True)
    return made_change(spec, change_panel(inputs=(an_input(),)), **values)


def paced(**values: object) -> Fit:
    return made_change(change_spec("paced", person_rates=True), **values)


def test_negativity_is_a_difference_of_effects_with_the_probability_of_the_larger_size() -> None:
    found = estimate(biased(long_run_effect=[[0.3], [-0.5]], negative_effect=[[0.6], [0.1]]))
    stronger, weaker = found["negativity[self,support]"], found["negativity[others,support]"]
    assert stronger.median == pytest.approx(0.3, abs=0.01)
    assert stronger.regions["negativity stronger"] > 0.99
    assert weaker.median == pytest.approx(0.6, abs=0.01)  # a larger effect by sign, a smaller one by size
    assert weaker.regions["negativity stronger"] < 0.01
    assert found["negativity_ratio[self,support]"].median == pytest.approx(np.log(2), abs=0.03)
    assert "negativity_ratio[others,support]" not in found
    assert "below its mean" in found["negative_effect[self,support]"].label
    assert "support above its mean" in found["long_run_effect[self,support]"].label


def test_gains_have_regions_and_are_headlines() -> None:
    found = estimate(biased())
    assert found["congruence_gain[self]"].headline
    assert found["congruence_gain[self]"].regions["positive"] > 0.99
    assert found["congruence_gain[others]"].regions["practically zero"] > 0.9


def test_the_bound_of_the_gain_is_told() -> None:
    effects = {"long_run_effect": [[0.4], [0.4]], "negative_effect": [[0.6], [0.6]]}
    fit, one = biased(**effects), an_input()
    level = ((one.value - one.value.mean()) / one.value.std()).reshape(-1, 2)  # each for half of the study
    weight = np.tile([0.5, 0.5], (60, 1))
    weight[-6:] = [1, 0]  # not seen at the end, which the second half begins
    parts = [np.maximum(level, 0), np.minimum(level, 0)]
    above, below = (part - (part * weight).sum(axis=1, keepdims=True) for part in parts)
    seen = weight > 0
    largest = np.abs(0.4 * above + 0.6 * below)[seen].max()
    assert estimate(fit)["largest_gain[self]"].median == pytest.approx(0.95 / largest, rel=0.03)


def test_a_spell_has_no_effect_below_its_mean() -> None:
    fit = made_change(
        change_spec("biased", asymmetry=True),
        change_panel(inputs=(an_input(convention="spell"),)),
        negative_effect=np.zeros((2, 1)),
    )
    assert {"negative_effect[self,support]", "negative_effect[others,support]"} <= fixed_scalars(fit)


def test_nine_of_ten_persons_lie_between_the_half_lives_of_their_paces() -> None:
    found = estimate(paced(half_life=[0.4, 1.0], pace_sd=0.5))
    ends = lognorm(0.5, scale=0.4).ppf([0.05, 0.95])
    for name, end in zip(("5%", "95%"), ends, strict=True):
        assert found[f"persons_half_life[self,{name}]"].median == pytest.approx(end, rel=0.02)
    assert "for the median person" in found["half_life[self]"].label
    assert found["pace_sd"].headline


def test_the_retest_correlation_is_that_over_all_paces() -> None:
    curve = retest_curve(paced(pace_sd=0.8), [0.0, 0.5, 2.0])
    assert curve is not None
    z = norm.ppf((np.arange(4000) + 0.5) / 4000)
    for number, half_life in enumerate((0.4, 1.0)):
        expected = [0.5 + 0.35 * (0.5 ** (lag * np.exp(0.8 * z) / half_life)).mean() for lag in (0.0, 0.5, 2.0)]
        np.testing.assert_allclose(curve.median[number], expected, atol=0.01)


def words_of(fit: Fit, folder: Path) -> str:
    source = write_report(fit, folder / "report.html").read_text(encoding="utf-8")
    body = re.sub(r"<style>.*?</style>", "", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_a_report_shows_the_bias_and_what_it_cannot_show(tmp_path: Path) -> None:
    page = words_of(biased(), tmp_path)
    assert "Confirmation bias" in page
    assert "P(negativity stronger)" in page
    assert "cannot be told from a slower decay without an objective measure of experience" in page


def test_a_report_shows_paces_and_does_not_call_them_the_same(tmp_path: Path) -> None:
    page = words_of(paced(), tmp_path)
    assert "Persons' own pace" in page
    assert "that 95 % of persons stay below" in page
    assert "Persons differ in pace alone" in page
    assert "without numerical integration" not in page


def test_a_report_shows_feedback(tmp_path: Path) -> None:
    page = words_of(made_change(change_spec(cross_effects=True)), tmp_path)
    assert "Loop gain of self and others" in page
    assert "P(above zero)" in page
