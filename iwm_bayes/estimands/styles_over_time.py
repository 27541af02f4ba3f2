"""Attachment styles of persons at each occasion, as probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from .styles import STYLES
from .trajectories import has_styles, trajectories_of
from .transitions import style_numbers

if TYPE_CHECKING:
    from ..inference import Fit


def styles_over_time(fit: Fit) -> xr.DataArray | None:
    """Return the probability of each style, (cut, person, relationship, occasion, style).

    It is the share of the draws of a person's working models that lie in the quadrant; NaN where a person was not
    observed. A label without its probability is never given: two administrations disagree often without any change
    (see `transitions`). None where working models over time were not drawn, or the dimensions are not self and others.
    """
    found = trajectories_of(fit)
    if found is None or not has_styles(fit):
        return None
    order = [fit.spec.field.dimensions.index(name) for name in ("self", "others")]
    models = np.moveaxis(found.models[:, :, :, order], 4, 3)  # relationships before dimensions
    made = []
    for border in found.cuts.values():
        style = style_numbers(models, border[:, :, None, None, order])
        shares = np.stack([(style == number).mean(axis=(0, 1)) for number in range(len(STYLES))], axis=-1)
        made.append(np.where(found.seen[..., None], shares, np.nan))
    coords = {
        "cut": list(found.cuts),
        "person": np.arange(len(found.time)),
        "relationship": list(fit.relationships),
        "occasion": list(fit.panel.occasions),
        "style": list(STYLES),
    }
    return xr.DataArray(np.stack(made), dims=tuple(coords), coords=coords, name="probability")
