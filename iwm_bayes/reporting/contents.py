"""Everything that a report shows, obtained in one place: the other modules only put it into words and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..criticism import (
    Comparison,
    Diagnosis,
    LeftOut,
    PowerScaling,
    PredictiveChecks,
    PriorPredictive,
    Sensitivity,
    diagnose,
    leave_one_person_out,
    power_scaling,
    predictive_change,
    predictive_checks,
    prior_predictive,
    verdicts_moved,
)
from ..criticism.diagnosis import STATUSES, Status
from ..errors import ComparisonError
from ..estimands import Estimand, Profiles, StyleTable, estimate, profiles, styles
from ..study import control_study
from ..study.keys import ItemRest, item_rest
from .contents_of_change import ChangeContents, collect_change

if TYPE_CHECKING:
    from ..inference import Fit
    from ..study import Study

_FEWEST_DRAWS = 4  # of a chain, below which the diagnosis looks at nothing else
type Share = tuple[str, Estimand, np.ndarray]  # dimension, its general share, the draws of it


@dataclass(frozen=True, eq=False)
class ReportContents:
    """What is reported.

    Attributes
    ----------
    fit
        The model that is shown in full: the only one, or the preferred one of a comparison.
    fits
        All models, best first.
    estimands
        Of `fit`, by name.
    shares
        General shares, of `fit` or else of the hierarchical model that it was compared with; may be empty.
    share_model
        The model that they are from.
    diagnoses
        By model, in the order of `fits`.
    left_out
        How much each person (or cluster) weighs in `fit`; None where it must not be interpreted.
    predictive
        What `fit` predicts; None where it must not be interpreted, and for answers to items over occasions.
    prior_predictive
        What the priors of `fit` expect of such a study; None for a model of change.
    styles, profiles
        Of `fit`; None where they do not exist or must not be interpreted.
    item_rest
        By number of item, where the study was given.
    change
        What a model of change has instead of shares and styles; None for other models.
    power
        How far headline estimands of `fit` move with priors and likelihood, by name; empty where it must not be
        interpreted.
    borders
        What follows from headline estimands of `fit` with the borders between regions where they are, nearer to none
        and all, and farther, by name; only where it differs.
    sensitivities
        By model, what its fit owes to its priors, of those that were fitted under other priors.
    """

    fit: Fit
    fits: tuple[Fit, ...]
    estimands: Mapping[str, Estimand]
    shares: tuple[Share, ...]
    share_model: str | None
    diagnoses: Mapping[str, Diagnosis]
    left_out: LeftOut | None
    predictive: PredictiveChecks | None
    prior_predictive: PriorPredictive | None
    styles: StyleTable | None
    profiles: Profiles | None
    item_rest: Mapping[int, ItemRest]
    comparison: Comparison | None = None
    study: Study | None = None
    change: ChangeContents | None = None
    power: Mapping[str, PowerScaling] = field(default_factory=dict)
    borders: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    sensitivities: Mapping[str, Sensitivity] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The worst status of any model shown."""
        return max((diagnosis.status for diagnosis in self.diagnoses.values()), key=STATUSES.index)

    @property
    def interpretable(self) -> bool:
        """Whether anything may be said about the answer."""
        return self.status != "do_not_interpret"

    @property
    def diagnosis(self) -> Diagnosis:
        """The diagnosis of `fit`."""
        return next(iter(self.diagnoses.values()))

    @property
    def measured(self) -> str:
        """What was measured, answers to items or scale scores, in a word."""
        return "answers" if self.change is None else "scores"

    @property
    def withheld(self) -> str:
        """Why a section has no results."""
        return "Withheld, because the computation cannot be relied on: see Verdict and Computation."


