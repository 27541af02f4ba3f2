"""A fit is reproducible, says how exact it is, recovers what it was made from, and is stored whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import arviz as az
import numpy as np
import pytest
from small_studies import Fitted, small_design, small_parameters, spec_of

from iwm_bayes.errors import StorageError, UsageError
from iwm_bayes.inference import (
    Fit,
    Schedule,
    Settings,
    add_working_models,
    fit_answers,
    flatten_draws,
    is_run,
    load,
    person_log_likelihood,
    read_persons,
    relationship_log_likelihood,
    save,
    write_atomically,
)
from iwm_bayes.inference.accuracy import failed, moved, smoothed_weights, systematic_resample
from iwm_bayes.inference.working_models import draw_working_models
from iwm_bayes.likelihood import item_table
from iwm_bayes.simulate import simulate

LARGE = 3000


@pytest.fixture(scope="module")
def run_folder(small_fit: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    persons = small_fit.simulated.design.persons
    return save(small_fit.fit, tmp_path_factory.mktemp("runs") / "small", persons=persons)


def refit(small_fit: Fitted, **changes: object) -> Fit:
    settings = dataclasses.replace(small_fit.settings, **changes)
    design, category = small_fit.simulated.design, small_fit.simulated.category
    return fit_answers(spec_of("hierarchical"), design, category, settings, study_digest="made in a test")


@pytest.mark.statistical  # a smaller model is tried in every run
def test_the_same_seed_gives_the_same_draws_whatever_the_number_of_threads(small_fit: Fitted) -> None:
    again = refit(small_fit, threads=2)
    assert again.posterior.identical(small_fit.fit.posterior)
    for group in ("sample_stats", "log_likelihood"):
        assert again.tree[group].to_dataset().identical(small_fit.fit.tree[group].to_dataset())


@pytest.mark.statistical  # a smaller model is tried in every run
def test_fewer_chains_are_the_first_of_more_and_fewer_draws_the_first_of_longer(small_fit: Fitted) -> None:
    prepared = small_fit.fit.prepared
    seed, schedule = small_fit.settings.seed, small_fit.settings.schedule

    def run(**changes: int) -> np.ndarray:
        changed = dataclasses.replace(schedule, **changes)
        return prepared.sampler.run(prepared.whitening, prepared.program.data, changed, seed, threads=2).vector

    whole = run()
    assert np.array_equal(run(chains=1)[0], whole[0])
    shorter = run(draws=schedule.draws // 2)
    assert np.array_equal(shorter, whole[:, : schedule.draws // 2])


def test_another_seed_gives_other_draws(small_fit: Fitted) -> None:
    prepared = small_fit.fit.prepared
    few = Schedule(chains=2, warmup=50, draws=50)
    one, other = (
        prepared.sampler.run(prepared.whitening, prepared.program.data, few, seed, threads=1).vector for seed in (1, 2)
    )
    assert not np.isin(one, other).any()
    assert not np.isin(one[0], one[1]).any()


def test_chains_mix_and_none_diverges(small_fit: Fitted) -> None:
    summary = az.rhat(small_fit.fit.posterior)
    worst = max(float(summary[name].max()) for name in summary)
    # Two chains of 100: rank-normalised R-hat of independent draws is below 1.1 in all of some 40 numbers.
    assert worst < 1.1
    assert not small_fit.fit.tree["sample_stats"]["diverging"].values.any()


def test_a_fit_reports_its_integration_error_and_it_is_small(small_fit: Fitted) -> None:
    error = small_fit.fit.about["likelihood_error"]
    assert set(error) == {"per_person_max", "summed"}
    assert 0 < error["per_person_max"] <= 0.02
    assert 0 < error["summed"] <= 0.5


def test_a_fit_says_what_it_was_made_from_and_with(small_fit: Fitted) -> None:
    about = small_fit.fit.about
    assert about["study_digest"] == "made in a test"
    assert about["model_digest"] == spec_of("hierarchical").digest
    assert (about["seed"], about["method"], about["likelihood"]) == (3, "nuts", "quadrature")
    assert about["parameters"] == small_fit.fit.prepared.program.size
    assert {"compile", "sample", "total"} <= set(about["timing"])
    assert {"iwm-bayes", "pymc", "jax", "blackjax"} <= set(about["versions"])


def test_the_recorded_log_likelihood_is_that_of_the_draws_beside_it(small_fit: Fitted) -> None:
    fit = small_fit.fit
    draws = flatten_draws({str(name): fit.posterior[name].values for name in fit.posterior})
    some = {name: values[::60] for name, values in draws.items()}
    recorded = fit.tree["log_likelihood"]["answers"].values.reshape(200, -1)[::60]
    # Recorded in single precision: a relative 6e-8 of some tens of nats.
    np.testing.assert_allclose(person_log_likelihood(fit.prepared.integrated, fit.category, some), recorded, atol=1e-4)


def test_relationships_given_the_others_add_up_to_no_more_than_the_whole_where_they_are_alike(
    small_fit: Fitted,
) -> None:
    # p(a, b) = p(a | b) p(b): with two relationships both conditionals come from three joint densities.
    fit = small_fit.fit
    draws = {
        name: values[:2]
        for name, values in flatten_draws({str(n): fit.posterior[n].values for n in fit.posterior}).items()
    }
    whole = person_log_likelihood(fit.prepared.reference, fit.category, draws)
    given = relationship_log_likelihood(fit.prepared.reference, fit.category, draws)
    assert given.shape == (2, 150, 2)
    without_father = fit.category.copy()
    without_father[:, 1] = -1
    alone = person_log_likelihood(fit.prepared.reference, without_father, draws)
    np.testing.assert_allclose(given[:, :, 1] + alone, whole, atol=1e-10)


def test_a_refit_without_some_persons_uses_the_same_program(small_fit: Fitted) -> None:
    prepared = small_fit.fit.prepared
    weights = (np.arange(150) < 75).astype(float)
    few = Schedule(chains=1, warmup=50, draws=50)
    halved = prepared.sampler.run(prepared.whitening, prepared.program.with_weights(weights), few, 1, threads=1)
    whole = prepared.sampler.run(prepared.whitening, prepared.program.data, few, 1, threads=1)
    # Half of the persons: posterior variances about twice as large.
    assert halved.vector.std(axis=1).mean() > 1.15 * whole.vector.std(axis=1).mean()


def test_the_truth_lies_within_the_posterior(small_fit: Fitted) -> None:
    for name in ("general_share", "correlation_general", "correlation_specific", "discrimination", "relationship_mean"):
        truth, draws = small_fit.simulated.parameters[name], small_fit.fit.posterior[name].values
        sd = draws.std(axis=(0, 1))
        z = np.abs(truth - draws.mean(axis=(0, 1)))[sd > 0] / sd[sd > 0]
        assert (z < 4).all(), name  # about fifteen numbers: four SDs are exceeded in one study of a thousand


def test_working_models_correlate_with_the_truth_as_their_own_uncertainty_says(small_fit: Fitted) -> None:
    drawn = small_fit.fit.tree["working_models"]["working_model"].values
    mean, variance = drawn.mean(axis=0), drawn.var(axis=0)
    for d, c in np.ndindex(2, 2):
        truth = small_fit.simulated.working_models[:, d, c]
        # var(theta) = var(mean) + E[var]: the squared correlation of the mean with the truth is its share, reliability.
        reliability = mean[:, d, c].var() / (mean[:, d, c].var() + variance[:, d, c].mean())
        found = np.corrcoef(mean[:, d, c], truth)[0, 1]
        # Fisher's z has an SD of 1 / sqrt(150 - 3) = .082; four looks, 3.5 SDs.
        assert abs(np.arctanh(found) - np.arctanh(np.sqrt(reliability))) < 3.5 * 0.082


def test_intervals_of_working_models_at_the_true_parameters_hold_the_truth_as_often_as_they_say(
    small_fit: Fitted,
) -> None:
    made = small_fit.simulated  # at the true parameters persons are independent of each other
    repeated = {name: np.repeat(value[None], 400, axis=0) for name, value in made.parameters.items()}
    items = item_table(made.design, made.spec.field.dimensions)
    drawn = draw_working_models(items, "hierarchical", made.category, repeated, seed=5)
    for level in (0.5, 0.9):
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
        found = ((low < made.working_models) & (made.working_models < high)).mean(axis=0)
        # 150 persons; four cells at two levels: 3.5 SDs, and the error of a quantile of 400 draws.
        assert np.abs(found - level).max() < 3.5 * np.sqrt(level * (1 - level) / 150) + 0.01


def test_working_models_are_drawn_at_the_draws_that_they_name(small_fit: Fitted) -> None:
    group = small_fit.fit.tree["working_models"].to_dataset()
    assert group["working_model"].dims == ("sample", "person", "dimension", "relationship")
    pairs = set(zip(group["chain_of_sample"].values, group["draw_of_sample"].values, strict=True))
    assert len(pairs) == group.sizes["sample"]
    assert {chain for chain, _ in pairs} == {0, 1}


def test_a_loaded_run_gives_the_same_working_models_again(small_fit: Fitted, run_folder: Path) -> None:
    loaded = load(run_folder)
    again = add_working_models(Fit(loaded.tree.drop_nodes("working_models")))
    assert again.tree["working_models"].to_dataset().identical(small_fit.fit.tree["working_models"].to_dataset())


def test_what_is_loaded_is_what_was_saved(small_fit: Fitted, run_folder: Path) -> None:
    loaded = load(run_folder)
    assert loaded.tree.identical(small_fit.fit.tree)
    assert loaded.spec == small_fit.fit.spec and loaded.about == small_fit.fit.about
    assert loaded.design.items == small_fit.simulated.design.items
    assert loaded.prepared is None
    assert is_run(run_folder)


def test_identifiers_are_in_a_file_of_their_own_that_only_the_owner_reads(small_fit: Fitted, run_folder: Path) -> None:
    persons = small_fit.simulated.design.persons
    assert read_persons(run_folder) == persons
    assert (run_folder / "persons.csv").stat().st_mode & 0o777 == 0o600
    elsewhere = [path for path in run_folder.iterdir() if path.name != "persons.csv"]
    assert elsewhere and not any(persons[0].encode() in path.read_bytes() for path in elsewhere)


def test_a_run_without_a_key_has_no_identifiers(small_fit: Fitted, tmp_path: Path) -> None:
    assert read_persons(save(small_fit.fit, tmp_path / "run")) is None


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_flipped_byte_is_refused(run_folder: Path, tmp_path: Path, place: float) -> None:
    damaged = copy(run_folder, tmp_path)
    content = bytearray((damaged / "fit.nc").read_bytes())
    content[int(place * len(content))] ^= 0x10
    (damaged / "fit.nc").write_bytes(content)
    with pytest.raises(StorageError, match=r"S721 .*fit\.nc is not the file that was written") as caught:
        load(damaged)
    assert caught.value.code == "S721" and "Fit again" in caught.value.fix


@pytest.mark.parametrize("manifest", [None, "", "{", "[]", "{}", '{"schema": "something/else"}'])
def test_a_folder_without_a_sound_manifest_holds_no_run(run_folder: Path, tmp_path: Path, manifest: str | None) -> None:
    damaged = copy(run_folder, tmp_path)
    (damaged / "manifest.json").unlink()
    if manifest is not None:
        (damaged / "manifest.json").write_text(manifest)
    with pytest.raises(StorageError) as caught:
        load(damaged)
    assert caught.value.code == "S720"
    assert str(damaged) in caught.value.message


def test_a_run_without_its_fit_is_refused(run_folder: Path, tmp_path: Path) -> None:
    damaged = copy(run_folder, tmp_path)
    (damaged / "fit.nc").unlink()
    with pytest.raises(StorageError) as caught:
        load(damaged)
    assert caught.value.code == "S720"


def test_a_run_that_cannot_be_written_leaves_no_manifest(small_fit: Fitted, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError) as caught:
        save(small_fit.fit, tmp_path / "file" / "run")
    assert caught.value.code == "S710"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kept.txt"
    write_atomically(target, b"old")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(("umask", "rights"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_file_has_the_rights_that_the_process_gives(tmp_path: Path, umask: int, rights: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"content")
        write_atomically(tmp_path / "own", b"content", mode=0o600)
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("file", "own")] == [rights, 0o600]


def test_the_manifest_repeats_what_the_fit_says_of_itself(small_fit: Fitted, run_folder: Path) -> None:
    manifest = json.loads((run_folder / "manifest.json").read_text())
    assert manifest["state"] == "complete" and manifest["model"] == "hierarchical"
    assert small_fit.fit.about.items() <= manifest.items()


def test_a_method_that_does_not_exist_is_answered_with_the_nearest(small_fit: Fitted) -> None:
    with pytest.raises(UsageError) as caught:
        refit(small_fit, method="laplase")
    assert caught.value.code == "U212" and '"laplace"' in caught.value.fix


def test_smoothed_weights_move_draws_to_the_density_that_was_meant() -> None:
    draws = np.random.default_rng(5).standard_normal(4000)
    log_ratio = 0.5 * draws - 0.125  # from N(0, 1) to N(.5, 1)
    weights, pareto_k = smoothed_weights(log_ratio)
    assert weights.sum() == pytest.approx(1)
    # The weighted mean of 4,000 draws has an SD of about sqrt(exp(.25) x 1.25 / 4000) = .02.
    assert weights @ draws == pytest.approx(0.5, abs=4 * 0.02)
    assert pareto_k < 0.5


def test_systematic_resampling_keeps_each_draw_as_often_as_its_weight_says_to_within_one() -> None:
    rng = np.random.default_rng(5)
    weights = rng.dirichlet(np.full(50, 0.3))
    counts = np.bincount(systematic_resample(weights, rng), minlength=50)
    assert (np.abs(counts - 50 * weights) < 1).all()


@pytest.mark.parametrize("shift", [0.03, 0.5])
def test_draws_are_moved_to_the_density_that_was_meant_be_it_near_or_not(shift: float) -> None:
    draws = np.random.default_rng(5).standard_normal((4, 2000))
    log_ratio = shift * draws  # from N(0, 1) to N(shift, 1)
    chosen, certificate = moved(log_ratio, seed=1)
    assert draws.ravel()[chosen].mean() - draws.mean() == pytest.approx(shift, rel=0.1)
    assert not failed(certificate) and (certificate["grid_pareto_k"] is None) == (shift < 0.1)
    assert np.array_equal(moved(log_ratio[:2], seed=1)[0], chosen[:2])  # fewer chains are the first of more


def test_draws_of_the_density_that_was_meant_stay_as_they_are() -> None:
    chosen, certificate = moved(np.full((4, 300), -7.0), seed=1)
    assert np.array_equal(chosen, np.arange(1200).reshape(4, 300))
    assert certificate["grid_ess_share"] == pytest.approx(1)


@pytest.mark.statistical  # of 2,000 persons, by both methods
@pytest.mark.trust("the quick look, where it is certified, agrees with sampling")
def test_laplace_is_certified_on_a_large_study_and_agrees_with_nuts() -> None:
    spec, design = spec_of("single"), small_design(LARGE, relationships=("partner",), per_dimension=3)
    values = small_parameters(spec, design, discrimination=np.full(6, 2.0))
    category = simulate(spec, design, values, seed=8).category
    schedule = Schedule(chains=4, warmup=100, draws=250)

    def posterior(method: str) -> Fit:
        settings = Settings(method=method, seed=1, schedule=schedule, threads=2)  # type: ignore[arg-type]
        return fit_answers(spec, design, category, settings, study_digest="made in a test")

    quick, sampled = posterior("laplace"), posterior("nuts")
    assert quick.about["certificate"]["pareto_k"] < 0.7
    assert quick.about["certificate"]["importance_ess"] > 300
    for name in ("discrimination", "thresholds", "correlation_general"):
        means = [fit.posterior[name].mean(("chain", "draw")).values for fit in (quick, sampled)]
        sd = sampled.posterior[name].std(("chain", "draw")).values
        # An effective 300 or more of either: sqrt(2 / 300) = .08 of an SD; four of them over 25 numbers.
        assert (np.abs(means[0] - means[1]) < 4 * 0.08 * sd).all(), name


def test_laplace_says_that_it_must_not_be_believed_on_a_small_study() -> None:
    # Twelve items of seven categories, many of them unused by 25 persons: their thresholds are far from normal.
    spec, design = spec_of("hierarchical"), small_design(25, per_dimension=6, categories=7)
    category = simulate(spec, design, small_parameters(spec, design), seed=8).category
    settings = Settings(method="laplace", seed=1, schedule=Schedule(chains=2, draws=500), threads=1)
    fitted = fit_answers(spec, design, category, settings, study_digest="made in a test")
    assert fitted.about["certificate"]["pareto_k"] > 0.7


def copy(folder: Path, to: Path) -> Path:
    made = to / "copy"
    made.mkdir()
    for path in folder.iterdir():
        (made / path.name).write_bytes(path.read_bytes())
    return made
