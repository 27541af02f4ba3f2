"""Whose methods a run used, so that the report can cite them; what was not used is not cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .contents import ReportContents

_ALWAYS = (
    "Graded response model: Samejima, F. (1969). Estimation of latent ability using a response pattern of graded "
    "scores. Psychometrika Monograph 17. doi:10.1007/BF03372160",
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
_PARETO = (
    "Importance sampling: Vehtari, A., Simpson, D., Gelman, A., Yao, Y., & Gabry, J. (2024). Pareto smoothed "
    "importance sampling. Journal of Machine Learning Research, 25(72). arXiv:1507.02646"
)
_SHARES = (
    "Decision rule: Kruschke, J. K. (2018). Rejecting or accepting parameter values in Bayesian estimation. Advances "
    "in Methods and Practices in Psychological Science, 1, 270–280. doi:10.1177/2515245918771304"
)
_COMPARISON = (
    "Leave-one-out: Vehtari, A., Gelman, A., & Gabry, J. (2017). Practical Bayesian model evaluation using "
    "leave-one-out cross-validation and WAIC. Statistics and Computing, 27, 1413–1432. doi:10.1007/s11222-016-9696-4",
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


def citations(contents: ReportContents) -> tuple[str, ...]:
    """Return the references of the methods that were used."""
    nuts = contents.fit.about["method"] == "nuts"
    several = len(contents.fit.design.relationships) > 1
    return (
        *_ALWAYS,
        *(_NUTS if nuts else ()),
        *([_PARETO] if not nuts or contents.comparison is not None else []),
        *([_SHARES] if contents.shares else []),
        *(_COMPARISON if contents.comparison is not None else ()),
        *([_PROFILES] if several and contents.profiles is not None else []),
    )
