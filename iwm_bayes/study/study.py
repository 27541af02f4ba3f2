"""What was observed: a frozen record of answers as they stand in the file, and two views of it for a model.

`design` is the study without its answers, `category` the answers as numbers from 0 in the direction each item is
worded. Both are for one occasion. Keys are part of the model and are not applied here.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DesignError, Problem, did_you_mean
from .codebook import Codebook
from .covariates import CovariateValues
from .design import Design, Item
from .flow import Flow
from .items import ItemRules
from .values import Cells, worded
from .wording import counted

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Study:
    """A study as observed.

    Parameters
    ----------
    codebook
        Where the columns, keys and ranges came from.
    rules
        The items in use and how the file records them.
    persons
        Identifiers of the persons with at least one answer, in order of first appearance.
    relationships
        The reference first.
    occasions
        In order; one label where there is one occasion.
    cells
        The answers as recorded, in order of person, relationship, occasion and item; `row` is the line of the file.
    not_applicable
        Whether a relationship does not exist for a person, (person, relationship, occasion).
    clusters
        The unit of each person that is held out whole, such as a family; None where that is the person.
    covariates
        Columns about the person, in the order of `persons`.
    flow
        From the file to the analysis.
    problems
        Warnings and notes; a study with errors does not exist.
    cluster_count
        How many values the codebook's `cluster` column has, such as school classes: reported, not modelled.
    answers_file
        Name of the file of answers, without its folder, where another one was given than the codebook names.
    """

    codebook: Codebook
    rules: tuple[ItemRules, ...]
    persons: tuple[str, ...]
    relationships: tuple[str, ...]
    occasions: tuple[str, ...]
    cells: Cells
    not_applicable: np.ndarray
    clusters: tuple[str, ...] | None
    covariates: Mapping[str, CovariateValues]
    flow: Flow
    problems: tuple[Problem, ...]
    cluster_count: int | None = None
    answers_file: str | None = None

    def __post_init__(self) -> None:
        self.not_applicable.flags.writeable = False
        for name in self.cells.__dataclass_fields__:
            getattr(self.cells, name).flags.writeable = False

    @property
    def name(self) -> str:
        """The study's name."""
        return self.codebook.name

    @property
    def title(self) -> str:
        """The study's title, or its name where it has none."""
        return self.codebook.title or self.codebook.name

    @property
    def items(self) -> tuple[Item, ...]:
        """The items in use."""
        return tuple(rule.item for rule in self.rules)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what was observed: the same for a wide and a long file, a reversed and a raw one.

        It covers answers, items, relationships, occasions and who is held out with whom, and no identifier.
        """
        return _digest(self)

    @cached_property
    def answers(self) -> xr.Dataset:
        """The answers in long form: one row per answer, as recorded; a missing answer is an absent row."""
        import xarray as xr

        cells = self.cells
        long = {"value": ("answer", cells.value), "row": ("answer", cells.row)}
        keys = {name: ("answer", getattr(cells, name)) for name in ("person", "relationship", "occasion", "item")}
        about = {name: ("person_label", values.values) for name, values in self.covariates.items()}
        labels = {
            "person_label": list(self.persons),
            "relationship_label": list(self.relationships),
            "occasion_label": list(self.occasions),
            "item_label": [item.name for item in self.items],
        }
        flag = {"not_applicable": (("person_label", "relationship_label", "occasion_label"), self.not_applicable)}
        attributes = {"name": self.name, "digest": self.digest}
        return xr.Dataset({**keys, **long, **flag, **about}, coords=labels, attrs=attributes)

    def design(self, occasion: str | None = None) -> Design:
        """Return the study without its answers, at one occasion.

        Raises
        ------
        DesignError
            ``P301`` several occasions and none chosen, ``P302`` no such occasion, ``P303`` scale scores over
            occasions, ``P304`` one scale score per relationship.
        """
        number = self._occasion(occasion)
        observed, persons = self._category(number)[1:]
        return Design(
            persons=tuple(self.persons[person] for person in persons),
            relationships=self.relationships,
            items=self.items,
            occasions=(self.occasions[number],),
            observed=observed,
            not_applicable=self.not_applicable[persons, :, number],
            clusters=None if self.clusters is None else tuple(self.clusters[person] for person in persons),
            name=self.name,
        )

    def category(self, occasion: str | None = None) -> np.ndarray:
        """Return the answers at one occasion from 0 in the worded direction, (person, relationship, item); -1 absent.

        The persons are those of `design`. Items that the file holds reversed are turned back; keys are not applied.
        """
        return self._category(self._occasion(occasion))[0]

    def _category(self, occasion: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return categories, where they are observed, and which persons they belong to."""
        cells = self.cells.where(self.cells.occasion == occasion)
        category = np.full((len(self.persons), len(self.relationships), len(self.rules)), -1, np.int16)
        category[cells.person, cells.relationship, cells.item] = worded(cells, self.rules)
        category = category[cells.persons()]
        return category, category >= 0, cells.persons()

    def _occasion(self, occasion: str | None) -> int:
        """Return the number of the occasion to be fitted, or say why this study cannot be."""
        if self.codebook.scores is not None:
            raise _scores_cannot_be_fitted(self)
        entry = self.codebook.occasions
        chosen = entry.fitted if occasion is None else entry.codes.get(occasion, occasion)
        if chosen is None and len(self.occasions) > 1:
            fix = f'Choose one: [occasions] use = "{self.occasions[0]}". Fitting them together needs a model of change.'
            raise DesignError("P301", f"{self.name} has {len(self.occasions)} occasions and none is chosen.", fix=fix)
        if chosen is not None and chosen not in self.occasions:
            message = f'{self.name} has no occasion "{chosen}".'
            raise DesignError("P302", message, fix=did_you_mean(chosen, self.occasions))
        return self.occasions.index(chosen) if chosen is not None else 0

    def _repr_html_(self) -> str:
        found = "".join(f"<li><code>{p.code}</code> {html.escape(p.message)}</li>" for p in self.problems)
        return f"<h4>{html.escape(self.title)}</h4><p>{html.escape(summary_of(self))}</p>{self.flow._repr_html_()}" + (
            f"<ul>{found}</ul>" if found else ""
        )


