"""A fit in which a prior has the say is made again under other priors, and its verdict turns out to hang on them.

Six persons answer two items with yes or no about two relationships. What the items are is nearly fixed by their priors,
so that the posterior of the general share follows by quadrature over the two factors behind the answers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit
from trust import Extent

from iwm_bayes.criticism import diagnose, sensitivity, warrants_refits
from iwm_bayes.estimands import estimate
from iwm_bayes.inference import Schedule, Settings, fit_answers, save
from iwm_bayes.replications import Where
from iwm_bayes.simulate import make_design
from iwm_bayes.spec import parse_model
from iwm_bayes.study import Item

SHARE = "general_share[self]"
SPEC = parse_model(
    {
        "format": 1,
        "name": "few",
        "question": "One general working model, one per relationship, or both?",
        "field": {
            "dimensions": ["self"],
            "structure": "hierarchical",
            "relationship_means": "zero",
            "relationship_sds": "one",
        },
        "priors": {
            "general_share": {"beta": [4, 4]},  # 95 % between .18 and .82: it says "hierarchical" by itself
            "discrimination": {"lognormal": {"median": 2, "sigma": 0.05}},
            "item_location": {"normal": [0, 0.05]},
        },
    }
)
ANSWERS = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0], [1, 0, 0, 1], [0, 1, 1, 0]], np.int16)


def interval_by_quadrature(concentration: float) -> tuple[float, float]:
    """Return the shortest interval with 95 % of the posterior of the share under Beta(concentration, concentration)."""
    share = np.linspace(0.0005, 0.9995, 1000)
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    weight = weight / weight.sum()
    yes = expit(2 * (np.sqrt(share) * node[:, None, None] + np.sqrt(1 - share) * node[None, :, None]))
    log_density = stats.beta(concentration, concentration).logpdf(share)
    for person in ANSWERS:
        about = [
            np.einsum("gds,d->gs", np.prod([np.where(answer, yes, 1 - yes) for answer in pair], axis=0), weight)
            for pair in (person[:2], person[2:])
        ]
        log_density += np.log(np.einsum("gs,g->s", about[0] * about[1], weight))
    mass = np.cumsum(np.exp(log_density - log_density.max()))
    mass /= mass[-1]
    ends = [(low, np.searchsorted(mass, mass[low] + 0.95)) for low in range(999) if mass[low] < 0.05]
    low, high = min((pair for pair in ends if pair[1] < 1000), key=lambda pair: pair[1] - pair[0])
    return float(share[low]), float(share[high])


@pytest.mark.trust("where a prior decides a verdict, fits under other priors say that it changes with it")
def test_a_verdict_that_the_prior_decides_changes_with_it(tmp_path: Path, extent: Extent) -> None:
    design = make_design(len(ANSWERS), ("mother", "father"), [Item(name, "self", "-", 0, 1) for name in ("a", "b")])
    method = "nuts" if extent.is_full else "laplace"
    settings = Settings(method=method, seed=1, schedule=Schedule(draws=600), threads=1)  # type: ignore[arg-type]
    fit = fit_answers(SPEC, design, ANSWERS.reshape(-1, 2, 2), settings, study_digest="made in a test")
    estimands = estimate(fit)
    checks = {check.code: check.message for check in diagnose(fit, estimands).checks}
    assert warrants_refits(fit, estimands)
    assert SHARE in checks.get("F533", ""), checks
    run = save(fit, tmp_path / "run")
    found = sensitivity(fit, folder=run, where=Where(workers=2 if extent.is_full else 0))
    assert {refit.status for refit in found.refits.values()} <= {"trustworthy", "caution"}, found.words
    told = {"default": found.default[SHARE], "wide": found.at(SHARE, "wide"), "tight": found.at(SHARE, "tight")}
    words = {"default": "hierarchical", "wide": "undecided", "tight": "hierarchical"}
    for column, concentration in {"default": 4, "wide": 2, "tight": 8}.items():
        one = told[column]
        assert one is not None
        assert one.conclusion == words[column]
        assert (one.ci_low, one.ci_high) == pytest.approx(interval_by_quadrature(concentration), abs=0.05)
    assert found.changed == (SHARE,)
    assert "changes with the priors" in found.words[0]
    assert len(list(run.glob("sensitivity/*/pieces/*.json"))) == 2
    extent.found(f"{method}: hierarchical as fitted, undecided under wide, hierarchical under tight priors")
