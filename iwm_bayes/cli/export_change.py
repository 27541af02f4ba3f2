"""Tables of `iwm export` of models of change: persons' working models, styles and change over their occasions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..inference import Fit


def trajectory_table(fit: Fit) -> pd.DataFrame:
    """Return a row for each person, relationship, dimension and observed occasion: the working model with its interval.

    In SD of the reference relationship, without what belongs to one occasion alone; `time` is since the person's first
    occasion.
    """
    from ..estimands import trajectories_of

    found = trajectories_of(with_trajectories(fit))
    assert found is not None
    shape = found.models.shape
    models = found.models.reshape(-1, *shape[2:])
    with np.errstate(invalid="ignore"):
        low, median, high = np.quantile(models, [0.025, 0.5, 0.975], axis=0)
    statistics = {"median": median, "sd": models.std(axis=0, ddof=1), "low": low, "high": high}
    columns = {name: value.transpose(0, 2, 1, 3).reshape(-1) for name, value in statistics.items()}
    labels = {
        "person": range(shape[2]),
        "relationship": list(fit.relationships),
        "dimension": list(fit.spec.field.dimensions),
        "occasion": list(fit.panel.occasions),
    }
    table = _product(labels, columns)
    time = np.broadcast_to(fit.panel.time[:, None, None], (shape[2], shape[4], shape[3], shape[5]))
    table.insert(4, "time", time.reshape(-1))
    return table.dropna(subset=["median"]).reset_index(drop=True)


def style_over_time_table(fit: Fit) -> pd.DataFrame:
    """Return a row for each person, relationship, observed occasion and cut, with the probability of each style and the
    style that is probable enough to be named, else ``unclear``.
    """
    from ..estimands import THRESHOLDS, styles_over_time
    from ..estimands.styles import UNCLEAR

    probability = styles_over_time(with_trajectories(fit))
    if probability is None:
        message = f"{fit.name} has the dimensions {', '.join(fit.spec.field.dimensions)}; styles need self and others."
        raise UsageError("U422", message, fix="Use --what trajectories.")
    whole: xr.DataArray = probability.transpose("person", "relationship", "occasion", "cut", "style")
    names = [str(name) for name in whole["style"].values]
    flat = whole.values.reshape(-1, len(names))
    labels = {name: list(whole[name].values) for name in ("person", "relationship", "occasion", "cut")}
    table = _product(labels, dict(zip(names, flat.T, strict=True)))
    table = table.dropna(subset=names).reset_index(drop=True)
    values = table[names].to_numpy()
    named = np.array(names)[values.argmax(axis=1)]
    table["label"] = np.where(values.max(axis=1) >= THRESHOLDS.style, named, UNCLEAR)
    return table


def change_table(fit: Fit) -> pd.DataFrame:
    """Return a row for each person seen at two occasions at least, relationship and dimension: how much the working
    model changed from the first to the last, and the probabilities of a rise and of a fall by more than the threshold.
    """
    from ..estimands import DIRECTIONS, individual_change

    found = individual_change(with_trajectories(fit))
    assert found is not None
    change = found.change.reshape(-1, *found.change.shape[2:])
    with np.errstate(invalid="ignore"):
        low, median, high = np.quantile(change, [0.025, 0.5, 0.975], axis=0)
    statistics = {"median": median, "sd": change.std(axis=0, ddof=1), "low": low, "high": high}
    statistics |= {f"probability_of_{name}": row for name, row in zip(DIRECTIONS, found.probability, strict=True)}
    columns = {name: value.transpose(0, 2, 1).reshape(-1) for name, value in statistics.items()}
    labels = {
        "person": range(change.shape[1]),
        "relationship": list(fit.relationships),
        "dimension": list(fit.spec.field.dimensions),
    }
    table = _product(labels, columns).dropna(subset=["median"]).reset_index(drop=True)
    sides = [(table[f"probability_of_{name}"] >= found.least).to_numpy() for name in DIRECTIONS]
    table["reliable"] = np.select(sides, list(DIRECTIONS), "no")
    return table


def with_trajectories(fit: Fit) -> Fit:
    """Return the fit with persons' working models over time, drawn now where it does not have them.

    Raises
    ------
    UsageError
        U213 where they cannot be drawn.
    """
    from ..inference import add_trajectories, has_trajectories

    return fit if has_trajectories(fit) else add_trajectories(fit)


def _product(labels: Mapping[str, Sequence[object]], columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_product(list(labels.values()), names=list(labels))
    return pd.DataFrame(columns, index=index).reset_index()
