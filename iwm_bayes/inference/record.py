"""A fit as a frozen value: the model file and one labelled tree with everything that was obtained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ..spec import ModelSpec, parse_model
from ..study import Design, Item, Panel
from .panel_record import panel_data, read_panel

if TYPE_CHECKING:
    from .prepare import Prepared


@dataclass(frozen=True, eq=False)
class Fit:
    """A model fitted to a study.

    Attributes
    ----------
    tree
        An ArviZ tree. Groups: ``posterior`` and ``sample_stats`` (chain, draw, ...); ``log_likelihood`` with the
        integrated log density of each person's answers, ``answers`` (chain, draw, person); ``working_models`` with
        ``working_model`` (sample, person, dimension, relationship), drawn at the posterior draws that its coordinates
        ``chain_of_sample`` and ``draw_of_sample`` name, or of a panel of scale scores ``trajectories`` with
        ``working_model`` (chain, draw, person, dimension, relationship, occasion); ``observed_data`` with ``answers``
        (person, relationship, item), categories from 0 and -1 where absent; ``constant_data`` with the items and who
        is held out with whom.
        Persons are numbered; their identifiers are not in the tree.
    prepared
        The compiled model, while the program that made the fit still runs; None after loading.
    """

    tree: xr.DataTree
    prepared: Prepared | None = None

    @cached_property
    def spec(self) -> ModelSpec:
        """The model file."""
        return parse_model(json.loads(self.tree.attrs["model"]))

    @cached_property
    def about(self) -> dict[str, Any]:
        """Digests, seed, what was asked for otherwise than is usual, versions, method, route, accuracy and timings."""
        return json.loads(self.tree.attrs["about"])

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.spec.name

    @property
    def control(self) -> str | None:
        """The negative control that moved the answers; None for a fit of answers as they were given."""
        return self.about.get("asked", {}).get("control")

    @property
    def posterior(self) -> xr.Dataset:
        """The parameters, (chain, draw, ...)."""
        return self.tree["posterior"].to_dataset()

    @property
    def category(self) -> np.ndarray:
        """The answers, (person, relationship, item), categories from 0 and -1 where absent.

        Of a panel the scale scores, (person, relationship, occasion, score), NaN where absent.
        """
        observed = self.tree["observed_data"].to_dataset()
        return np.asarray(observed["scores" if "scores" in observed else "answers"])

    @property
    def answered(self) -> np.ndarray:
        """How many answers or scores there are, (person, relationship)."""
        present = self._present
        return present.reshape(*present.shape[:2], -1).sum(axis=2)

    @cached_property
    def design(self) -> Design:
        """The design of a study of one occasion, with numbers for persons; for either, see `observed_design`."""
        constant = self.tree["constant_data"].to_dataset()
        items = tuple(Item(**item) for item in json.loads(constant.attrs["items"]))
        clusters = constant["cluster"].values
        persons = tuple(str(number) for number in range(constant.sizes["person"]))
        return Design(
            persons=persons,
            relationships=tuple(str(name) for name in constant["relationship"].values),
            items=items,
            occasions=(str(constant.attrs["occasion"]),),
            observed=self.category >= 0,
            not_applicable=constant["not_applicable"].values.astype(bool),
            clusters=None if len(set(clusters)) == len(clusters) else tuple(map(str, clusters)),
            name=str(constant.attrs["study"]),
        )

    @property
    def relationships(self) -> tuple[str, ...]:
        """The relationships, the reference first."""
        return tuple(str(name) for name in self.tree["constant_data"].to_dataset()["relationship"].values)

    @property
    def observed_design(self) -> Design | Panel:
        """What was fitted: the design of one occasion, or the panel of a model of change."""
        return self.design if self.spec.change is None else self.panel

    @cached_property
    def panel(self) -> Panel:
        """The panel of a model of change, with numbers for persons."""
        return read_panel(self.tree["constant_data"].to_dataset(), self._present)

    @property
    def _present(self) -> np.ndarray:
        """Whether there is an answer, or a score, in the shape of `category`."""
        return np.isfinite(self.category) if self.category.dtype.kind == "f" else self.category >= 0

    def __repr__(self) -> str:
        sizes = self.posterior.sizes
        return f"<Fit of {self.name}: {sizes['chain']} chains of {sizes['draw']} draws, {len(self.category)} persons>"

    def _repr_html_(self) -> str:
        return f"<p>{self.__repr__()[1:-1]}; method {self.about['method']}.</p>" + self.tree._repr_html_()


def describe_items(design: Design) -> str:
    """Return the items of a design as JSON, from which `Fit.design` makes them again."""
    fields = ("name", "dimension", "keyed", "low", "high")
    rows = []
    for item in design.items:
        row: dict[str, Any] = {field: getattr(item, field) for field in fields}
        rows.append(row | {"loadings": None if item.loadings is None else dict(item.loadings)})
    return json.dumps(rows)


def constant_data(design: Design | Panel) -> xr.Dataset:
    """Return what is known of a design without its answers or identifiers."""
    if isinstance(design, Panel):
        return panel_data(design)
    clusters = design.clusters or tuple(map(str, range(len(design.persons))))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    return xr.Dataset(
        {
            "cluster": ("person", np.array([numbers[name] for name in clusters])),
            "not_applicable": (("person", "relationship"), design.not_applicable),
        },
        coords={"person": np.arange(len(design.persons)), "relationship": list(design.relationships)},
        attrs={"items": describe_items(design), "occasion": design.occasions[0], "study": design.name},
    )
