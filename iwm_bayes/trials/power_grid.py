"""Variants of a planned design: so many persons, relationships and occasions, so far apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from statistics import median

from ..errors import UsageError
from ..simulate import DesignFile

_NAMES = ("mother", "father", "partner", "friend")


@dataclass(frozen=True)
class Grid:
    """What is varied; what is empty stays as the design has it.

    Attributes
    ----------
    persons, relationships, occasions
        How many.
    spacing
        Of the occasions, in the unit of the design.
    """

    persons: tuple[int, ...] = ()
    relationships: tuple[int, ...] = ()
    occasions: tuple[int, ...] = ()
    spacing: tuple[float, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One variant of a design.

    Attributes
    ----------
    file
        The design in the words of a design file.
    spacing
        Median time between planned occasions, in the unit of the design; None where there is one occasion.
    """

    file: DesignFile
    spacing: float | None

    @property
    def persons(self) -> int:
        """How many persons."""
        return self.file.persons

    @property
    def relationships(self) -> int:
        """How many relationships."""
        return len(self.file.relationships)

    @property
    def occasions(self) -> int:
        """How many occasions."""
        return 1 if self.file.occasions is None else len(self.file.occasions.times)

    @property
    def name(self) -> str:
        """As a folder is called."""
        parts: dict[str, float | None] = {"persons": self.persons, "relationships": self.relationships}
        parts |= {"occasions": self.occasions, "spacing": self.spacing} if self.file.occasions else {}
        return "_".join(f"{word}-{number:g}" for word, number in parts.items() if number is not None)

    @property
    def label(self) -> str:
        """For people."""
        said = [_counted(self.persons, "person"), _counted(self.relationships, "relationship")]
        if self.file.occasions:
            apart = "" if self.spacing is None else f" {self.spacing:g} {self.file.occasions.unit}s apart"
            said.append(_counted(self.occasions, "occasion") + apart)
        return ", ".join(said)


def cells_of(file: DesignFile, grid: Grid) -> list[Cell]:
    """Return the cells of a grid, the first option varying slowest.

    Relationships beyond those of the design are called mother, father, partner, friend and relationship_5; fewer are
    the first of them. Occasions beyond those of the design follow at its median interval; with a spacing they are
    evenly apart, and the jitter changes in proportion.

    Raises
    ------
    UsageError
        U430 where a number is impossible; U431 where occasions are varied that the design does not have.
    """
    for option in ("persons", "relationships", "occasions", "spacing"):
        if wrong := [number for number in getattr(grid, option) if not number > 0]:
            raise UsageError("U430", f"--{option} {wrong[0]:g} cannot be planned.", fix="Give numbers above 0.")
    if (grid.occasions or grid.spacing) and file.occasions is None:
        message = f'The design "{file.name}" has no occasions to vary.'
        raise UsageError("U431", message, fix='Say when they are: [occasions], unit = "year", times = [0, 0.5, 1, 1.5]')
    if grid.spacing and file.occasions is not None and file.occasions.unit == "wave":
        message = f'The occasions of "{file.name}" are waves, whose spacing is not known.'
        raise UsageError("U431", message, fix='Say unit = "year" and when they are, or leave out --spacing.')
    options: list[tuple[int | float | None, ...]] = [
        tuple(dict.fromkeys(getattr(grid, option))) or (None,)
        for option in ("persons", "relationships", "occasions", "spacing")
    ]
    return [_cell(file, *asked) for asked in product(*options)]  # type: ignore[arg-type]


def _cell(
    file: DesignFile, persons: int | None, relationships: int | None, occasions: int | None, spacing: float | None
) -> Cell:
    words = file.model_dump(mode="json", exclude_none=True)
    words["persons"] = persons or file.persons
    words["relationships"] = _relationships(file.relationships, relationships)
    gone = set(file.relationships) - set(words["relationships"])
    words["not_applicable"] = {name: share for name, share in file.not_applicable.items() if name not in gone}
    if file.occasions is not None:
        times = _times(file.name, file.occasions.times, occasions, spacing)
        words["occasions"]["times"] = times
        if spacing is not None and file.occasions.jitter:
            was = min((later - earlier for earlier, later in pairwise(file.occasions.times)), default=spacing)
            words["occasions"]["jitter"] = file.occasions.jitter * spacing / was
    made = DesignFile.model_validate(words)
    gaps = [] if made.occasions is None else [later - earlier for earlier, later in pairwise(made.occasions.times)]
    return Cell(made, round(median(gaps), 6) if gaps else None)


def _relationships(names: tuple[str, ...], count: int | None) -> list[str]:
    if count is None or count <= len(names):
        return list(names[:count])
    more = [name for name in _NAMES if name not in names]
    more += [f"relationship_{number}" for number in range(len(names) + len(more) + 1, count + 1)]
    return [*names, *more][:count]


def _times(design: str, times: tuple[float, ...], count: int | None, spacing: float | None) -> list[float]:
    count = count or len(times)
    if spacing is not None:
        return [round(spacing * number, 9) for number in range(count)]
    if count <= len(times):
        return list(times[:count])
    if len(times) < 2:
        message = f'How far apart {count} occasions are cannot be told from "{design}", which has one.'
        raise UsageError("U431", message, fix="Give --spacing as well.")
    gap = median(later - earlier for earlier, later in pairwise(times))
    return [*times, *(round(times[-1] + gap * number, 9) for number in range(1, count - len(times) + 1))]


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
