"""The items of a study: the instrument's key, with what the codebook says differs in this file."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import DataError, Problem, did_you_mean
from .codebook import Codebook, InstrumentUse, ItemEntry
from .design import Item
from .instruments import Instrument, load_instrument


@dataclass(frozen=True)
class ItemRules:
    """An item and how its recorded answers are to be read.

    `reversed_in_file` says that the file holds ``low + high - answer`` instead of the answer; `relationships` names
    those in which the item was asked, None for all of them. `score_range` is that of a scale score, where it is known.
    """

    item: Item
    reversed_in_file: bool = False
    missing: frozenset[str] = frozenset()
    noninteger_is_missing: bool = False
    relationships: tuple[str, ...] | None = None
    score_range: tuple[float, float] | None = None


def item_rules(codebook: Codebook) -> tuple[ItemRules, ...]:
    """Return the items in use, in the order of the instrument or of the codebook.

    Raises
    ------
    DataError
        ``D113`` no such instrument, ``D114`` an item that the instrument does not have, ``D115`` an item without
        dimension, key or range.
    """
    use = codebook.instrument or InstrumentUse()
    instrument = _named(use.use) if use.use else None
    entries = {canonical(name): entry for name, entry in codebook.items.items()}
    names = instrument.items if instrument else tuple(entries)
    unused = {canonical(name) for name in use.unused}
    _refuse_unknown(codebook, names, unused, bool(instrument))
    rules, problems = [], []
    for name in names:
        if name in unused:
            continue
        item = _item(name, instrument, entries.get(name, ItemEntry()), use)
        if isinstance(item, Problem):
            problems.append(item)
        else:
            rules.append(_rules(item, entries.get(name, ItemEntry()), use))
    if problems:
        raise DataError(problems[0].code, problems[0].message, fix=problems[0].fix, problems=problems)
    if not rules:
        raise DataError(
            "D115", "[instrument] unused leaves no item in use.", fix="Take those that were asked out of it."
        )
    return tuple(rules)


def known_items(codebook: Codebook, rules: tuple[ItemRules, ...]) -> tuple[str, ...]:
    """Return the names by which a column may be recognised: the items in use, and those declared unused."""
    unused = codebook.instrument.unused if codebook.instrument else ()
    return tuple(dict.fromkeys([*(rule.item.name for rule in rules), *map(canonical, unused)]))


def canonical(name: str) -> str:
    """Return the name of an item without leading zeros: ``07`` in a file is item ``7``."""
    return (name.lstrip("0") or "0") if name.isascii() and name.isdecimal() else name


def _named(name: str) -> Instrument:
    try:
        return load_instrument(name)
    except DataError as error:
        if error.code != "D113":
            raise
        fix = f"{error.fix} A custom instrument is declared in [items]."
        raise DataError("D113", f'[instrument] use = "{name}": no instrument has this name.', fix=fix) from error


def _refuse_unknown(codebook: Codebook, names: tuple[str, ...], unused: set[str], published: bool) -> None:
    use = codebook.instrument or InstrumentUse()
    said = [(f"[items.{name}]", name) for name in codebook.items] if published else []
    said += [("[instrument] reversed_in_file", name) for name in use.reversed_in_file]
    said += [("[instrument] unused", name) for name in use.unused] if published else []
    problems = [
        Problem("D114", "error", f'{where}: there is no item "{name}".', did_you_mean(canonical(name), names), 1)
        for where, name in said
        if canonical(name) not in {*names, *unused}
    ]
    if problems:
        raise DataError(problems[0].code, problems[0].message, fix=problems[0].fix, problems=problems)
    if not names:
        fix = 'Name an instrument: [instrument] use = "ecr-rs" (`iwm instruments` lists them), or declare [items].'
        raise DataError("D115", "The codebook declares no items.", fix=fix)


def _item(name: str, instrument: Instrument | None, entry: ItemEntry, use: InstrumentUse) -> Item | Problem:
    dimension = entry.dimension or (instrument.dimension_of(name) if instrument else None)
    keyed = entry.keyed or (instrument.keyed(name) if instrument else None)
    bounds = entry.range or use.range or (instrument.range if instrument else None)
    if dimension is None or keyed is None or bounds is None:
        lacks = [word for word, value in (("dimension", dimension), ("keyed", keyed), ("range", bounds)) if not value]
        fix = f'[items.{name}] dimension = "self" or "others", keyed = "+" or "-"; range there or in [instrument].'
        return Problem("D115", "error", f"[items.{name}] has no {', no '.join(lacks)}.", fix, 1)
    moved = entry.dimension or entry.keyed
    loadings = None if instrument is None or moved else instrument.loadings.get(name)
    return Item(name, dimension, keyed, bounds[0], bounds[1], loadings)


def _rules(item: Item, entry: ItemEntry, use: InstrumentUse) -> ItemRules:
    reversed_items = {canonical(name) for name in use.reversed_in_file}
    return ItemRules(
        item=item,
        reversed_in_file=item.name in reversed_items,
        missing=frozenset(entry.missing),
        noninteger_is_missing=(entry.noninteger or use.noninteger) == "missing",
        relationships=entry.relationships,
    )
