"""Section 5: whether the draws are good enough for what is printed."""

from __future__ import annotations

import numpy as np

from ...criticism.computation import Computation
from ...estimands import THRESHOLDS
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Heading, Listing, Paragraph, Section, table

_LIMITS = THRESHOLDS
_READING = (
    "Chains that started apart must agree (R-hat near 1), and their draws, which resemble their neighbours, must be "
    "worth enough independent ones (effective sample size, ESS). Headline estimands are those on which the answer "
    "rests."
)
_CERTIFICATES = {
    "pareto_k": "Pareto k of the importance weights",
    "importance_ess": "Effective sample size of the importance weights",
    "grid_log_ratio_sd": "SD of the log weights between the sampler's grid and the standard one",
    "grid_pareto_k": "Pareto k of the weights between these grids",
}


def computation(contents: ReportContents) -> Section:
    """Return the section on the computation."""
    rows = _rows(contents)
    blocks: list[Block] = [
        Paragraph(_how(contents), "lead"),
        *([Paragraph(_READING)] if contents.fit.about["method"] == "nuts" else []),
        table(
            f"Quality of the computation of the model “{contents.fit.name}”",
            ("check", "found", "wanted"),
            rows,
            words=1,
        ),
    ]
    checks = [
        f"{name}: {check.code} {check.message} {check.fix}".strip()
        for name, diagnosis in contents.diagnoses.items()
        for check in diagnosis.checks
    ]
    blocks.append(Heading("Findings"))
    blocks.append(Listing(tuple(checks)) if checks else Paragraph("No check found anything."))
    return Section(5, "computation", "Computation", tuple(blocks))


def _how(contents: ReportContents) -> str:
    about, sizes = contents.fit.about, contents.fit.posterior.sizes
    chains, draws = sizes["chain"], sizes["draw"]
    drawn = f"{numbers.counted(chains, 'chain')} of {numbers.count(draws)} draws each"
    route = f"Persons' working models were integrated out ({about['likelihood']})"
    if about["likelihood"] == "explicit":
        route = "Persons' working models were sampled along with the parameters (explicit)"
    if about["method"] == "laplace":
        return (
            f"A normal approximation at the posterior mode (Laplace), corrected by importance sampling: "
            f"{numbers.count(chains * draws)} draws. {route}."
        )
    return f"The no-U-turn sampler, in coordinates whitened at the posterior mode: {drawn}. {route}."


def _rows(contents: ReportContents) -> list[tuple[str, str, str]]:
    about, found = contents.fit.about, contents.diagnosis.computation
    error, timing = about["likelihood_error"], about["timing"]
    words = ", ".join(f"{name} {numbers.seconds(timing.get(name))}" for name in ("compile", "sample", "total"))
    return [
        *_chains(contents, found),
        (
            "Integration error, summed over persons",
            f"{numbers.positive(error['summed'], 3)} nat",
            f"≤ {_LIMITS.integration_error:g} nat",
        ),
        ("Integration error, worst person", f"{numbers.positive(error['per_person_max'], 4)} nat", ""),
        *[
            (_certificate(name), _printed(value), "")
            for name, value in about["certificate"].items()
            if value is not None
        ],
        ("Parameters sampled", numbers.count(int(about["parameters"])), ""),
        ("Effective parameters (p_loo)", numbers.number(contents.diagnosis.p_loo, 1), ""),
        ("Time", words, ""),
    ]


def _chains(contents: ReportContents, found: Computation) -> list[tuple[str, str, str]]:
    if contents.fit.about["method"] != "nuts":
        return []
    headline = [e for e in contents.estimands.values() if e.headline]
    rhat = max((e.rhat for e in headline), default=float("nan"))
    ess = min((min(e.ess_bulk, e.ess_tail) for e in headline), default=float("nan"))
    steps = float(np.mean(contents.fit.tree["sample_stats"].to_dataset()["n_steps"].values))
    total = found.chains * found.draws
    return [
        ("Worst R-hat of the headline estimands", numbers.number(rhat, 3), f"< {_LIMITS.rhat:g}"),
        ("Smallest ESS of the headline estimands", numbers.number(ess, 0), f"≥ {_LIMITS.ess:g}"),
        (
            "Worst R-hat of all",
            _of(numbers.number(found.worst_rhat, 3), found.worst_rhat_of),
            f"< {_LIMITS.other_rhat:g}",
        ),
        (
            "Smallest ESS of all",
            _of(numbers.number(found.least_ess, 0), found.least_ess_of),
            f"≥ {_LIMITS.other_ess:g}",
        ),
        (
            "Divergent transitions",
            f"{numbers.count(found.divergences)} of {numbers.count(total)}",
            f"≤ {100 * _LIMITS.divergences:g}%",
        ),
        ("Smallest E-BFMI of a chain", numbers.number(found.bfmi), f"≥ {_LIMITS.bfmi:g}"),
        ("Gradients per draw, mean", numbers.number(steps, 1), ""),
    ]


def _of(value: str, name: str | None) -> str:
    return f"{value} ({name})" if name else value


def _certificate(name: str) -> str:
    return _CERTIFICATES.get(name, name.replace("_", " "))


def _printed(value: object) -> str:
    return numbers.number(value, 3) if isinstance(value, int | float) else numbers.NOT_AVAILABLE
