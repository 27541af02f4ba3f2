"""What a codebook may say about time: when the occasions were, what acted on a person meanwhile, and what happened."""

from __future__ import annotations

import datetime
import math
from typing import Literal, Self

from pydantic import Field, model_validator

from ..errors import did_you_mean
from .words import Code, Words

Unit = Literal["wave", "day", "week", "month", "year"]
IN_A_YEAR = {"year": 1.0, "month": 12.0, "week": 365.25 / 7, "day": 365.25, "wave": 1.0}
"""Units of time in the year in which priors are written; waves, whose spacing is unknown, are taken as they are."""

Convention = Literal["hold", "since", "pulse", "spell"]

_CONVENTIONS = (
    'convention is missing: say "hold" (valid until the next value), "since" (over the time since the occasion '
    'before), "pulse" (at one moment) or "spell" (from a start to a stop)'
)


class Occasions(Words):
    """When the answers were given; `use` names the one occasion that models of one occasion are fitted to.

    `times` are those of everybody, one per occasion; `intervals` are numbers, or columns with the person's own, one
    fewer; `time` is a column with the person's own time of the occasion. `unit` is the unit of these numbers, and the
    one that dates are turned into; a ``wave`` has no length, and is for spacing that is not known. `missing` replaces
    the missing codes of the codebook in columns of times.
    """

    codes: dict[str, str] = Field(default_factory=dict)
    column: str | None = None
    use: Code | None = None
    unit: Unit = "wave"
    times: tuple[float | datetime.date, ...] = ()
    intervals: tuple[float | str, ...] = ()
    time: str | None = None
    missing: tuple[Code, ...] | None = None

    @model_validator(mode="after")
    def _times_fit_the_occasions(self) -> Self:
        labels, known = list(self.codes.values()), [*self.codes, *self.codes.values()]
        if self.use is not None and known and self.use not in known:
            raise ValueError(f'use = "{self.use}" is not among the occasions in codes. {did_you_mean(self.use, known)}')
        if sum(map(bool, (self.times, self.intervals, self.time))) > 1:
            raise ValueError("say when with one of times, intervals and time, not with several")
        if self.unit == "wave" and (self.times or self.intervals or self.time):
            raise ValueError(
                'times need a unit: "day", "week", "month" or "year"; a wave is for spacing that is not known'
            )
        if self.times and labels and len(self.times) != len(labels):
            raise ValueError(f"{len(self.times)} times for {len(labels)} occasions")
        if self.intervals and labels and len(self.intervals) != len(labels) - 1:
            raise ValueError(f"{len(self.intervals)} intervals for {len(labels)} occasions; there is one fewer")
        if any(not isinstance(gap, str) and not 0 < gap < math.inf for gap in self.intervals):
            raise ValueError("intervals must be above 0")
        self._times_are_of_one_kind()
        return self

    def _times_are_of_one_kind(self) -> None:
        if len({type(time) is float for time in self.times}) > 1:
            raise ValueError("times are either all numbers or all dates")
        if any(later <= earlier for earlier, later in zip(self.times, self.times[1:], strict=False)):  # type: ignore[operator]
            raise ValueError("times must increase")

    @property
    def fitted(self) -> str | None:
        """The label of the occasion named by `use`, which may give its code or its label."""
        return None if self.use is None else self.codes.get(self.use, self.use)


class InputEntry(Words):
    """Something that acts on a person over time, such as care, and the convention by which its values hold.

    Values stand in `columns` with ``{occasion}``, in one `column` of a file with a row per person and occasion, or in a
    `file` of their own with a row per value. A `time` in numbers counts as the times of the occasions do: from the
    same 0, which is the first occasion of the study where only intervals or waves are known. `unit` is its unit, where
    that is not the occasions'. `missing` replaces the missing codes of the codebook.
    """

    convention: Convention | None = None
    columns: str | None = None
    column: str | None = None
    file: str | None = None
    person: str | None = None
    time: str | None = None
    value: str | None = None
    stop: str | None = None
    unit: Unit | None = None
    missing: tuple[Code, ...] | None = None

    @model_validator(mode="after")
    def _says_how_and_where(self) -> Self:
        if self.convention is None:
            raise ValueError(_CONVENTIONS)
        if sum(word is not None for word in (self.columns, self.column, self.file)) != 1:
            raise ValueError("say where the values stand with one of columns, column and file")
        if self.columns is not None and "{occasion}" not in self.columns:
            raise ValueError("columns needs {occasion}; a single column that a row per occasion shares is `column`")
        if self.convention == "spell" and (self.file is None or self.stop is None):
            raise ValueError("a spell has a start and a stop: give file, person, time and stop")
        if self.stop is not None and self.convention != "spell":
            raise ValueError(f'stop is for a spell, not for "{self.convention}"')
        self._file_is_described()
        return self

    def _file_is_described(self) -> None:
        words = {name: getattr(self, name) for name in ("person", "time", "value", "stop", "unit")}
        said = [name for name, word in words.items() if word is not None]
        if self.file is None and said:
            raise ValueError(f"{said[0]} describes a file of its own; name it: file = FILE")
        needed = ("person", "time") if self.convention in ("pulse", "spell") else ("person", "time", "value")
        lacking = [name for name in needed if words[name] is None]
        if self.file is not None and lacking:
            raise ValueError(f"{lacking[0]} is missing: the column of {self.file} that tells it")


class EventsFile(Words):
    """Dated events in a file of their own: whom they happened to, when, and which `class` they are of.

    `classes` closes the list of classes; with one class in it, `class` may be left out. `dose` and `construal` are
    columns of numbers.
    """

    file: str
    person: str
    time: str
    class_: str | None = Field(default=None, alias="class")
    dose: str | None = None
    construal: str | None = None
    classes: tuple[Code, ...] = ()
    unit: Unit | None = None
    missing: tuple[Code, ...] | None = None

    @model_validator(mode="after")
    def _says_which_class(self) -> Self:
        if self.class_ is None and len(self.classes) != 1:
            raise ValueError('say the class of an event: class = COLUMN, or classes with the one class, ["breakup"]')
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("a class stands twice in classes")
        return self
