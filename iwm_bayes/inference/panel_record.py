"""A panel as a dataset without identifiers, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..study import Event, Input, Item, Panel, Score

_INPUT, _EVENT = ("person", "start", "stop", "value"), ("person", "time", "dose", "construal")


def panel_data(panel: Panel) -> xr.Dataset:
    """Return what is known of a panel without its answers or identifiers."""
    clusters = panel.clusters or tuple(map(str, range(len(panel.persons))))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    variables: dict[str, Any] = {
        "cluster": ("person", np.array([numbers[name] for name in clusters])),
        "not_applicable": (("person", "relationship", "occasion"), panel.not_applicable),
        "time": (("person", "occasion"), panel.time),
    }
    for kind, names, table in (("input", _INPUT, panel.inputs), ("event", _EVENT, panel.events)):
        for number, one in enumerate(table):
            for name in names:
                variables[f"{kind}_{number}_{name}"] = (f"{kind}_{number}_row", getattr(one, name))
    return xr.Dataset(
        variables,
        coords={
            "person": np.arange(len(panel.persons)),
            "relationship": list(panel.relationships),
            "occasion": list(panel.occasions),
        },
        attrs={
            "study": panel.name,
            "unit": panel.unit,
            "scores": json.dumps([_plain(score) for score in panel.scores]),
            "items": json.dumps([_plain(item) for item in panel.items]),
            "inputs": json.dumps([[one.name, one.convention] for one in panel.inputs]),
            "events": json.dumps([one.name for one in panel.events]),
        },
    )


def read_panel(data: xr.Dataset, observed: np.ndarray) -> Panel:
    """Return the panel that `panel_data` described, with numbers for persons."""
    clusters = data["cluster"].values
    attributes = data.attrs

    def columns(kind: str, number: int, names: Sequence[str]) -> dict[str, np.ndarray]:
        return {name: data[f"{kind}_{number}_{name}"].values for name in names}

    inputs = [
        Input(name=name, convention=convention, **columns("input", number, _INPUT))
        for number, (name, convention) in enumerate(json.loads(attributes["inputs"]))
    ]
    events = [
        Event(name=name, **columns("event", number, _EVENT))
        for number, name in enumerate(json.loads(attributes["events"]))
    ]
    return Panel(
        persons=tuple(str(number) for number in range(data.sizes["person"])),
        relationships=tuple(str(name) for name in data["relationship"].values),
        occasions=tuple(str(name) for name in data["occasion"].values),
        items=tuple(Item(**item) for item in json.loads(attributes["items"])),
        scores=tuple(Score(**score) for score in json.loads(attributes["scores"])),
        unit=attributes["unit"],
        time=data["time"].values,
        observed=observed,
        not_applicable=data["not_applicable"].values.astype(bool),
        clusters=None if len(set(clusters)) == len(clusters) else tuple(map(str, clusters)),
        inputs=tuple(inputs),
        events=tuple(events),
        name=str(attributes["study"]),
    )


def _plain(record: Item | Score) -> dict[str, Any]:
    """Return a record as plain values."""
    names = record.__dataclass_fields__
    values = {name: getattr(record, name) for name in names}
    return {name: dict(value) if hasattr(value, "keys") else value for name, value in values.items()}
