"""Every threshold on which a verdict rests, in one frozen record, with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from ..planning import RULES


@dataclass(frozen=True)
class Thresholds:
    """What counts as practically single, as converged, as a tie.

    Attributes
    ----------
    interval
        Probability inside every interval.
    single, specific
        A general share above, or below, is practically a single model, or practically none in common; the rule of
        Kruschke (2018, doi 10.1177/2515245918771304) on the highest-density interval.
    prototype
        A test-retest correlation that stays above it after a very long time speaks for a prototype.
    no_trait
        A share of the trait, in what is stable from moment to moment, below it is as good as none.
    spans
        A half-life beyond so many spans of the study is not printed as a number: nothing tells it from forever.
    half_life_sd
        A half-life the SD of whose logarithm is larger is hardly known; its prior has an SD of 1.
    static
        A half-life below this share of the median interval between occasions makes the algebraic system adequate.
    weak_determinism, strong_determinism
        An early measure that explains less of the later variance hardly decides it, one that explains more mostly does.
    reliable_change, reliable_probability
        A person's working model has changed reliably where it has risen, or fallen, by more than so many latent SDs
        with at least this probability.
    security_lasts, security_occasions
        Earned security has lasted for so many years (waves where their spacing is unknown), and is asked only of
        persons with so many occasions.
    practically_zero
        A correlation or a difference of means, in latent SDs, that is nearer to zero is practically zero.
    loop
        A loop gain, the product of what two dimensions do to each other, that is nearer to zero is practically none.
    same_sign
        Two effects that have the same sign with this probability may be compared by the ratio of their sizes.
    style
        Probability that a style needs to be named; below it is "unclear".
    rhat, ess
        Of headline estimands; Vehtari et al. (2021, doi 10.1214/20-BA1221).
    other_rhat, other_ess
        Of other structural parameters, for "caution".
    chains, draws
        Fewest chains, and fewest draws per chain, from which convergence can be judged.
    standstill
        Largest share of a chain over which a parameter may keep one value.
    repeated
        Largest share of draws that may have the value of a draw of another chain, or of an earlier one.
    chains_together
        Largest correlation of two chains, draw by draw; that of 100 independent draws is above .5 once in 10 million.
    divergences
        Largest share of divergent draws.
    bfmi
        Smallest energy fraction of missing information; Betancourt (2016, arXiv 1604.00695).
    tree_steps, long_trees
        Gradients of a draw whose path was ended by its length and not by turning round, and the largest share of them.
    tail_pareto_k
        Of the tails of a parameter's draws; from there on its SD, and the error of its mean, are not known.
    laplace_pareto_k, laplace_ess
        Of the importance weights of the quick look; Vehtari et al. (2024, arXiv 1507.02646).
    integration_error
        Nats, summed over persons.
    parameters_per_person
        Where p_loo is a larger share of the persons, importance sampling is not relied on.
    many_parameters_per_person
        Where the model has more parameters than this share of the persons, the remedy is named.
    prior_sensitivity
        Cumulative Jensen-Shannon distance per doubling of the prior; Kallioinen et al. (2023,
        doi 10.1007/s11222-023-10366-5).
    misfit
        Largest share of a statistic's values outside the 95 % intervals of what the model predicts before the model is
        said not to fit in that respect: four times what chance brings.
    tie
        Nats of elpd within which models predict equally well; Sivula et al. (2020, arXiv 2008.10296).
    standard_errors
        How many standard errors of the difference make a preference.
    refits
        Up to so many persons are refitted one by one; with more, all are left out in `folds` folds.
    """

    interval: float = 0.95
    single: float = 0.90
    specific: float = 0.10
    prototype: float = 0.20
    no_trait: float = 0.05
    spans: float = 4.0
    half_life_sd: float = RULES.half_life_sd
    static: float = 0.2
    weak_determinism: float = 0.10
    strong_determinism: float = 0.50
    reliable_change: float = 0.5
    reliable_probability: float = 0.95
    security_lasts: float = 1.0
    security_occasions: int = 5
    practically_zero: float = 0.10
    loop: float = 0.05
    same_sign: float = 0.95
    style: float = 0.80
    rhat: float = 1.01
    ess: float = 400.0
    other_rhat: float = 1.05
    other_ess: float = 100.0
    chains: int = 4
    draws: int = 100
    standstill: float = 0.05
    repeated: float = 0.01
    chains_together: float = 0.9
    divergences: float = 0.001
    bfmi: float = 0.3
    tree_steps: int = 1025
    long_trees: float = 0.01
    tail_pareto_k: float = 0.7
    laplace_pareto_k: float = 0.7
    laplace_ess: float = 400.0
    integration_error: float = 1.0
    parameters_per_person: float = 0.2
    many_parameters_per_person: float = 0.25
    prior_sensitivity: float = 0.05
    misfit: float = 0.20
    tie: float = 4.0
    standard_errors: float = 2.0
    refits: int = 10
    folds: int = 10


THRESHOLDS = Thresholds()
