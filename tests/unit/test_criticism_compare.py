"""Comparisons: order, errors, verdicts, refusals, repair by refits and folds, and the folder that keeps them."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from criticism_fits import hand_made_fit
from small_studies import small_design, small_parameters, spec_of

from iwm_bayes.criticism import Comparison, compare, is_comparison, load_comparison, save_comparison
from iwm_bayes.criticism import refits as refits_module
from iwm_bayes.criticism import repair as repair_module
from iwm_bayes.criticism.coordinates import coordinates_of
from iwm_bayes.criticism.leave_out import leave_out
from iwm_bayes.criticism.moment_match import moment_match
from iwm_bayes.criticism.refit import Refit, Refitter, convergence_notes
from iwm_bayes.criticism.repair import repair
from iwm_bayes.criticism.targets import targets_of
from iwm_bayes.errors import ComparisonError, StorageError, UsageError
from iwm_bayes.estimands import THRESHOLDS
from iwm_bayes.inference import (
    Fit,
    Schedule,
    flatten_draws,
    person_log_likelihood,
    relationship_log_likelihood,
    save,
)
from iwm_bayes.likelihood import choose_route
from iwm_bayes.simulate import simulate

PERSONS = 40


def densities(mean: np.ndarray | float, *, spread: float = 0.1, seed: int = 1) -> np.ndarray:
    return mean + spread * np.random.default_rng(seed).standard_normal((4, 400, PERSONS))


def fit_of(model: str, mean: np.ndarray | float, **changes: object) -> Fit:
    return hand_made_fit(model, persons=PERSONS, log_likelihood=densities(mean), category=ANSWERS, **changes)  # type: ignore[arg-type]


DESIGN = small_design(PERSONS)
ANSWERS = simulate(spec_of("single"), DESIGN, small_parameters(spec_of("single"), DESIGN), seed=1).category
BY_PERSON = np.random.default_rng(2).normal(-15, 2, PERSONS)


@pytest.fixture(scope="module")
def compared() -> Comparison:
    gap = np.where(np.arange(PERSONS) % 2, 1.0, 0.5)
    return compare([fit_of("single", BY_PERSON - gap), fit_of("hierarchical", BY_PERSON)], threads=1)


def test_the_best_model_comes_first_and_differences_are_against_it(compared: Comparison) -> None:
    best, other = compared.rows
    assert (best.model, other.model) == ("hierarchical", "single")
    assert (best.elpd_diff, best.dse) == (0, 0)
    assert other.elpd_diff == pytest.approx(-30)
    assert other.elpd == pytest.approx(best.elpd - 30)


def test_the_error_of_a_difference_is_that_of_paired_persons(compared: Comparison) -> None:
    assert compared.rows[1].dse == pytest.approx(math.sqrt(PERSONS) * 0.25 * math.sqrt(40 / 39))
    assert compared.rows[1].se > 10  # persons differ much more than models do


def test_the_effective_parameters_are_the_variances_of_the_log_densities(compared: Comparison) -> None:
    assert compared.rows[0].p_loo == pytest.approx(PERSONS * 0.01, rel=0.15)  # by a second-order expansion


def test_densities_and_shares_have_their_verdicts_side_by_side(compared: Comparison) -> None:
    assert compared.verdict == {"elpd": "preferred: hierarchical", "self": "hierarchical", "others": "hierarchical"}
    assert compared.general_share is not None
    assert list(compared.general_share) == ["self", "others"]
    assert compared.words[-1] == "hierarchical predicts best, by 30.0 nats (SE 1.6) over single."


def test_without_a_hierarchical_model_only_the_densities_have_a_verdict() -> None:
    found = compare([fit_of("single", BY_PERSON), fit_of("context_specific", BY_PERSON - 0.01)], threads=1)
    assert found.general_share is None
    assert found.verdict == {"elpd": "tie"}


def test_a_model_that_must_not_be_interpreted_takes_the_verdict_on_densities_away() -> None:
    bad = fit_of("single", BY_PERSON, certificate={"grid_log_ratio_sd": 2.0, "grid_pareto_k": 0.9})
    found = compare([bad, fit_of("hierarchical", BY_PERSON - 1)], threads=1)
    assert found.status == "do_not_interpret"
    assert found.verdict == {"self": "hierarchical", "others": "hierarchical"}
    assert found.words[0].startswith("Do not interpret single")


def test_shares_of_a_fit_that_must_not_be_interpreted_are_not_given() -> None:
    bad = fit_of("hierarchical", BY_PERSON, certificate={"grid_log_ratio_sd": 2.0, "grid_pareto_k": 0.9})
    found = compare([bad, fit_of("single", BY_PERSON - 1)], threads=1)
    assert (found.general_share, found.verdict) == (None, None)
    assert found.to_json()["verdict"] is None


def test_verdicts_that_disagree_are_said_to_in_one_sentence() -> None:
    shares = 0.95 + 0.005 * np.random.default_rng(3).standard_normal((4, 400, 2))
    found = compare(
        [fit_of("hierarchical", BY_PERSON, posterior={"general_share": shares}), fit_of("single", BY_PERSON - 1)],
        threads=1,
    )
    assert sum("The two verdicts disagree" in note for note in found.notes) == 1


def test_the_json_has_the_keys_of_the_contract(compared: Comparison) -> None:
    content = compared.to_json()
    assert set(content) == {
        "task", "persons", "answers", "models", "general_share", "verdict", "notes", "repairs", "timing", "control",
    }  # fmt: skip
    assert set(content["models"][0]) == {
        "model", "run", "status", "elpd", "se", "elpd_diff", "dse", "weight", "p_loo", "pareto_k_bad", "repaired",
    }  # fmt: skip
    assert (content["persons"], content["answers"]) == (PERSONS, int((ANSWERS >= 0).sum()))
    json.dumps(content, allow_nan=False)


def test_families_are_left_out_whole() -> None:
    clusters = tuple(str(number // 2) for number in range(PERSONS))
    design = dataclasses.replace(DESIGN, clusters=clusters)
    fits = [fit_of(model, BY_PERSON - gap, design=design) for model, gap in (("single", 0.0), ("hierarchical", 1.0))]
    found = compare(fits, threads=1)
    assert found.pointwise.shape == (PERSONS // 2, 2)
    summed = densities(BY_PERSON).reshape(4, 400, PERSONS // 2, 2).sum(axis=3)
    assert found.pointwise[:, 0] == pytest.approx(leave_out(summed, 1.0).elpd, abs=0.01)


@pytest.mark.parametrize("code", ["C611", "C612", "C613"])
def test_fits_of_different_data_are_refused(code: str) -> None:
    first = fit_of("single", BY_PERSON)
    changed = ANSWERS.copy()
    changed[3, 0, 0] = (changed[3, 0, 0] + 1) % 4
    other = {
        "C611": hand_made_fit("hierarchical", persons=PERSONS - 1),
        "C612": hand_made_fit("hierarchical", persons=PERSONS, category=changed),
        "C613": fit_of("hierarchical", BY_PERSON, study_digest="1" * 64),
    }[code]
    with pytest.raises(ComparisonError) as error:
        compare([first, other])
    assert error.value.code == code
    assert error.value.exit_code == 3


def test_the_same_numbers_under_other_keys_are_other_data() -> None:
    items = tuple(dataclasses.replace(item, keyed="+") for item in DESIGN.items)
    other = fit_of("hierarchical", BY_PERSON, design=dataclasses.replace(DESIGN, items=items))
    with pytest.raises(ComparisonError, match="C613"):
        compare([fit_of("single", BY_PERSON), other])


def test_one_fit_has_nothing_to_be_compared_with() -> None:
    with pytest.raises(ComparisonError, match="C610"):
        compare([fit_of("single", BY_PERSON)])


def test_a_misspelt_task_names_the_nearest() -> None:
    fits = [fit_of("single", BY_PERSON), fit_of("hierarchical", BY_PERSON)]
    with pytest.raises(UsageError, match='Did you mean "leave_one_person_out"'):
        compare(fits, task="leave_one_persons_out")  # type: ignore[arg-type]


def test_a_comparison_comes_back_from_its_folder(tmp_path: Path) -> None:
    fits = [fit_of("single", BY_PERSON - 1), fit_of("hierarchical", BY_PERSON)]
    runs = [str(save(fit, tmp_path / fit.name)) for fit in fits]
    found = compare(fits, runs=runs, threads=1)
    assert not is_comparison(tmp_path)
    save_comparison(found, tmp_path, {"schema": "x", "seed": 1, "study_digest": found.study_digest})
    (moved := tmp_path.parent / f"{tmp_path.name} moved").mkdir()
    tmp_path.rename(moved)
    again = load_comparison(moved)
    assert again.to_json() == found.to_json()
    assert np.array_equal(again.pointwise, found.pointwise)
    assert [fit.name for fit in again.fits] == ["hierarchical", "single"]
    for name in ("elpd.csv", "comparison.json"):
        sound = (moved / name).read_bytes()
        for damaged in (sound.replace(b"1", b"2", 1), sound[:-1]):
            (moved / name).write_bytes(damaged)
            with pytest.raises(StorageError, match="S721"):
                load_comparison(moved)
        (moved / name).write_bytes(sound)


def test_a_comparison_of_a_fit_that_was_made_again_is_refused(tmp_path: Path) -> None:
    fits = [fit_of("single", BY_PERSON - 1), fit_of("hierarchical", BY_PERSON)]
    found = compare(fits, runs=[str(save(fit, tmp_path / fit.name)) for fit in fits], threads=1)
    save_comparison(found, tmp_path, {"schema": "x", "seed": 1, "study_digest": found.study_digest})
    save(fit_of("single", BY_PERSON - 1, draws=400, seed=9), tmp_path / "single")
    with pytest.raises(StorageError, match=r"S731 .* a fit of single that is not there any more, or was made again"):
        load_comparison(tmp_path)


def test_a_comparison_of_runs_of_one_name_finds_each_where_it_was(tmp_path: Path) -> None:
    fits = [fit_of("single", BY_PERSON - 1), fit_of("single", BY_PERSON, seed=9)]
    runs = [str(save(fit, tmp_path / place / "single")) for fit, place in zip(fits, "ab", strict=True)]
    found = compare(fits, runs=runs, threads=1)
    save_comparison(found, tmp_path / "a", {"schema": "x", "seed": 1, "study_digest": found.study_digest})
    again = load_comparison(tmp_path / "a")
    assert [fit.about["seed"] for fit in again.fits] == [fit.about["seed"] for fit in found.fits]


def test_a_folder_without_a_comparison_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="S730"):
        load_comparison(tmp_path)


class StubRefitter:
    """Stands for refits: every unit's density is -1, and what was left out is remembered."""

    asked: list[tuple[str, tuple[int, ...]]] = []  # noqa: RUF012

    def __init__(self, targets: object) -> None:
        self.name = targets.fit.name  # type: ignore[attr-defined]

    def without(self, clusters: np.ndarray, seed: object) -> Refit:
        self.asked.append((self.name, tuple(int(c) for c in clusters)))
        return Refit(clusters, np.full(len(clusters), -1.0), rhat=1.5, divergences=0)


