"""A planned study as a file: so many persons, these relationships, that instrument, when, and what acts meanwhile.

format = 1
name = "planned"
persons = 300
relationships = ["mother", "partner"]
instrument = "ecr-rs"              # or [scores.NAME] with dimension, range and keyed
missing = 0.03                     # probability that an answer is missing

[occasions]                        # without this table there is one occasion
unit = "month"
times = [0, 3, 6, 9, 12, 15]
jitter = 1                         # each interval is longer or shorter by up to this much
missing = 0.1                      # probability that a person misses an occasion

[inputs.care]                      # a course that goes up and down
convention = "since"

[spells.therapy]                   # a spell for some of the persons
proportion = 0.25
earliest = 3
latest = 6
length = 6

[events.loss]                      # dated events that happen to some of the persons
proportion = 0.5
earliest = 0
latest = 15
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..errors import DataError
from ..study import Design, Panel, Score
from ..study.document import read_document
from ..study.limits import words_of
from ..study.panel import score_of
from ..study.words import Words
from ..study.words_of_change import Unit
from ..study.words_of_scores import ScoreEntry
from .design import leave_out, make_design
from .made_panel import make_panel
from .planned_events import Happening
from .planned_inputs import Arm, Course

Probability = Annotated[float, Field(ge=0, le=1)]


class PlannedOccasions(Words):
    """When persons are to be observed; `jitter` and `missing` as in `make_panel`."""

    times: tuple[float, ...]
    unit: Unit = "year"
    jitter: float = 0.0
    missing: Probability = 0.0


class PlannedInput(Words):
    """An input with a value for each occasion, as a `Course`."""

    convention: Literal["since", "hold"] = "since"
    mean: float = 0.0
    sd: float = 1.0
    between: float = 0.4
    autocorrelation: float = 0.5


class PlannedSpell(Words):
    """A spell for some of the persons, as an `Arm`."""

    proportion: float
    earliest: float
    latest: float
    length: float
    value: float | tuple[float, ...] = 1.0


class PlannedEvent(Words):
    """Events of a class that happen to some of the persons, as a `Happening`."""

    proportion: float
    earliest: float
    latest: float
    dose: float = 1.0
    construal: float | None = None
    times: int = 1


class DesignFile(Words):
    """The words of a design file; `seed` decides who misses what, and when."""

    format: Literal[1]
    name: str = "planned"
    persons: int
    relationships: tuple[str, ...] = ("general",)
    instrument: str | None = None
    scores: dict[str, ScoreEntry] = Field(default_factory=dict)
    missing: Probability = 0.0
    not_applicable: dict[str, Probability] = Field(default_factory=dict)
    seed: int = 1
    occasions: PlannedOccasions | None = None
    inputs: dict[str, PlannedInput] = Field(default_factory=dict)
    mean_correlation: float = 0.0
    spells: dict[str, PlannedSpell] = Field(default_factory=dict)
    events: dict[str, PlannedEvent] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_what_is_asked(self) -> Self:
        if (self.instrument is None) == (not self.scores):
            raise ValueError('say what persons answer: instrument = "ecr-rs", or [scores.NAME] for scale scores')
        if self.occasions is None and (self.inputs or self.spells or self.events):
            raise ValueError("inputs, spells and events act over time: say when in [occasions]")
        if self.not_applicable and (self.occasions is not None or self.scores):
            raise ValueError("not_applicable is for answers to items at one occasion")
        return self


def is_design_file(path: str | Path) -> bool:
    """Whether a path is that of a file that plans a study: TOML that says how many `persons` there are."""
    file = Path(path)
    if file.suffix.lower() != ".toml" or not file.is_file():
        return False
    try:
        return "persons" in tomllib.loads(words_of(file).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError, DataError):
        return False


def read_design(path: str | Path) -> Design | Panel:
    """Return the design, or over occasions the panel, that a file plans.

    Raises
    ------
    DataError
        D110 where the file is not TOML, D111 for an unknown word, D112 for a wrong value.
    UsageError
        U303 where a number is impossible.
    """
    return planned(read_document(Path(path), DesignFile))


def planned(file: DesignFile) -> Design | Panel:
    """Return the design, or over occasions the panel, that the words of a design file plan.

    Raises
    ------
    UsageError
        U303 where a number is impossible.
    """
    if file.occasions is None and not file.scores:
        assert file.instrument is not None
        complete = make_design(file.persons, file.relationships, file.instrument, name=file.name)
        return leave_out(complete, missing=file.missing, not_applicable=file.not_applicable, seed=file.seed)
    return _panel(file, file.occasions or PlannedOccasions(times=(0.0,)))


def _panel(file: DesignFile, occasions: PlannedOccasions) -> Panel:
    scores: list[Score] = [score_of(name, entry) for name, entry in file.scores.items()]
    return make_panel(
        file.persons,
        file.relationships,
        occasions.times,
        scores=scores,
        items=file.instrument or (),
        unit=occasions.unit,
        jitter=occasions.jitter,
        missing_occasions=occasions.missing,
        missing_values=file.missing,
        courses=[Course(name, **entry.model_dump()) for name, entry in file.inputs.items()],
        mean_correlation=file.mean_correlation,
        arms=[Arm(name, **entry.model_dump()) for name, entry in file.spells.items()],
        happenings=[Happening(name, **entry.model_dump()) for name, entry in file.events.items()],
        name=file.name,
        seed=file.seed,
    )
