"""What a report is made of: sections of paragraphs, lists, tables and figures, plain text but for the drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from markupsafe import Markup

Tone = Literal["plain", "lead", "note", "warning"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text."""

    text: str
    tone: Tone = "plain"
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True)
class Heading:
    """The heading of a part of a section."""

    text: str
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True)
class Listing:
    """A list of points."""

    points: tuple[str, ...]
    kind: ClassVar[str] = "listing"


@dataclass(frozen=True)
class Formula:
    """Equations, one a line, in plain text."""

    lines: tuple[str, ...]
    kind: ClassVar[str] = "formula"


@dataclass(frozen=True)
class Table:
    """A table of printed cells.

    Parameters
    ----------
    caption
        What it shows.
    head
        The heading of each column.
    rows
        The cells; the first of each row is its heading.
    note
        What a reader must know to read it.
    words
        How many leading columns hold words; the others hold numbers and are set to the right.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: int = 1
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"a row of the table {self.caption!r} does not have {len(self.head)} cells")


@dataclass(frozen=True)
class Figure:
    """A drawing with what it shows in words, and the numbers behind it."""

    svg: Markup
    alt: str
    caption: str
    table: Table
    kind: ClassVar[str] = "figure"


@dataclass(frozen=True)
class ChecklistRow:
    """One demand of a guideline, and the section that meets it."""

    demand: str
    anchor: str
    title: str


@dataclass(frozen=True)
class Checklist:
    """A guideline, with links to where each of its demands is met."""

    rows: tuple[ChecklistRow, ...]
    kind: ClassVar[str] = "checklist"


type Block = Paragraph | Heading | Listing | Formula | Table | Figure | Checklist


@dataclass(frozen=True)
class Section:
    """A section with its number, its place in the page, and what stands in it."""

    number: int
    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Tile:
    """A number of interest in large print, with its interval, a word, and a small drawing."""

    label: str
    value: str
    interval: str
    word: str = ""
    drawing: Markup | None = None


@dataclass(frozen=True)
class Reason:
    """Why a result may or may not be believed, with the code of the check and what would mend it."""

    message: str
    code: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Banner:
    """What a reader sees first: whether the result may be believed, the answer to the question, and the cautions.

    The reasons, under their heading, stand before the answer where `first` is true, else after it. `control` says that
    it is a negative control and what that should give; it is empty for a result.
    """

    status: str
    icon: str
    word: str
    heading: str
    reasons: tuple[Reason, ...]
    question: str
    answer: str
    details: tuple[str, ...]
    tiles: tuple[Tile, ...]
    first: bool
    control: str = ""


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = "", words: int = 1) -> Table:
    """Return a table from any sequences of cells."""
    return Table(caption, tuple(head), tuple(tuple(row) for row in rows), note, words)
