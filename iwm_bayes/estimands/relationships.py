"""How relationships differ on average: means and standard deviations against the reference relationship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .draws import independent_draws
from .estimand import Estimand, summarise
from .structure import zero_regions
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit


def relationship_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return means and SDs of the relationships other than the reference, where the model leaves them free."""
    posterior, worth = fit.posterior, independent_draws(fit)
    means_at, sds_at = posterior["relationship_mean"].values, posterior["relationship_sd"].values
    reference, *others = fit.relationships
    cells = [(d, c) for d in enumerate(fit.spec.field.dimensions) for c in enumerate(others, start=1)]
    means, sds = [], []
    for (d, dimension), (c, relationship) in cells:
        mean, sd = means_at[:, :, d, c], sds_at[:, :, d, c]
        label = f"Mean of {dimension} with {relationship}, in SDs with {reference}"
        regions = zero_regions(mean, thresholds)
        name = f"relationship_mean[{dimension},{relationship}]"
        means.append(summarise(name, label, mean, regions=regions, headline=True, independent=worth))
        label = f"SD of {dimension} with {relationship}, in SDs with {reference}"
        sds.append(summarise(f"relationship_sd[{dimension},{relationship}]", label, sd, independent=worth))
    free = fit.spec.field
    return [*(means if free.relationship_means == "free" else []), *(sds if free.relationship_sds == "free" else [])]