def summary_of(study: Study) -> str:
    """Return the size of a study in one line."""
    parts = [counted(len(study.persons), "person")]
    if study.clusters is not None:
        parts.append(counted(len(set(study.clusters)), "family", "families"))
    if study.cluster_count is not None:
        parts.append(f"{counted(study.cluster_count, 'cluster')} ({study.codebook.cluster})")
    if len(study.relationships) > 1:
        parts.append(counted(len(study.relationships), "relationship"))
    if len(study.occasions) > 1:
        parts.append(counted(len(study.occasions), "occasion"))
    parts.append(counted(len(study.items), "item" if study.codebook.scores is None else "scale score"))
    missing = sum(step.answers for step in study.flow.steps if step.reason == "missing")
    read = study.flow.steps[0].answers
    return " · ".join([*parts, f"{100 * missing / max(1, read):.1f} % missing"])


def _scores_cannot_be_fitted(study: Study) -> DesignError:
    if len(study.occasions) > 1:
        message = f"{study.name} has one scale score per dimension at {len(study.occasions)} occasions."
        return DesignError("P303", message, fix="That needs a model of change, which this version does not have.")
    message = (
        f"{study.name} has one scale score per relationship and no information on its reliability. Without it a single "
        "working model and a hierarchical one predict exactly the same scores: measurement error and what is specific "
        "to a relationship cannot be told apart."
    )
    return DesignError("P304", message, fix="Give the answers to the items, or two parcels per scale.")


def _digest(study: Study) -> str:
    families = {name: number for number, name in enumerate(dict.fromkeys(study.clusters or ()))}
    header = {
        "items": [
            [item.name, item.dimension, item.keyed, item.low, item.high, sorted((item.loadings or {}).items())]
            for item in study.items
        ],
        "relationships": study.relationships,
        "occasions": study.occasions,
        "persons": len(study.persons),
        "clusters": [families[name] for name in study.clusters or ()],
    }
    content = hashlib.sha256(json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode())
    cells = study.cells
    for key in (cells.person, cells.relationship, cells.occasion, cells.item):
        content.update(np.ascontiguousarray(key, "<i4").tobytes())
    scores = study.codebook.scores is not None
    content.update(np.ascontiguousarray(cells.value, "<f8").tobytes() if scores else _bytes(worded(cells, study.rules)))
    content.update(np.packbits(study.not_applicable).tobytes())
    return content.hexdigest()


def _bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, "<i2").tobytes()
