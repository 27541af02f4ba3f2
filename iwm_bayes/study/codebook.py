"""What a codebook may say: the words of `study.toml`, each with its meaning, and nothing else.

A codebook maps the columns of a file to persons, items, relationships and occasions. It owns keys, ranges and missing
codes, so that no number in an answers file is ever interpreted by guesswork. Reading one from a file, with coded
errors, is the story of `document.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ..errors import did_you_mean
from .words import PLACES, Code, Keyed, NonInteger, Words, answer_range, ordered, places
from .words_of_change import EventsFile, InputEntry, Occasions
from .words_of_scores import Scores


class FileFormat(Words):
    """How the answers file is written, where looking at it does not tell."""

    separator: Annotated[str, Field(min_length=1, max_length=1, pattern=r'[^"\r\n]')] | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str = "utf-8"
    sheet: str | None = None


class LongColumns(Words):
    """The columns of a long file: which item was answered, and the answer."""

    item: str
    answer: str


class Flag(Words):
    """A column and the values in it that say: this relationship does not exist for this person."""

    column: str
    values: tuple[Code, ...]


class Relationships(Words):
    """The relationships asked about; `codes` are their marks in column names or in `column`."""

    reference: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    column: str | None = None
    not_applicable: dict[str, Flag] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_declared(self) -> Self:
        names = list(self.codes.values())
        if len(set(names)) < len(names):
            raise ValueError("two codes have the same relationship")
        for word in [*([self.reference] if self.reference and names else []), *self.not_applicable]:
            if names and word not in names:
                raise ValueError(f'"{word}" is not among the relationships in codes. {did_you_mean(word, names)}')
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The relationships, the reference first, then in the order declared."""
        declared = list(self.codes.values()) or [self.reference or "general"]
        first = self.reference or declared[0]
        return (first, *(name for name in declared if name != first))


class Members(Words):
    """Families (or couples) whose members answer: a person is a family × role, and a family is held out whole."""

    family: str
    role: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)


class InstrumentUse(Words):
    """Which instrument was given, and how this file of it differs from the instrument as published."""

    use: str | None = None
    name: str | None = None
    range: Annotated[tuple[int, int], Field(strict=False)] | None = None
    reversed_in_file: tuple[Code, ...] = ()
    unused: tuple[Code, ...] = ()
    noninteger: NonInteger = "error"

    @model_validator(mode="after")
    def _range_isordered(self) -> Self:
        if self.range is not None:
            answer_range(self.range)
        return self


class ItemEntry(Words):
    """One item: all of it for a custom instrument, or what differs from the instrument in use."""

    dimension: str | None = None
    keyed: Keyed | None = None
    range: tuple[int, int] | None = None
    missing: tuple[Code, ...] = ()
    noninteger: NonInteger | None = None
    relationships: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _range_isordered(self) -> Self:
        if self.range is not None:
            answer_range(self.range)
        return self


class Covariate(Words):
    """A column about the person: a number (`unit`, `range`), one of some `categories`, or free text."""

    column: str
    unit: str | None = None
    range: tuple[float, float] | None = None
    categories: tuple[Code, ...] | dict[str, str] | None = None
    missing: tuple[Code, ...] | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if self.categories is not None and (self.range or self.unit):
            raise ValueError("has categories, or a unit and range; not both")
        if self.range is not None:
            ordered(self.range)
        return self

    @property
    def kind(self) -> Literal["number", "category", "text"]:
        """What the column holds."""
        if self.categories is not None:
            return "category"
        return "number" if self.range or self.unit else "text"


class Ignore(Words):
    """Columns that are known and not read; ``*`` stands for any text."""

    columns: tuple[str, ...] = ()


