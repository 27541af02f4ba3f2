"""A model explains itself: what its priors permit, its equations, its JSON schema."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import numpy as np
import pytest
from scipy import stats

from iwm_bayes.spec import explain, json_schema, list_models, parse_model, read_model
from iwm_bayes.spec.vocabulary import PARAMETERS

MODELS = list_models()
POOLED = parse_model(
    {
        "format": 1,
        "name": "pooled",
        "question": "Why?",
        "field": {"structure": "hierarchical"},
        "observation": {"item_parameters": "pooled"},
    }
)
CONSTRUED = parse_model(
    {
        "format": 1,
        "name": "construed",
        "question": "Why?",
        "field": {"structure": "single"},
        "change": {"process": "diffusion", "events": {"classes": ["loss", "move"], "construal": True}},
    }
)


def numbers(sentence: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d*\.?\d+", sentence)]


@pytest.mark.parametrize("spec", [*MODELS, POOLED, CONSTRUED], ids=lambda spec: spec.name)
def test_every_prior_has_a_sentence_on_what_it_permits(spec: Any) -> None:
    for prior in spec.resolved_priors():
        assert prior.reason.endswith(".")
        assert re.search(r"\d", prior.reason)


def test_every_parameter_of_the_vocabulary_is_used_by_some_model() -> None:
    used = {name for spec in [*MODELS, POOLED, CONSTRUED] for name in spec.parameters()}
    assert used == set(PARAMETERS)


def test_the_discrimination_prior_permits_loadings_from_38_to_95_hundredths() -> None:
    assert numbers(read_model("single").prior("discrimination").reason)[:5] == [95, 0.75, 5.33, 0.38, 0.95]


def test_the_flat_share_puts_a_tenth_into_each_verdict_at_the_ends() -> None:
    reason = read_model("hierarchical").prior("general_share").reason
    assert "0.10 of it below .10" in reason
    assert "0.10 above .90" in reason
    assert "no answer is favoured" in reason


def test_a_changed_prior_changes_its_sentence_and_loses_the_reason_of_the_default() -> None:
    spec = parse_model({**POOLED.document(), "priors": {"general_share": {"beta": [0.5, 0.5]}}})
    reason = spec.prior("general_share").reason
    below = stats.beta(0.5, 0.5).cdf(0.1)
    assert f"{below:.2f} of it below .10" in reason
    assert "favoured" not in reason


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("relationship_log_sd", stats.lognorm(0.3)),
        ("correlation_general", stats.beta(2, 2, loc=-1, scale=2)),
        ("threshold_gap", stats.lognorm(0.5)),
        ("relationship_mean", stats.norm(0, 1)),
        ("item_location", stats.norm(0, 1.5)),
    ],
)
def test_the_bounds_in_a_sentence_are_the_central_95_percent_of_the_prior(name: str, distribution: Any) -> None:
    found = numbers(read_model("hierarchical").prior(name).reason)
    for bound in distribution.ppf([0.025, 0.975]):
        assert any(abs(number - bound) <= 0.051 for number in found)


def test_the_bound_of_a_standard_deviation_has_95_percent_of_the_prior_below() -> None:
    bound = stats.halfnorm(scale=0.5).ppf(0.95)
    assert f"95 % below {bound:.2f} logits" in read_model("hierarchical_method_effects").prior("acquiescence_sd").reason


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_the_explanation_has_question_equations_priors_and_references(spec: Any) -> None:
    text = " ".join(explain(spec).text().split())
    shown = "score[s, r, t]" if spec.observation.law == "scores" else "P(answer to item j ≤ k)"
    for part in [spec.question, *spec.references, "model[d, r", shown, *spec.parameters()]:
        assert part in text


def equations_of(name: str, **change: Any) -> str:
    """Return the equations of a curated model, with some words of its table of change replaced."""
    document = read_model(name).document()
    document = {**document, "change": {**document["change"], **change}, "priors": {}}
    return "\n".join(explain(parse_model(document)).equations)


def test_the_prototype_returns_to_a_trait_and_the_revisionist_to_nothing() -> None:
    prototype, revisionist = equations_of("prototype"), equations_of("revisionist")
    assert "sd[d, r] · (T[d] + S[d, t] + Σ person_mean_effect[d, i] · usual[i] + E[d, t])" in prototype
    assert "variance of T[d] = variance_share[trait, d], S[d]" in prototype
    assert "T[d]" not in revisionist
    for text in (prototype, revisionist):
        assert "dt + noise,   rate[d] = ln 2 / half_life[d]" in text
        assert "the state is where it has long settled" in text


def test_an_undisturbed_state_has_no_noise_and_a_beginning_of_its_own() -> None:
    text = equations_of("experience_driven")
    assert "noise" not in text
    assert "S[d] ~ normal(initial_mean[d], initial_sd[d])" in text
    assert "care on others; environment on self and others" in text


def test_without_a_state_inputs_act_at_once() -> None:
    text = equations_of("algebraic")
    assert "dS" not in text
    assert "Σ long_run_effect[d, i] · deviation[i, t]" in text.splitlines()[0]


def test_cross_effects_and_inputs_are_in_the_equations_of_the_models_that_have_them() -> None:
    assert "push[d, e] · (S[e, t] − target[e, t])" in equations_of("cross_effects")
    alone = equations_of("prototype", inputs={})
    assert "push" not in alone
    assert "target" not in alone
    assert "No inputs act." in alone


def test_events_jump_and_shift_the_set_point() -> None:
    text = equations_of("life_events")
    assert "target[d, t] = Σ long_run_effect[d, i] · deviation[i, t] + shift[d, t]" in text
    assert "jump[d, k] ~ normal(immediate_effect[d, e(k)], immediate_effect_sd[d, e(k)])" in text
    assert "step[d, k] ~ normal(enduring_effect[d, e(k)], enduring_effect_sd[d, e(k)])" in text
    alone = equations_of("life_events", inputs={}, events={"enduring": False})
    assert "jump[d, k] = immediate_effect[d, e(k)]\n" in alone
    assert "target" not in alone
    assert "shift" not in alone


def test_construals_and_classes_are_in_the_words_of_the_models_that_have_them() -> None:
    text = "\n".join(explain(CONSTRUED).equations)
    assert "jump[d, k] = immediate_effect[d, e(k)] + immediate_construal[d, e(k)] · construal[k]" in text
    assert "Classes e of events that act: loss, move." in text
    assert "A construal that is not recorded counts as 0." in text
    assert "construal" not in equations_of("life_events")


def test_a_spell_that_is_over_keeps_acting_where_it_leaves_something_behind() -> None:
    text = equations_of("supportive_spells")
    assert "· deviation[i, t] + Σ after_effect[d, i] · over[i, t]" in text
    assert "over" not in equations_of("prototype")


def test_confirmation_bias_has_its_gain_and_says_what_it_cannot_tell() -> None:
    text = equations_of("confirmation_bias")
    assert "+ rate[d] · congruence_gain[d] · |target[d, t]| · M[d, t]) dt + noise" in text
    assert "Σ (long_run_effect[d, i] · above[i, t] + negative_effect[d, i] · below[i, t])" in text
    assert "M[d, t] = T[d] + S[d, t] + usual part is the whole model" in text
    assert "without an objective measure of experience, by an observer or the partner, it cannot be identified" in text
    symmetric = equations_of("confirmation_bias", asymmetry=False, congruence=False)
    assert "negative_effect" not in symmetric
    assert "congruence" not in symmetric


def test_persons_at_their_own_pace_have_a_factor_on_all_rates() -> None:
    text = equations_of("person_rates")
    assert "rate[d] = ln 2 / half_life[d] · exp(pace_sd · Z)" in text
    assert "Z ~ normal(0, 1)" in text


def test_a_prophecy_is_a_loop_of_the_dimensions_that_it_names() -> None:
    text = equations_of("self_fulfilling_prophecy")
    assert "Loop gain = cross_effect[self] · cross_effect[support]" in text
    assert "corr(T[self], T[support])" in text
    assert "High is positive: self is −anxiety." in text
    assert "others" not in text


def test_words_that_are_not_used_leave_document_and_digest_as_they_were() -> None:
    spec = read_model("prototype")
    assert not {"congruence", "asymmetry", "person_rates"} & set(spec.document()["change"])
    written = {**spec.document(), "change": {**spec.document()["change"], "person_rates": False}}
    assert parse_model(written).digest == spec.digest
    written["change"]["person_rates"] = True
    assert parse_model({**written, "priors": {}}).document()["change"]["person_rates"] is True


def test_the_prior_of_paces_says_how_far_persons_may_differ() -> None:
    upper = stats.halfnorm(scale=0.3).ppf(0.95)
    spread = np.exp(stats.norm.ppf(0.95) * upper)
    reason = read_model("person_rates").prior("pace_sd").reason
    assert f"95 % below {upper:.2f}" in reason
    assert f"between {1 / spread:.2f} and {spread:.2f} times as fast" in reason


def test_a_model_of_change_says_how_many_occasions_it_needs() -> None:
    assert explain(read_model("prototype")).needs == "Needs 4 occasions and 1 relationship."


def test_method_effects_show_in_the_equations_of_the_model_that_has_them() -> None:
    with_effects, without = (
        explain(read_model(name)).text() for name in ("hierarchical_method_effects", "hierarchical")
    )
    assert "model[d(j), r] + A + U[j]" in with_effects
    assert "+ A" not in without


def test_priors_that_differ_between_dimensions_are_explained_one_by_one() -> None:
    spec = parse_model({**POOLED.document(), "priors": {"general_share.self": {"beta": [2, 2]}}})
    names = [row.name for row in explain(spec).priors]
    assert names[:2] == ["general_share[self]", "general_share[others]"]


def test_what_a_model_file_says_is_escaped_in_html() -> None:
    spec = parse_model({**POOLED.document(), "question": "<script>alert(1)</script>"})
    assert "<script>" not in spec._repr_html_()
    assert "&lt;script&gt;" in spec._repr_html_()


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_curated_models_satisfy_the_json_schema(spec: Any) -> None:
    jsonschema.validate(spec.document(), json_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"fild": {}},
        {"format": 2},
        {"field": {"structure": "both"}},
        {"priors": {"general_shair": {"beta": [1, 1]}}},
        {"priors": {"general_share": {"normal": [0, 1]}}},
        {"priors": {"general_share": {"beta": [0, 1]}}},
        {"priors": {"general_share": {"beta": [1, 1, 1]}}},
        {"priors": {"correlations.self": {"lkj": 2}}},
        {"priors": {"discrimination": {"lognormal": {"median": 2}}}},
    ],
)
def test_the_json_schema_refuses_what_the_reader_refuses(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**read_model("hierarchical").document(), **change}, json_schema())


def test_the_json_schema_accepts_a_prior_of_one_dimension_in_both_notations() -> None:
    document = read_model("hierarchical").document()
    for priors in ({"general_share": {"self": {"beta": [1, 1]}}}, {"general_share.self": {"beta": [1, 1]}}):
        jsonschema.validate({**document, "priors": priors}, json_schema())


def test_the_json_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert np.isin(["format", "name", "question", "field"], json_schema()["required"]).all()
