"""Whose methods a run used, so that the report can cite them; what was not used is not cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .contents import ReportContents

_GRADED = (
    "Graded response model: Samejima, F. (1969). Estimation of latent ability using a response pattern of graded "
    "scores. Psychometrika Monograph 17. doi:10.1007/BF03372160"
)
_ALWAYS = (
    "Model language: Abril-Pla, O., et al. (2023). PyMC: a modern, and comprehensive probabilistic programming "
    "framework in Python. PeerJ Computer Science, 9, e1516. doi:10.7717/peerj-cs.1516",
    "Reporting: Kruschke, J. K. (2021). Bayesian analysis reporting guidelines. Nature Human Behaviour, 5, 1282–1291. "
    "doi:10.1038/s41562-021-01177-7",
)
_NUTS = (
    "Sampling: Hoffman, M. D., & Gelman, A. (2014). The no-U-turn sampler. Journal of Machine Learning Research, 15, "
    "1593–1623. arXiv:1111.4246",
    "Steps: Shahbaba, B., Lan, S., Johnson, W. O., & Neal, R. M. (2014). Split Hamiltonian Monte Carlo. Statistics and "
    "Computing, 24, 339–349. doi:10.1007/s11222-012-9373-1",
    "Convergence: Vehtari, A., Gelman, A., Simpson, D., Carpenter, B., & Bürkner, P.-C. (2021). Rank-normalization, "
    "folding, and localization: an improved R-hat. Bayesian Analysis, 16, 667–718. doi:10.1214/20-BA1221",
    "Energy diagnostic: Betancourt, M. (2016). Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte "
    "Carlo. arXiv:1604.00695",
)
_LAPLACE = (
    "Normal approximation: Tierney, L., & Kadane, J. B. (1986). Accurate approximations for posterior moments and "
    "marginal densities. Journal of the American Statistical Association, 81, 82–86. doi:10.1080/01621459.1986.10478240"
)
_SCALING = (
    "Weight of the priors: Kallioinen, N., Paananen, T., Bürkner, P.-C., & Vehtari, A. (2024). Detecting and "
    "diagnosing prior and likelihood sensitivity with power-scaling. Statistics and Computing, 34, 57. "
    "doi:10.1007/s11222-023-10366-5"
)
_MATCHING = (
    "Moment matching: Paananen, T., Piironen, J., Bürkner, P.-C., & Vehtari, A. (2021). Implicitly adaptive importance "
    "sampling. Statistics and Computing, 31, 16. doi:10.1007/s11222-020-09982-2"
)
_PARETO = (
    "Importance sampling: Vehtari, A., Simpson, D., Gelman, A., Yao, Y., & Gabry, J. (2024). Pareto smoothed "
    "importance sampling. Journal of Machine Learning Research, 25(72). arXiv:1507.02646"
)
_SHARES = (
    "Decision rule: Kruschke, J. K. (2018). Rejecting or accepting parameter values in Bayesian estimation. Advances "
    "in Methods and Practices in Psychological Science, 1, 270–280. doi:10.1177/2515245918771304"
)
_LEFT_OUT = (
    "Vehtari, A., Gelman, A., & Gabry, J. (2017). Practical Bayesian model evaluation using leave-one-out "
    "cross-validation and WAIC. Statistics and Computing, 27, 1413–1432. doi:10.1007/s11222-016-9696-4"
)
_COMPARISON = (
    "Integrated densities: Merkle, E. C., Furr, D., & Rabe-Hesketh, S. (2019). Bayesian comparison of latent "
    "variable models. Psychometrika, 84, 802–829. doi:10.1007/s11336-019-09679-0",
    "Weights: Yao, Y., Vehtari, A., Simpson, D., & Gelman, A. (2018). Using stacking to average Bayesian predictive "
    "distributions. Bayesian Analysis, 13, 917–1007. doi:10.1214/17-BA1091",
    "Ties: Sivula, T., Magnusson, M., Matamoros, A. A., & Vehtari, A. (2020). Uncertainty in Bayesian leave-one-out "
    "cross-validation based model comparison. arXiv:2008.10296",
)
_PROFILES = (
    "Profiles: Fraley, R. C., Heffernan, M. E., Vicary, A. M., & Brumbaugh, C. C. (2011). The Experiences in Close "
    "Relationships–Relationship Structures questionnaire. Psychological Assessment, 23, 615–625. doi:10.1037/a0022898"
)


_CONTINUOUS = (
    "Continuous time: Oud, J. H. L., & Jansen, R. A. R. G. (2000). Continuous time state space modeling of panel data "
    "by means of SEM. Psychometrika, 65, 199–215. doi:10.1007/BF02294374",
    "Panel data: Voelkle, M. C., Oud, J. H. L., Davidov, E., & Schmidt, P. (2012). An SEM approach to continuous time "
    "modeling of panel data. Psychological Methods, 17, 176–192. doi:10.1037/a0027543",
)
_TRAIT_AND_STATE = (
    "Trait and state: Kenny, D. A., & Zautra, A. (1995). The trait-state-error model for multiwave data. Journal of "
    "Consulting and Clinical Psychology, 63, 52–59. doi:10.1037/0022-006X.63.1.52",
    "Prototype and revisionist: Fraley, R. C. (2002). Attachment stability from infancy to adulthood. Personality and "
    "Social Psychology Review, 6, 123–151. doi:10.1207/S15327957PSPR0602_03",
)
_RELIABLE = (
    "Reliable change: Jacobson, N. S., & Truax, P. (1991). Clinical significance: a statistical approach to defining "
    "meaningful change in psychotherapy research. Journal of Consulting and Clinical Psychology, 59, 12–19. "
    "doi:10.1037/0022-006X.59.1.12"
)


def citations(contents: ReportContents) -> tuple[str, ...]:
    """Return the references of the methods that were used."""
    nuts, compared = contents.fit.about["method"] == "nuts", contents.comparison is not None
    change = contents.change
    return (
        *([_GRADED] if change is None else []),
        *_ALWAYS,
        *(_NUTS if nuts else [_LAPLACE]),
        *([_PARETO] if not nuts or compared or contents.left_out is not None else []),
        *([_SCALING] if _priors_were_scaled(contents) else []),
        *([_SHARES] if contents.shares or (change is not None and change.in_the_end) else []),
        *(_CONTINUOUS if _is_continuous(contents) else ()),
        *(_TRAIT_AND_STATE if change is not None and change.in_the_end else ()),
        *([_RELIABLE] if change is not None and change.trajectories is not None else []),
        *_left_out(contents),
        *(_COMPARISON if compared else ()),
        *([_PROFILES] if contents.profiles is not None else []),
    )


def _is_continuous(contents: ReportContents) -> bool:
    """Whether a state moves between occasions."""
    return contents.change is not None and any(
        fit.spec.change is not None and fit.spec.change.process != "static" for fit in contents.fits
    )


def _priors_were_scaled(contents: ReportContents) -> bool:
    """Whether the diagnosis came so far."""
    return contents.diagnosis.was_completed


def _left_out(contents: ReportContents) -> tuple[str, ...]:
    """Return the references of leaving persons out, with the ways in which it was done."""
    repairs = () if contents.comparison is None else contents.comparison.repairs
    if contents.comparison is None and contents.left_out is None:
        return ()
    ways = "Leave-one-out and K-fold cross-validation" if "folds" in repairs else "Leave-one-out"
    return (f"{ways}: {_LEFT_OUT}", *([_MATCHING] if "moment_matching" in repairs else []))
