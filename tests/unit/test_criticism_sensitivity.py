"""What is said of wide and tight priors: changed verdicts, what is kept of them, and that they are never mixed up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from criticism_fits import hand_made_fit
from reporting_values import made_comparison

from iwm_bayes.criticism import (
    Sensitivity,
    compare,
    elpd_verdicts,
    elpd_words,
    load_sensitivity,
    power_scaling,
    save_sensitivity,
    sensitivity,
    sensitivity_json,
)
from iwm_bayes.criticism.prior_refits import Found, conclusion, fit_key, found_of, read_fit, refits_of
from iwm_bayes.criticism.sensitivity import PriorRow, Refit
from iwm_bayes.criticism.sensitivity_file import SENSITIVITY
from iwm_bayes.errors import ComparisonError, StorageError, UsageError
from iwm_bayes.estimands import Estimand, estimate
from iwm_bayes.inference import Fit, save
from iwm_bayes.replications import Where
from iwm_bayes.reporting import write_report
from iwm_bayes.spec import Column

SHARE = "general_share[self]"


def made(fit: Fit, wide: str | Refit = "hierarchical", tight: str | Refit = "hierarchical") -> Sensitivity:
    """Return what a fit owes to its priors, with these fits, or these verdicts on the general share of self."""
    estimands = estimate(fit)
    found = found_of(estimands)

    def under(word: str | Refit) -> Refit:
        return (
            word
            if isinstance(word, Refit)
            else Refit("caution", "", found | {SHARE: replace(found[SHARE], conclusion=word)}, (-1.0, -2.0))
        )

    rows = (PriorRow("general_share", "beta = [1, 1]", "beta = [0.5, 0.5]", "beta = [2, 2]", True),)
    power = power_scaling(fit, estimands)
    refits: dict[Column, Refit] = {"wide": under(wide), "tight": under(tight)}
    return Sensitivity(fit.name, fit_key(fit), fit.control, rows, power, found, (-1.0, None), refits)


def test_a_verdict_that_changes_is_said() -> None:
    found = made(hand_made_fit(), wide="undecided")
    assert found.changed == (SHARE,)
    assert found.words == (
        "The verdict on general_share[self] changes with the priors: hierarchical under those of the model, "
        "undecided under wide ones, hierarchical under tight ones.",
    )
    assert sensitivity_json(found)["changed"] == [SHARE]


def test_that_no_verdict_changes_is_said() -> None:
    found = made(hand_made_fit())
    assert found.changed == ()
    assert found.words == ("Under wide and tight priors no verdict of hierarchical changes.",)


def test_a_fit_that_must_not_be_interpreted_changes_no_verdict_and_is_named() -> None:
    fit = hand_made_fit()
    broken = Refit("do_not_interpret", "Not converged.", {SHARE: Found(0.5, 0.1, 0.9, "undecided")}, (-1.0,))
    found = made(fit, wide=broken)
    assert found.changed == ()
    assert found.at(SHARE, "wide") is None
    assert found.words == (
        "Under tight priors no verdict of hierarchical changes.",
        "Under wide priors hierarchical is not to be read: Not converged.",
    )
    lost = replace(found, refits={column: Refit(None, "LostProcess: …", {}, ()) for column in ("wide", "tight")})
    assert len(lost.words) == 2
    assert "no verdict" not in " ".join(lost.words)


@pytest.mark.parametrize(
    ("verdict", "regions", "word"),
    [
        ("prototype", {"prototype": 0.5}, "prototype"),
        ("effect", {"negative": 0.01, "practically zero": 0.02, "positive": 0.97}, "positive"),
        ("pre-post change, not attributable", {"negative": 0.1, "practically zero": 0.4, "positive": 0.5}, "undecided"),
        (None, {"negative": 0.01, "practically zero": 0.02, "positive": 0.97}, "positive"),
        (None, {"negative": 0.01, "practically zero": 0.10, "positive": 0.89}, "undecided"),
        (None, {"beyond 4 study spans": 0.3, "static is adequate": 0.1}, None),
        (None, {}, None),
    ],
)
def test_without_a_verdict_the_region_that_holds_nearly_all_is_the_conclusion(
    verdict: str | None, regions: dict[str, float], word: str | None
) -> None:
    estimand = Estimand("drift[self,others]", "", 0.3, 0.1, 0.1, 0.5, regions=regions, verdict=verdict, headline=True)
    assert conclusion(estimand) == word


def test_what_is_kept_beside_a_run_is_what_was_found(tmp_path: Path) -> None:
    fit = hand_made_fit()
    found = made(fit, wide="undecided")
    save_sensitivity(found, tmp_path)
    assert load_sensitivity(tmp_path, fit) == found
    assert load_sensitivity(tmp_path / "elsewhere", fit) is None
    assert load_sensitivity(tmp_path, hand_made_fit(seed=2)) is None  # another fit, by its seed


@pytest.mark.parametrize("part", ["hierarchical", '"median"', "digest", "schema"])
def test_a_file_that_is_not_what_was_written_is_refused(tmp_path: Path, part: str) -> None:
    fit = hand_made_fit()
    text = save_sensitivity(made(fit), tmp_path).read_text()
    assert part in text
    (tmp_path / SENSITIVITY).write_text(text.replace(part, part[:-2] + "x" + part[-1:], 1))
    with pytest.raises(StorageError, match="S721"):
        load_sensitivity(tmp_path, fit)
    (tmp_path / SENSITIVITY).write_text(text[: len(text) // 2])
    with pytest.raises(StorageError, match="S721"):
        load_sensitivity(tmp_path, fit)


def test_nothing_is_repeated_of_a_fit_that_must_not_be_interpreted() -> None:
    with pytest.raises(UsageError, match="U455"):
        sensitivity(hand_made_fit(chains=2), where=Where(workers=0))


def test_the_recipe_of_the_refits_names_no_folder_and_another_fit_is_refused(tmp_path: Path) -> None:
    fit = hand_made_fit()
    save(fit, tmp_path / "run")
    work = refits_of(fit, tmp_path / "run")
    assert str(tmp_path) not in json.dumps(work.recipe)
    assert [model["name"] for model in work.recipe["models"]] == ["hierarchical_wide", "hierarchical_tight"]
    assert [model.name for model in work.prepare(work.recipe).models] == ["hierarchical_wide", "hierarchical_tight"]
    with pytest.raises(StorageError, match="S740"):
        read_fit(str(tmp_path / "run"), {**work.recipe, "fit": "0" * 64})


def test_the_verdict_on_predictive_densities_is_given_by_column_where_every_model_may_be_read() -> None:
    fit = hand_made_fit(log_likelihood=None)
    near = made(fit)
    ahead, behind = (-1.0,) * 50, tuple(-1.2 - 0.01 * (n % 2) for n in range(50))  # 10 nats, nearly no spread
    one = replace(near, refits={c: replace(r, elpd=ahead) for c, r in near.refits.items()})
    other = replace(near, model="single", refits={c: replace(r, elpd=behind) for c, r in near.refits.items()})
    assert elpd_verdicts([one, other]) == {"wide": "preferred: hierarchical", "tight": "preferred: hierarchical"}
    tied = replace(other, refits={**other.refits, "wide": replace(other.refits["wide"], elpd=ahead)})
    assert elpd_verdicts([one, tied]) == {"wide": "tie", "tight": "preferred: hierarchical"}
    assert elpd_verdicts([one, None]) == {}
    assert elpd_words("preferred: hierarchical", elpd_verdicts([one, tied])) == (
        "The verdict on predictive densities changes with the priors: preferred: hierarchical under those of the "
        "models, tie under wide ones."
    )


def control_of(fit: Fit, control: str = "shuffle-persons") -> Fit:
    about = {**fit.about, "asked": {"control": control}}
    tree = fit.tree.copy()
    tree.attrs = {**fit.tree.attrs, "about": json.dumps(about)}
    return Fit(tree)


def test_a_negative_control_is_not_compared_with_a_fit_of_the_answers_as_they_were() -> None:
    fit = hand_made_fit()
    other = hand_made_fit("single")
    with pytest.raises(ComparisonError, match=r"C615.*shuffle-persons and of the answers as they were given"):
        compare([control_of(fit), other], threads=1)
    with pytest.raises(ComparisonError, match="C615"):
        compare([control_of(fit), control_of(other, "shuffle-relationships")], threads=1)


def test_a_report_says_what_changes_with_the_priors(tmp_path: Path) -> None:
    comparison = made_comparison()
    found = made(comparison.fits[0], wide="undecided")
    page = write_report(comparison, tmp_path / "report.html", sensitivities=[found, None, None]).read_text()
    assert "The verdict on general_share[self] changes with the priors" in page
    assert "beta = [0.5, 0.5]" in page
    assert "Fits under wider and narrower priors, of single, context_specific" in page
    assert "Negative control" not in page


def test_a_report_of_a_negative_control_says_so_first(tmp_path: Path) -> None:
    fit = control_of(made_comparison().fits[0])
    page = write_report(fit, tmp_path / "report.html").read_text()
    assert "<h1>Negative control: " in page
    assert page.index("Negative control (shuffle-persons), not a result.") < page.index('class="status"')
    assert "--control shuffle-persons" in page
