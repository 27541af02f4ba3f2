"""What was observed: a frozen record of answers as they stand in the file, and the views of it for a model.

`design` is the study without its answers, `category` the answers as numbers from 0 in the direction each item is
worded. Both are for one occasion; `panel` and `panel_values` are the same two views over all occasions. Keys are part
of the model and are not applied here.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Problem
from .change import Change
from .codebook import Codebook
from .covariates import CovariateValues
from .design import Design, Item
from .digest import digest_of
from .flow import Flow
from .items import ItemRules
from .one_occasion import design_of, occasion_to_fit
from .panel import Panel, Score, score_of
from .summary import over_time, summary_of
from .told import without_values
from .values import Cells, worded

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
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
    change
        Times, inputs and events; None for one occasion with neither.
    answers_file
        Name of the file of answers, without its folder, where another one was given than the codebook names.
    control
        The negative control that moved the answers, as `control_study` does; None for answers as they were given.
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
    change: Change | None = None
    answers_file: str | None = None
    control: str | None = None

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

    @property
    def observed(self) -> np.ndarray:
        """Whether a person gave any answer at an occasion, (person, occasion)."""
        observed = np.zeros((len(self.persons), len(self.occasions)), bool)
        observed[self.cells.person, self.cells.occasion] = True
        return observed

    @property
    def scores(self) -> tuple[Score, ...]:
        """The scale scores, where the file has these instead of answers to items."""
        if self.codebook.scores is None:
            return ()
        return tuple(score_of(name, entry) for name, entry in self.codebook.scores.entries.items())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what was observed: the same for a wide and a long file, a reversed and a raw one.

        It covers answers, items, relationships, occasions and who is held out with whom, and no identifier; over
        several occasions also their times, with inputs and events. That of a negative control is never that of a study.
        """
        found = digest_of(self)
        return found if self.control is None else hashlib.sha256(f"{self.control} {found}".encode()).hexdigest()

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
        attributes = {"name": self.name, "digest": self.digest, "over_time": " · ".join(over_time(self))}
        return xr.Dataset({**keys, **long, **flag, **about}, coords=labels, attrs=attributes)

    def design(self, occasion: str | None = None) -> Design:
        """Return the study without its answers, at one occasion.

        Raises
        ------
        DesignError
            ``P301`` several occasions and none chosen, ``P302`` no such occasion, ``P303`` scale scores over
            occasions, ``P304`` one scale score per relationship.
        """
        return design_of(self.panel(), self.occasions[self._occasion(occasion)])

    def category(self, occasion: str | None = None) -> np.ndarray:
        """Return the answers at one occasion from 0 in the worded direction, (person, relationship, item); -1 absent.

        The persons are those of `design`. Items that the file holds reversed are turned back; keys are not applied.
        """
        number = self._occasion(occasion)
        cells = self.cells.where(self.cells.occasion == number)
        category = np.full((len(self.persons), len(self.relationships), len(self.rules)), -1, np.int16)
        category[cells.person, cells.relationship, cells.item] = worded(cells, self.rules)
        return category[cells.persons()]

    def panel(self) -> Panel:
        """Return the study over all its occasions, without its answers; what the codebook says to `use` is no limit."""
        scores = self.scores
        change = self.change or Change("wave", np.zeros((len(self.persons), len(self.occasions))))
        return Panel(
            persons=self.persons,
            relationships=self.relationships,
            occasions=self.occasions,
            items=() if scores else self.items,
            scores=scores,
            unit=change.unit,
            time=change.time,
            observed=self._over_occasions(np.ones(len(self.cells), bool), False),
            not_applicable=self.not_applicable,
            clusters=self.clusters,
            inputs=change.inputs,
            events=change.events,
            name=self.name,
        )

    def panel_values(self) -> np.ndarray:
        """Return what was observed at all occasions, (person, relationship, occasion, item or score).

        Answers are numbers from 0 in the worded direction, -1 where absent, as in `category`; scale scores are as
        recorded, NaN where absent. Persons are those of `panel`.
        """
        scores = self.codebook.scores is not None
        found = self.cells.value.astype(float) if scores else worded(self.cells, self.rules).astype(np.int16)
        values = self._over_occasions(found, np.nan if scores else -1)
        values.flags.writeable = False
        return values

    def _over_occasions(self, values: np.ndarray, absent: float) -> np.ndarray:
        shape = (len(self.persons), len(self.relationships), len(self.occasions), len(self.rules))
        grid, cells = np.full(shape, absent, values.dtype), self.cells
        grid[cells.person, cells.relationship, cells.occasion, cells.item] = values
        return grid

    def _occasion(self, occasion: str | None) -> int:
        """Return the number of the occasion to be fitted, or say why this study cannot be."""
        entry = self.codebook.occasions
        chosen = entry.fitted if occasion is None else entry.codes.get(occasion, occasion)
        return occasion_to_fit(self.name, self.occasions, chosen, scores=self.codebook.scores is not None)

    def __repr__(self) -> str:
        return f"<Study {self.name!r}: {summary_of(self)}>"

    def _repr_html_(self) -> str:
        told = dict.fromkeys((p.code, without_values(p)) for p in self.problems)
        found = "".join(f"<li><code>{code}</code> {html.escape(words)}</li>" for code, words in told)
        moved = [] if self.control is None else [f"Negative control ({self.control}): the answers were moved."]
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in [*moved, summary_of(self), *over_time(self)])
        return f"<h4>{html.escape(self.title)}</h4>{lines}{self.flow._repr_html_()}" + (
            f"<ul>{found}</ul>" if found else ""
        )