@pytest.fixture
def refits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    StubRefitter.asked = []
    monkeypatch.setattr(refits_module, "Refitter", StubRefitter)
    monkeypatch.setattr(repair_module, "moment_match", lambda target, unit, out: None)
    yield StubRefitter.asked


def heavy(persons: int) -> np.ndarray:
    values = densities(BY_PERSON, spread=0.02)
    values[:, :, :persons] -= 1.2 * np.random.default_rng(4).exponential(size=(4, 400, persons))
    return values


def two_fits(persons: int) -> list[Fit]:
    design = small_design(400)  # enough that a few persons do not make p_loo exceed a fifth
    fits = []
    for model, count in (("single", 0), ("hierarchical", persons)):
        values = np.concatenate([heavy(count), np.tile(densities(BY_PERSON, spread=0.02), (1, 1, 9))], axis=2)
        answers = np.tile(ANSWERS, (10, 1, 1))
        fits.append(hand_made_fit(model, design=design, category=answers, log_likelihood=values))
    return fits


def test_up_to_ten_persons_are_refitted_one_by_one(refits: list[tuple[str, tuple[int, ...]]]) -> None:
    found = compare(two_fits(4), threads=1)
    assert refits == [("hierarchical", (person,)) for person in range(4)]
    row = next(row for row in found.rows if row.model == "hierarchical")
    assert (row.pareto_k_bad, row.repaired) == (4, 4)
    assert row.status == "trustworthy"
    did = "hierarchical: refitted without 4 persons where moment matching did not help."
    assert found.notes[0] == did
    assert found.notes[1].startswith("hierarchical: refits did not all converge (R-hat up to 1.50, 0 divergences in 4")
    assert len(found.notes) == 2


