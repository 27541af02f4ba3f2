"""What a study says of time: when persons were observed, what acted on them meanwhile, and what happened to them."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, Problem
from .entries import Entries, entries_of_answers, entries_of_file
from .events import read_events
from .inputs import arranged
from .panel import Event, Input
from .sample import Sample
from .side_files import SideFile, read_side_file
from .table import Table
from .times import Clock, read_clock
from .wording import counted
from .words_of_change import InputEntry, Unit


@dataclass(frozen=True, eq=False)
class Change:
    """Times of occasions (person, occasion), inputs and events, as a `Panel` has them."""

    unit: Unit
    time: np.ndarray
    inputs: tuple[Input, ...] = ()
    events: tuple[Event, ...] = ()


def read_change(sample: Sample, folder: Path) -> tuple[Change | None, list[Problem]]:
    """Return what the study says of time, and all that is wrong with it; None for one occasion and nothing else.

    Files of inputs and events are looked for in `folder`, that of the codebook.
    """
    codebook = sample.codebook
    if not sample.persons or (len(sample.layout.occasions) == 1 and not codebook.inputs and codebook.events is None):
        return None, []
    clock, problems = read_clock(sample)
    files, unread = _files(sample, folder)
    inputs: list[Input] = []
    for name, entry in codebook.inputs.items():
        entries, found = _entries(name, entry, sample, clock, files)
        problems += found
        if entries is not None and entry.convention is not None:
            arranged_input, found = arranged(name, entry.convention, entries, sample, clock)
            inputs.append(arranged_input)
            problems += found
    events: tuple[Event, ...] = ()
    if codebook.events is not None and codebook.events.file in files:
        missing = sample.missing(codebook.events.missing)
        file = SideFile(files[codebook.events.file], codebook.events.file, "[events]", missing)
        events, found = read_events(file, codebook.events, sample, clock)
        problems += found
    return Change(clock.unit, clock.time, tuple(inputs), events), [*problems, *unread, *_undeclared(sample, files)]


def _files(sample: Sample, folder: Path) -> tuple[dict[str, Table], list[Problem]]:
    """Return each file that inputs and events name, read once."""
    codebook = sample.codebook
    named = {entry.file: f"[inputs.{name}]" for name, entry in reversed(codebook.inputs.items()) if entry.file}
    if codebook.events is not None:
        named.setdefault(codebook.events.file, "[events]")
    files, problems = {}, []
    for name, where in named.items():
        try:
            files[name] = read_side_file(folder, name, where)
        except DataError as error:
            problems.append(Problem(error.code, "error", error.message, error.fix, 1, error.rows))
    return files, problems


def _entries(
    name: str, entry: InputEntry, sample: Sample, clock: Clock, files: dict[str, Table]
) -> tuple[Entries | None, list[Problem]]:
    if entry.file is None:
        return entries_of_answers(name, entry, sample, clock)
    if entry.file not in files:
        return None, []
    file = SideFile(files[entry.file], entry.file, f"[inputs.{name}]", sample.missing(entry.missing))
    return entries_of_file(file, entry, sample, clock)


def _undeclared(sample: Sample, files: dict[str, Table]) -> list[Problem]:
    """Return a warning for each file with columns that no word of the codebook names (``D201``)."""
    codebook, problems = sample.codebook, []
    for name, table in files.items():
        used = {word for entry in codebook.inputs.values() if entry.file == name for word in _columns_of_input(entry)}
        if (events := codebook.events) is not None and events.file == name:
            used |= {events.person, events.time, events.class_, events.dose, events.construal}
        ignored = codebook.ignore.columns
        spare = [c for c in table.names if c not in used and not any(fnmatch.fnmatchcase(c, i) for i in ignored)]
        if spare:
            listed = ", ".join(f'"{column}"' for column in spare)
            message = (
                f"{name}: {counted(len(spare), 'column is', 'columns are')} not in the codebook and not read: {listed}."
            )
            problems.append(
                Problem("D201", "warning", message, f"If that is right: [ignore] columns = [{listed}].", len(spare))
            )
    return problems


def _columns_of_input(entry: InputEntry) -> tuple[str | None, ...]:
    return entry.person, entry.time, entry.value, entry.stop