class Codebook(Words):
    """A study's codebook, as in `study.toml`."""

    format: Literal[1]
    name: str
    title: str | None = None
    description: str | None = None
    source: str | None = None
    answers: str | None = None
    file: FileFormat = FileFormat()
    layout: Literal["wide", "long"] = "wide"
    person: str | None = None
    cluster: str | None = None
    columns: str | LongColumns = "{item}"
    missing: tuple[Code, ...] = ("",)
    not_applicable: tuple[Code, ...] = ()
    duplicates: Literal["error", "first"] = "error"
    relationships: Relationships = Relationships()
    occasions: Occasions = Occasions()
    members: Members | None = None
    instrument: InstrumentUse | None = None
    items: dict[str, ItemEntry] = Field(default_factory=dict)
    covariates: dict[str, Covariate] = Field(default_factory=dict)
    ignore: Ignore = Ignore()
    scores: Scores | None = None
    inputs: dict[str, InputEntry] = Field(default_factory=dict)
    events: EventsFile | None = None
    # Reserved: a study may declare them; this version reads past them and says so.
    outcomes: Any = None

    @model_validator(mode="after")
    def _says_who_and_where(self) -> Self:
        if self.person is None and self.members is None:
            raise ValueError('person is missing: the column that names the person, or "row" if each row is a person')
        if (self.layout == "long" and self.scores is None) != isinstance(self.columns, LongColumns):
            right = '{ item = "…", answer = "…" }' if self.layout == "long" else '"ecr{item}_{relationship}"'
            raise ValueError(f"columns of a {self.layout} layout look like {right}")
        if (self.scores is not None) == bool(self.instrument or self.items):
            raise ValueError("say either [instrument] (or [items]) for answers to items, or [scores] for scale scores")
        self._pattern_is_complete()
        self._parts_are_placed()
        self._change_is_placed()
        self._units_convert()
        return self

    def _pattern_is_complete(self) -> None:
        """Each place of the pattern is known, declared, and stands once; the item, or the dimension, is among them."""
        found = places(self.pattern)
        for place in found:
            self._place_is_declared(place)
        needed = "dimension" if self.scores is not None else "item"
        if self.pattern and (needed not in found or len(set(found)) < len(found)):
            raise ValueError(f'columns = "{self.pattern}" needs {{{needed}}}, and every place once')

    def _parts_are_placed(self) -> None:
        """What has several codes is told either by the names of the columns or by a column, and not by both."""
        entries: dict[str, Relationships | Occasions] = {
            "relationship": self.relationships,
            "occasion": self.occasions,
        }
        for place, entry in entries.items():
            told = (place in places(self.pattern)) + (entry.column is not None)
            if told > 1 or (told == 0 and len(entry.codes) > 1):
                either = f"either {{{place}}} in columns or column in [{place}s]"
                raise ValueError(f"[{place}s] has codes; say where they stand: {either}")
        if self.members is not None and self.person is None:
            told = ("member" in places(self.pattern)) + (self.members.role is not None)
            if told != 1:
                raise ValueError("[members]: say where the member stands: either {member} in columns or role = COLUMN")
        for name, item in self.items.items():
            for word in item.relationships or ():
                if self.relationships.codes and word not in self.relationships.names:
                    near = did_you_mean(word, self.relationships.names)
                    raise ValueError(f'[items.{name}] relationships: "{word}" is not one. {near}')

    def _change_is_placed(self) -> None:
        """A column of times or of an input says its occasion as the answers do: by its name, or by a column."""
        said = {"[occasions] time": self.occasions.time} if self.occasions.time else {}
        said |= {f"[inputs.{name}] columns": entry.columns for name, entry in self.inputs.items() if entry.columns}
        said |= {f"[inputs.{name}] column": entry.column for name, entry in self.inputs.items() if entry.column}
        for where, pattern in said.items():
            for place in places(pattern):
                if place not in ("occasion", "member"):
                    raise ValueError(f"{where} has {{{place}}}. {did_you_mean(place, ('occasion', 'member'))}")
                self._place_is_declared(place)
            by_name = "occasion" in places(pattern)
            if by_name and self.occasions.column is not None:
                raise ValueError(f'{where} has {{occasion}}, but "{self.occasions.column}" tells the occasion of a row')
            if not by_name and len(self.occasions.codes) > 1 and self.occasions.column is None:
                raise ValueError(f"{where} needs {{occasion}}, because no column tells the occasion of a row")

    def _units_convert(self) -> None:
        """A time of inputs or events in another unit than the occasions' has a length that both units know."""
        said = {f"[inputs.{name}]": entry.unit for name, entry in self.inputs.items()}
        said |= {"[events]": self.events.unit} if self.events else {}
        for where, unit in said.items():
            if unit not in (None, self.occasions.unit) and "wave" in (unit, self.occasions.unit):
                own = self.occasions.unit
                raise ValueError(f'{where} unit = "{unit}", but [occasions] unit is "{own}", and a wave has no length')

    def _place_is_declared(self, place: str) -> None:
        if place not in PLACES:
            raise ValueError(f"columns has {{{place}}}. {did_you_mean(place, PLACES)}")
        declared = {
            "relationship": self.relationships.codes,
            "occasion": self.occasions.codes,
            "member": self.members.codes if self.members else {},
        }
        if place in declared and not declared[place]:
            raise ValueError(f"columns has {{{place}}}, but [{place}s] has no codes")

    @property
    def pattern(self) -> str:
        """The pattern of column names; empty for a long file."""
        if self.scores is not None:
            return self.scores.columns
        return self.columns if isinstance(self.columns, str) else ""
