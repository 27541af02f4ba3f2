"""A simulated panel becomes files: a row of answers per person and occasion, a file per input, events, their codebook.

Times are written as numbers in the panel's unit, or as dates where it is said when each person began; scores with four
decimals.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import UsageError
from ..resources import is_file_name
from ..study import Input, Panel
from ..study.moments import DAYS
from .instrument_lines import instrument_lines
from .simulated_panel import SimulatedPanel

MISSING = "NA"
NOT_APPLICABLE = "not applicable"
_DIGITS = 4
_NEAR = 1e-6  # of a day

Begun = Sequence[datetime.date] | None


def panel_files(simulated: SimulatedPanel, begun: Begun = None) -> dict[str, str]:
    """Return the texts of `answers.csv`, of a file per input, of `events.csv` and of `study.toml`, by name.

    `begun` is the date of each person's first observed occasion; then all times must fall on whole days.

    Raises
    ------
    UsageError
        U307 where the panel has what is not written: families, times that are no dates, an input whose file would be
        that of answers or events; U308 where scores lie outside the range that the study declares.
    """
    panel = simulated.panel
    _require_writable(simulated, begun)
    files = {"answers.csv": _answers(simulated, begun)}
    files |= {f"{found.name}.csv": _input(panel, found, begun) for found in panel.inputs}
    if _happened(panel):
        files["events.csv"] = _events(panel, begun)
    return files | {"study.toml": panel_codebook(panel, dated=begun is not None)}


def panel_codebook(panel: Panel, *, dated: bool = False) -> str:
    """Return the codebook of the files that `panel_files` writes."""
    several = len(panel.relationships) > 1
    what = "dimension" if panel.scores else "item"
    pattern = f'columns = "{"{relationship}_" if several else ""}{{{what}}}"'
    lines = [
        "format = 1",
        f"name = {_quoted(panel.name)}",
        'answers = "answers.csv"',
        'layout = "wide"',
        'person = "person"',
        *([] if panel.scores else [pattern]),
        f'missing = ["{MISSING}"]',
        f'not_applicable = ["{NOT_APPLICABLE}"]',
        "",
        *(_score_lines(panel, pattern) if panel.scores else instrument_lines(panel.items)),
        "",
        "[relationships]",
        f"reference = {_quoted(panel.relationships[0])}",
        *([f"codes = {_codes(panel.relationships)}"] if several else []),
        "",
        "[occasions]",
        'column = "occasion"',
        f"codes = {_codes(panel.occasions)}",
        *([] if panel.unit == "wave" else [f'unit = "{panel.unit}"', f'time = "{"date" if dated else "time"}"']),
    ]
    for found in panel.inputs:
        lines += ["", f"[inputs.{_quoted(found.name)}]", f'convention = "{found.convention}"']
        lines += [f"file = {_quoted(found.name + '.csv')}", 'person = "person"', 'value = "value"']
        lines += ['time = "start"', 'stop = "stop"'] if found.convention == "spell" else ['time = "time"']
    if _happened(panel):
        classes = ", ".join(_quoted(found.name) for found in panel.events)
        lines += ["", "[events]", 'file = "events.csv"', 'person = "person"', 'time = "time"', 'class = "event"']
        lines += [f'{word} = "{word}"' for word in _recorded_of_events(panel)]
        lines += [f"classes = [{classes}]"]
    return "\n".join(lines) + "\n"


def _score_lines(panel: Panel, pattern: str) -> list[str]:
    declared = [
        f'{_quoted(score.name)} = {{ dimension = {_quoted(score.dimension)}, keyed = "{score.keyed}", '
        f"range = [{score.low:g}, {score.high:g}]"
        + (f", reliability = {score.reliability:g} }}" if score.reliability is not None else " }")
        for score in panel.scores
    ]
    return ["[scores]", pattern, "", "[scores.dimensions]", *declared]


def _answers(simulated: SimulatedPanel, begun: Begun) -> str:
    panel = simulated.panel
    names = [one.name for one in panel.scores or panel.items]
    several = len(panel.relationships) > 1
    columns = [f"{whom}_{name}" if several else name for whom in panel.relationships for name in names]
    when = [] if panel.unit == "wave" else ["date" if begun is not None else "time"]
    rows: list[list[str]] = []
    for i, person in enumerate(panel.persons):
        for t, occasion in enumerate(panel.occasions):
            if np.isnan(panel.time[i, t]):
                continue
            time = [_moment(panel, i, panel.time[i, t], begun)] if when else []
            rows.append([person, occasion, *time, *_values(simulated, i, t)])
    return _table(["person", "occasion", *when, *columns], rows)


def _values(simulated: SimulatedPanel, person: int, occasion: int) -> list[str]:
    panel, written = simulated.panel, []
    lowest = [item.low for item in panel.items]
    for r in range(len(panel.relationships)):
        absent = NOT_APPLICABLE if panel.not_applicable[person, r, occasion] else MISSING
        for j, value in enumerate(simulated.values[person, r, occasion]):
            if not panel.observed[person, r, occasion, j]:
                written.append(absent)
            else:
                written.append(f"{value:.{_DIGITS}f}" if panel.scores else str(int(value) + lowest[j]))
    return written


def _input(panel: Panel, found: Input, begun: Begun) -> str:
    spell = found.convention == "spell"
    rows = []
    for person, start, stop, value in zip(found.person, found.start, found.stop, found.value, strict=True):
        moments = (start, stop) if spell else (stop if found.convention == "since" else start,)
        times = [_moment(panel, person, moment, begun) for moment in moments]
        rows.append([panel.persons[person], *times, _number(value)])
    return _table(["person", *(("start", "stop") if spell else ("time",)), "value"], rows)


def _happened(panel: Panel) -> bool:
    return any(len(found.time) for found in panel.events)


def _recorded_of_events(panel: Panel) -> list[str]:
    """Return which columns the file of events needs besides person, time and class."""
    dose = any((found.dose != 1).any() for found in panel.events)
    construal = any(np.isfinite(found.construal).any() for found in panel.events)
    return [word for word, there in (("dose", dose), ("construal", construal)) if there]


def _events(panel: Panel, begun: Begun) -> str:
    recorded = _recorded_of_events(panel)
    rows = []
    for found in panel.events:
        for number, (person, time) in enumerate(zip(found.person, found.time, strict=True)):
            values = [getattr(found, word)[number] for word in recorded]
            written = [MISSING if np.isnan(value) else _number(value) for value in values]
            rows.append([panel.persons[person], _moment(panel, person, time, begun), found.name, *written])
    return _table(["person", "time", "event", *recorded], rows)


def _moment(panel: Panel, person: int, time: float, begun: Begun) -> str:
    """Return a person's own time as the codebook counts it: waves from the first of the study."""
    if begun is None:
        return _number(time - panel.time[person, 0] if panel.unit == "wave" else time)
    return (begun[person] + datetime.timedelta(days=round(time * DAYS[panel.unit]))).isoformat()


