"""What a planned design can show, in lines for people: what was taken to be true, three tables, how sure they are."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..planning import RULES

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..trials.power import CellFound, Effort
    from ..trials.power_summary import Quantity, Share, Summary, Verdicts

_WIDTH = 118
_MEANT = {  # called otherwise in model files, or in another unit there
    "relationship_sd": "SD of a relationship, relative to the reference relationship's",
    "thresholds": "from an item's first to its last threshold, in logits; mirrored where it is keyed the other way",
    "half_life": "time until half of a deviation from the set point is gone, in {unit}s",
}
_REPEATED = (
    "! Answers to items over occasions: a person's own reading of an item would pass for a trait, so that this model "
    "gives no verdict on a prototype. One with person_item = true does."
)
_SURE = 0.10  # half an interval that is wider asks for more replications
_GOOD = 0.80  # of verdicts that are right


def design_lines(spec: ModelSpec, found: Sequence[CellFound], given: set[str]) -> list[str]:
    """Return what is taken to be true, a parameter each, with what it means and where it comes from."""
    from ..spec.vocabulary import PARAMETERS

    done = [one for one in found if one.refused is None]
    if not done:
        return []
    widest = max(done, key=lambda one: one.cell.relationships)
    occasions = widest.cell.file.occasions
    unit = "year" if occasions is None else occasions.unit
    lines = ["Taken to be true (--truth FILE says otherwise; * was given, the rest is the default study):"]
    for name, value in widest.parameters.items():
        meaning = _MEANT.get(name, PARAMETERS[name].meaning if name in PARAMETERS else "").format(unit=unit)
        mark = "*" if name in given else " "
        lines.append(f" {mark}{name} = {_values(name, value, spec.field.dimensions)}")
        lines += textwrap.wrap(meaning, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
    if spec.change is not None and spec.change.trait and not spec.observation.person_item and occasions is not None:
        lines += _wrapped(_REPEATED) if widest.cell.file.instrument else []
    return [*lines, ""]


def lines_of(found: Sequence[CellFound], effort: Effort) -> list[str]:
    """Return the tables: verdicts, widths and coverage, half-lives; then what was refused or failed, and how sure."""
    done = {one.cell.label: one.summary for one in found if one.summary is not None}
    lines = []
    for one in found:
        if one.refused is not None:
            lines += _wrapped(f"✗ {one.cell.label}: refused. {one.refused.code} {one.refused.reason}")
            lines += _wrapped(f"→ {one.refused.fix}", indent=4) if one.refused.fix else []
    if not done:
        return lines
    lines += [*_verdict_table(done), *_width_table(done), *_half_life_table(done), *_failures(done)]
    lines += [line for one in found for line in _border_lines(one)]
    return [*lines, *_wrapped(_how_sure(list(done.values()), effort))]


def next_line(found: Sequence[CellFound], effort: Effort, model: str, design: Path, out: Path | None) -> str:
    """Return what to type next."""
    done = [one for one in found if one.summary is not None]
    if not done:
        return f"Next: mend what the lines above name; iwm plan {model} {design}"
    if _half_width([one.summary for one in done if one.summary is not None]) > _SURE:
        kept = "" if out is not None else " --out FOLDER"
        return f"Next: the same command with --replications {4 * effort.replications}{kept}, to be surer"
    enough = [one for one in done if one.summary is not None and _least_right(one.summary) >= _GOOD]
    if enough:
        smallest = min(enough, key=lambda one: one.cell.persons * one.cell.relationships * one.cell.occasions)
        assert smallest.summary is not None
        what = "gives the right verdict" if _has_words(smallest.summary) else "tells the half-lives"
        said = f"{smallest.cell.label} {what} in {100 * _GOOD:.0f} % or more. "
        return f"Next: {said}iwm simulate {model} {design} --out STUDY makes a study of {design.name} to practise on"
    if not any(_has_words(one.summary) or one.summary.half_lives for one in done if one.summary is not None):
        return f"Next: {model} gives no verdict; the widths above are what this design tells. iwm plan {design}"
    return f"Next: iwm plan {design} says what would make it answer; or try more with --persons, --relationships"


def _verdict_table(done: Mapping[str, Summary]) -> list[str]:
    columns = ("true", "right verdict", "right", "undecided", "wrong", "none")
    rows = {
        label: [(name, _number(v.true), v.word or "(on a border)", *_shares(v)) for name, v in s.verdicts.items()]
        for label, s in done.items()
    }
    return _table("How often the verdict is right, with 95 % intervals; none: the fit failed.", columns, rows)


def _shares(one: Verdicts) -> tuple[str, str, str, str]:
    right = _with_interval(one.right) if one.word else "–"
    return right, _with_interval(one.undecided), _with_interval(one.wrong) if one.word else "–", _share(one.none)


def _width_table(done: Mapping[str, Summary]) -> list[str]:
    head = (
        "Median width of the 95 % interval, and how often it holds the true value, of fits that may be interpreted; "
        "open: mostly without an upper end."
    )
    rows = {label: [_width_row(name, one) for name, one in s.quantities.items()] for label, s in done.items()}
    return _table(head, ("true", "width", "holds the true value"), rows)


def _width_row(name: str, one: Quantity) -> tuple[str, ...]:
    width = "open" if math.isinf(one.width) else _number(one.width)
    covered = "–" if one.covered is None else _with_interval(one.covered)
    return name, "–" if one.true is None else _number(one.true), width, covered


def _half_life_table(done: Mapping[str, Summary]) -> list[str]:
    limit = f"{RULES.half_life_sd:g}"
    head = f"How often a half-life is identified: the posterior SD of its logarithm is at most {limit}."
    rows = {
        label: [
            (
                f"half_life[{dimension}]",
                _number(one.true),
                _with_interval(one.identified),
                _number(one.sd),
                _number(one.expected_sd),
            )
            for dimension, one in s.half_lives.items()
        ]
        for label, s in done.items()
    }
    return _table(head, ("true", "identified", "median SD", "as the planner expects"), rows)


def _failures(done: Mapping[str, Summary]) -> list[str]:
    lines = []
    for label, summary in done.items():
        if summary.do_not_interpret:
            why = ", ".join(f"{count} × {code}" for code, count in summary.codes.items())
            said = f"{summary.do_not_interpret} of {summary.studies} fits must not be interpreted"
            lines.append(f"! {label}: {said} ({why}).")
        lines += [f"! {label}: {count} × {what}" for what, count in summary.raised.items()]
        if summary.again:
            lines.append(f"· {label}: {summary.again} of {summary.studies} took twice the draws.")
    return [*(line for text in lines for line in _wrapped(text)), ""] if lines else []


def _border_lines(one: CellFound) -> list[str]:
    from ..trials.power import borders

    named = borders(one)
    return _wrapped(f"· {', '.join(named)}: the true value is on a border, so no verdict is right.") if named else []


def _how_sure(summaries: Sequence[Summary], effort: Effort) -> str:
    """Return how sure the tables themselves are."""
    seconds = [summary.seconds for summary in summaries if math.isfinite(summary.seconds)]
    took = f" One took {min(seconds):.1f} to {max(seconds):.1f} s (median of a cell)." if seconds else ""
    return (
        f"Each share of verdicts and half-lives rests on {effort.replications} simulated studies and is known to "
        f"within ±{_number(_half_width(summaries))} or better (95 % Wilson interval); it holds for what is taken to be "
        "true."
        f"{took}"
    )


def _half_width(summaries: Sequence[Summary]) -> float:
    """Return half the widest interval of the shares that a decision rests on."""
    shares = [share for s in summaries for v in s.verdicts.values() for share in (v.right, v.undecided, v.wrong)]
    shares += [one.identified for s in summaries for one in s.half_lives.values()]
    shares += [s.interpretable for s in summaries]
    return max((high - low) / 2 for low, high in (share.interval for share in shares))


def _has_words(summary: Summary) -> bool:
    """Return whether a verdict is right or wrong for what is taken to be true."""
    return any(one.word for one in summary.verdicts.values())


def _least_right(summary: Summary) -> float:
    """Return the smallest share of right verdicts, or, where there are none, of half-lives that are identified."""
    shares = [one.right for one in summary.verdicts.values() if one.word]
    shares = shares or [one.identified for one in summary.half_lives.values()]
    return min((share.value for share in shares), default=0.0)


def _values(name: str, value: np.ndarray, dimensions: Sequence[str]) -> str:
    """Return a parameter in short: by dimension where it has them, a range for items."""
    if name == "thresholds":
        finite = value[np.isfinite(value)]
        return f"{_number(float(finite.min()))} to {_number(float(finite.max()))}"
    if name == "discrimination":
        return f"{_number(float(value.min()))} to {_number(float(value.max()))}"
    if value.ndim == 0:
        return _number(float(value))
    if name == "variance_share":
        return " · ".join(f"{dimension} {_listed(value[:, n])}" for n, dimension in enumerate(dimensions))
    if len(value) == len(dimensions) and not name.startswith("score_"):
        return " · ".join(f"{dimension} {_listed(value[n])}" for n, dimension in enumerate(dimensions))
    return f"{value.shape[0]} × {value.shape[1]} numbers" if value.ndim == 2 else _listed(value)


def _listed(value: np.ndarray) -> str:
    return ", ".join(_number(float(one)) for one in np.ravel(value))


def _with_interval(share: Share) -> str:
    low, high = share.interval
    return f"{_share(share)} [{_number(low)}, {_number(high)}]"


def _share(share: Share) -> str:
    return _number(share.value)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def _table(head: str, columns: Sequence[str], rows: Mapping[str, Sequence[tuple[str, ...]]]) -> list[str]:
    """Return a table with its rows below the cell that they are of; nothing where there are none."""
    every = [("", *columns), *(row for of_cell in rows.values() for row in of_cell)]
    if len(every) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]

    def aligned(row: tuple[str, ...]) -> str:
        return "    " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])

    below = [line for label, of_cell in rows.items() if of_cell for line in (f"  {label}", *map(aligned, of_cell))]
    return [head, aligned(every[0]), *below, ""]