def test_more_than_ten_send_every_model_to_the_same_ten_folds(refits: list[tuple[str, tuple[int, ...]]]) -> None:
    found = compare(two_fits(11), threads=1)
    by_model = [[left for name, left in refits if name == model] for model in ("single", "hierarchical")]
    assert len(by_model[0]) == THRESHOLDS.folds
    assert by_model[0] == by_model[1]
    assert sorted(person for fold in by_model[0] for person in fold) == list(range(400))
    assert "same 10 folds" in found.notes[0]
    assert found.repairs == ("folds",)


def test_a_model_that_bends_to_single_persons_goes_to_folds_at_once(refits: list[tuple[str, tuple[int, ...]]]) -> None:
    bending = hand_made_fit(
        "single", persons=PERSONS, category=ANSWERS, log_likelihood=densities(BY_PERSON, spread=0.6)
    )
    found = compare([bending, fit_of("hierarchical", BY_PERSON)], threads=1)
    assert len(refits) == 2 * THRESHOLDS.folds
    assert "p_loo exceeds a fifth" in found.notes[0]


def test_what_moment_matching_repairs_is_not_refitted(
    refits: list[tuple[str, tuple[int, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair_module, "moment_match", lambda target, unit, out: -2.5)
    fits = two_fits(3)
    targets = [targets_of(fit, "leave_one_person_out", 1) for fit in fits]
    out = [leave_out(target.at_draws, 1.0) for target in targets]
    predicted, notes = repair(targets, out, 1, THRESHOLDS, lambda stage, share: None)
    assert refits == []
    assert [found.by for found in predicted] == [(), ("moment_matching",)]
    assert list(predicted[1].elpd[:3]) == [-2.5] * 3
    assert notes == ["hierarchical: 3 of 3 densities repaired by moment matching."]


def test_the_prior_density_is_that_of_the_program_that_sampled(small_fit: Any) -> None:
    fit = small_fit.fit
    coordinates = coordinates_of(fit)
    posterior = {name: v.values.reshape(-1, *v.shape[2:]) for name, v in fit.posterior.data_vars.items()}
    log_prior = coordinates.log_prior(coordinates.vectors(posterior))
    program = fit.tree["sample_stats"]["lp"].values.reshape(-1)
    likelihood = fit.tree["log_likelihood"]["answers"].values.reshape(len(program), -1).sum(axis=1, dtype=float)
    spread = fit.about["certificate"].get("grid_log_ratio_sd", 0.0)  # of the coarser grid, where one was climbed
    assert (program - likelihood - log_prior).std() < 2 * spread + 1e-3


def test_a_refit_whose_chains_disagree_is_spoken_of(small_fit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = targets_of(small_fit.fit, "leave_one_person_out", 2)
    run = targets.fit.prepared.sampler.run

    def apart(*given: Any, **options: Any) -> Any:
        draws = run(*given, **options)
        return draws._replace(vector=draws.vector + np.arange(2)[:, None, None])

    monkeypatch.setattr(targets.fit.prepared.sampler, "run", apart)
    refitter = Refitter(targets, Schedule(chains=2, warmup=50, draws=50))
    refit = refitter.without(np.array([0]), [1, 2])
    assert "did not all converge" in " ".join(convergence_notes("single", [refit]))


def test_a_refit_agrees_with_moment_matching_and_importance_sampling(small_fit: Any) -> None:
    targets = targets_of(small_fit.fit, "leave_one_person_out", 2)
    out = leave_out(targets.at_draws, 1.0)
    person = int(np.argmax(out.pareto_k))
    refitter = Refitter(targets, Schedule(chains=2, warmup=50, draws=100))
    refit = refitter.without(np.array([person]), [1, 2])
    assert list(refit.units) == [person]
    assert convergence_notes("hierarchical", [refit]) == []
    # a log density has this error as a mean over 200 draws; two such estimates, each within four of them
    error = float(out.log_lik[:, person].std()) / math.sqrt(200)
    assert refit.elpd[0] == pytest.approx(out.elpd[person], abs=8 * error)
    strict = dataclasses.replace(out, good_k=float(out.pareto_k[person]) - 0.02)
    matched = moment_match(targets, person, strict)
    assert matched is not None
    assert matched == pytest.approx(out.elpd[person], abs=8 * error)


@pytest.fixture(scope="module")
def answered_in_part() -> Fit:
    """Return a fit with the densities that belong to its draws; person 0 says nothing about father."""
    category = ANSWERS.copy()
    category[0, 1] = -1
    design = dataclasses.replace(DESIGN, observed=category >= 0)
    truth = small_parameters(spec_of("single"), DESIGN)
    rng = np.random.default_rng(5)
    posterior = {name: value + 0.005 * rng.standard_normal((4, 25, *value.shape)) for name, value in truth.items()}
    posterior["thresholds"] = np.sort(posterior["thresholds"], axis=-1)
    fit = hand_made_fit("single", design=design, category=category, draws=25, posterior=posterior)
    draws = flatten_draws(posterior)
    persons = person_log_likelihood(choose_route(fit.spec, fit.design), category, draws, threads=2)
    log_likelihood = persons.reshape(4, 25, PERSONS)
    return hand_made_fit(
        "single", design=design, category=category, draws=25, posterior=posterior, log_likelihood=log_likelihood
    )


def test_a_relationship_is_predicted_from_the_others_and_unobserved_ones_are_left_out(answered_in_part: Fit) -> None:
    targets = targets_of(answered_in_part, "leave_one_relationship_out", 2)
    assert targets.at_draws.shape == (4, 25, 2 * PERSONS - 1)
    assert [0, 1] not in targets.cells.tolist()
    draws = flatten_draws({name: value.values for name, value in answered_in_part.posterior.data_vars.items()})
    expected = relationship_log_likelihood(targets.route, answered_in_part.category, draws, threads=2)
    found = targets.at_draws.reshape(100, -1)
    assert found[:, 1] == pytest.approx(expected[:, 1, 0], abs=1e-3)
    assert found[:, 2] == pytest.approx(expected[:, 1, 1], abs=1e-3)
    # with nothing said about father, what is said about mother has its own density
    whole = person_log_likelihood(targets.route, answered_in_part.category[:1], draws)
    assert found[:, 0] == pytest.approx(whole[:, 0], abs=1e-3)


def test_relationships_are_summed_within_persons_before_any_error(
    answered_in_part: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair_module, "moment_match", lambda target, unit, out: out.elpd[unit])
    fits = [answered_in_part, dataclasses.replace(answered_in_part)]
    trusting = dataclasses.replace(THRESHOLDS, parameters_per_person=math.inf)
    found = compare(fits, task="leave_one_relationship_out", threads=2, thresholds=trusting)
    assert found.pointwise.shape == (PERSONS, 2)
    assert found.rows[1].elpd_diff == 0
    targets = targets_of(answered_in_part, "leave_one_relationship_out", 2)
    cells = leave_out(targets.at_draws, 1.0).elpd
    assert found.pointwise[1, 0] == pytest.approx(cells[1] + cells[2], abs=0.01)