def _require_writable(simulated: SimulatedPanel, begun: Begun) -> None:
    panel = simulated.panel
    if panel.clusters is not None:
        raise UsageError("U307", f'"{panel.name}" has families, which are not written.', fix="Nothing was written.")
    taken = ["answers", *(["events"] if _happened(panel) else [])]
    if names := [found.name for found in panel.inputs if found.name in taken]:
        message = f'Input "{names[0]}" would be written into {names[0]}.csv, which holds the {names[0]}.'
        raise UsageError("U307", message, fix="Give the input another name.")
    if names := [found.name for found in panel.inputs if not is_file_name(found.name)]:
        message = f'Input "{names[0][:60]}" would be written into a file, which cannot have this name.'
        raise UsageError("U307", message, fix="Give the input a name of letters, digits, - and _.")
    observed = np.where(panel.observed.any(axis=(1, 3)), panel.time, 0.0)
    if np.isnan(observed).any():
        raise UsageError("U307", f'"{panel.name}" has observed occasions without a time, which cannot be written.')
    if begun is not None:
        moments = [
            panel.time[np.isfinite(panel.time)],
            *(part for one in panel.inputs for part in (one.start, one.stop)),
            *(one.time for one in panel.events),
        ]
        days = np.concatenate(moments) * DAYS.get(panel.unit, math.nan)
        if len(begun) != len(panel.persons) or not np.allclose(days, np.round(days), rtol=0, atol=_NEAR):
            fix = "Leave the dates out, or make the panel with jitter, which keeps to days."
            raise UsageError("U307", "Dates need one for each person, and times on whole days.", fix=fix)
    for number, score in enumerate(panel.scores):
        values = simulated.values[..., number]
        outside = int(((values < score.low) | (values > score.high)).sum())
        if outside:
            message = (
                f'{outside} values of "{score.name}" lie outside {score.low:g}-{score.high:g}; scores are not clipped.'
            )
            fix = (
                "Give a score_level nearer to 0 or a smaller score_sd. Priors permit scores beyond any range, "
                "which only simulate() in Python returns."
            )
            raise UsageError("U308", message, fix=fix)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _codes(words: Iterable[str]) -> str:
    return f"{{ {', '.join(f'{_quoted(word)} = {_quoted(word)}' for word in words)} }}"


def _number(value: Any) -> str:
    """Return the shortest text that is read as the same number."""
    return repr(float(value))


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