def collect(
    result: Fit | Comparison,
    study: Study | None = None,
    sensitivities: Sequence[Sensitivity | None] = (),
) -> ReportContents:
    """Return the contents of the report of a fit or a comparison.

    Parameters
    ----------
    study
        The study that was fitted; of a negative control the study whose answers were moved.
    sensitivities
        Of the models in their order, None for one that was not fitted under other priors; or none at all.

    Raises
    ------
    ComparisonError
        C630 where the study is not the one that was fitted.
    """
    fit = result.fits[0] if isinstance(result, Comparison) else result
    if study is not None and study.control is None and fit.control is not None:
        study = control_study(study, fit.control, fit.about["seed"])
    _refuse_other_study(fit, study)
    left_out = _left_out(fit)
    if isinstance(result, Comparison):
        comparison, fits, estimands, diagnoses = result, result.fits, result.estimands, result.diagnoses
    else:
        comparison, fits, estimands = None, (result,), (estimate(result),)
        diagnoses = (diagnose(result, estimands[0], left_out=left_out),)
    sound = all(diagnosis.status != "do_not_interpret" for diagnosis in diagnoses)
    one_occasion = fit.spec.change is None
    drawn = sound and one_occasion and "working_models" in fit.tree.children
    shares, share_model = _shares(fits, estimands)
    labels = _labels(fits)
    return ReportContents(
        fit=fit,
        fits=fits,
        estimands=estimands[0],
        shares=shares,
        share_model=share_model,
        diagnoses=dict(zip(labels, diagnoses, strict=True)),
        left_out=left_out if sound else None,
        predictive=(predictive_checks(fit) if one_occasion else predictive_change(fit)) if sound else None,
        prior_predictive=prior_predictive(fit.spec, fit.design) if one_occasion else None,
        styles=styles(fit) if drawn else None,
        profiles=profiles(fit) if drawn and len(fit.relationships) > 1 else None,
        item_rest=_item_rest(fit, study),
        comparison=comparison,
        study=study,
        change=None if one_occasion else collect_change(fit, comparison, estimands[0], sound=sound),
        power=power_scaling(fit, estimands[0]) if sound else {},
        borders=verdicts_moved(fit, estimands[0]) if sound else {},
        sensitivities={label: found for label, found in zip(labels, sensitivities, strict=False) if found is not None},
    )


def _left_out(fit: Fit) -> LeftOut | None:
    """Return what leaving persons out costs; None where the densities do not permit it, which the diagnosis says."""
    densities = fit.tree["log_likelihood"].to_dataset()["answers"]
    possible = densities.sizes["draw"] >= _FEWEST_DRAWS and bool(np.isfinite(densities.values).all())
    return leave_one_person_out(fit) if possible else None


def _labels(fits: Sequence[Fit]) -> list[str]:
    """Return the names of the models; of two with one name the later ones get a number."""
    names = [fit.name for fit in fits]
    return [
        name if names[:position].count(name) == 0 else f"{name} ({names[:position].count(name) + 1})"
        for position, name in enumerate(names)
    ]


def _refuse_other_study(fit: Fit, study: Study | None) -> None:
    if study is not None and study.digest != fit.about["study_digest"]:
        message = f"{study.name} is not the study that was fitted: its answers, items or keys differ."
        raise ComparisonError("C630", message, fix="Give the STUDY and the --answers of the fit, or leave them out.")


def _shares(fits: Sequence[Fit], estimands: Sequence[Mapping[str, Estimand]]) -> tuple[tuple[Share, ...], str | None]:
    for fit, found in zip(fits, estimands, strict=True):
        if "general_share" in fit.posterior:
            draws = fit.posterior["general_share"].values
            names = enumerate(fit.spec.field.dimensions)
            return tuple((n, found[f"general_share[{n}]"], draws[:, :, d].ravel()) for d, n in names), fit.name
    return (), None


def _item_rest(fit: Fit, study: Study | None) -> Mapping[int, ItemRest]:
    if study is None or study.codebook.scores is not None or fit.spec.change is not None:
        return {}
    occasion = study.occasions.index(fit.design.occasions[0])
    return item_rest(study.cells, study.rules, len(study.relationships), occasion)
