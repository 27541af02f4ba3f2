"""A simulated study becomes a folder that `iwm check` and `iwm fit` read: answers, codebook, truth.

Every file is a function of the simulated study alone, byte for byte.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from ..errors import StorageError, UsageError
from ..study import Design
from .instrument_lines import instrument_lines
from .simulated import ABSENT, Simulated
from .simulated_panel import SimulatedPanel
from .truth import truth
from .write_panel import MISSING, NOT_APPLICABLE, Begun, panel_files


def write_study(simulated: Simulated | SimulatedPanel, folder: str | Path, *, begun: Begun = None) -> Path:
    """Write `study.toml`, `answers.csv` and `truth.json` into a folder, files of inputs and events, and return it.

    A study simulated into the same folder before is replaced; any other study there is left alone. For a panel, `begun`
    is the date of each person's first observed occasion; without it times are written as numbers.

    Raises
    ------
    UsageError
        U306 where the folder holds a study that was not simulated; U307 and U308 what of a panel cannot be written.
    StorageError
        S310 where the folder cannot be written.
    """
    path = Path(folder)
    if isinstance(simulated, SimulatedPanel):
        files = panel_files(simulated, begun)
    else:
        files = {"answers.csv": answers_csv(simulated), "study.toml": codebook_toml(simulated.design)}
    files["truth.json"] = truth_json(simulated)
    if not (path / "truth.json").exists() and (found := [name for name in files if (path / name).exists()]):
        raise UsageError(
            "U306",
            f"{path} has its own {found[0]}, which was not simulated.",
            fix="Nothing was written. Give another folder.",
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            part = path / f"{name}.part"
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(path / name)
    except OSError as error:
        raise StorageError("S310", f"{path} cannot be written: {error.strerror}.") from error
    return path


def truth_json(simulated: Simulated | SimulatedPanel) -> str:
    """Return the truth as the text of `truth.json`: one line per estimand and per parameter."""
    entries = []
    for name, value in truth(simulated).items():
        if isinstance(value, dict):
            lines = ",\n".join(
                f"    {_quoted(key)}: {json.dumps(entry, allow_nan=False)}" for key, entry in value.items()
            )
            entries.append(f"  {_quoted(name)}: {{\n{lines}\n  }}")
        else:
            entries.append(f"  {_quoted(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def answers_csv(simulated: Simulated) -> str:
    """Return the answers as a long table: person, relationship, item, answer.

    A missing answer stands as ``NA`` and every answer about a relationship that a person does not have as
    ``not applicable``, so that the two stay apart.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["person", "relationship", "item", "answer"])
    writer.writerows(_rows(simulated))
    return text.getvalue()


def _rows(simulated: Simulated) -> Iterator[tuple[str, str, str, str]]:
    design, answers = simulated.design, simulated.answers.tolist()
    for i, person in enumerate(design.persons):
        for r, relationship in enumerate(design.relationships):
            absent = NOT_APPLICABLE if design.not_applicable[i, r] else MISSING
            for j, item in enumerate(design.items):
                observed = simulated.category[i, r, j] != ABSENT
                yield person, relationship, item.name, str(answers[i][r][j]) if observed else absent


def codebook_toml(design: Design) -> str:
    """Return the codebook of the long table that `answers_csv` writes."""
    relationships = ", ".join(f"{_quoted(word)} = {_quoted(word)}" for word in design.relationships)
    lines = [
        "format = 1",
        f"name = {_quoted(design.name)}",
        'answers = "answers.csv"',
        'layout = "long"',
        'person = "person"',
        'columns = { item = "item", answer = "answer" }',
        f'missing = ["{MISSING}"]',
        f'not_applicable = ["{NOT_APPLICABLE}"]',
        "",
        "[relationships]",
        f"reference = {_quoted(design.relationships[0])}",
        'column = "relationship"',
        f"codes = {{ {relationships} }}",
        "",
        *instrument_lines(design.items),
    ]
    return "\n".join(lines) + "\n"


def _quoted(word: str) -> str:
    """Return a word as a TOML string; JSON's notation for text is also TOML's."""
    return json.dumps(word, ensure_ascii=False)
