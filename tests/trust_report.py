"""One table of what is promised and what was found, a row a promise, and the README that holds it.

Run after the tests of `make trust`: ``python tests/trust_report.py`` brings README.md up to what ``trust.json`` says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "trust.json"
README = HERE.parent / "README.md"
BEGIN, END = "<!-- what is promised: written by make trust -->", "<!-- end of what is promised -->"

Results = Mapping[str, Mapping[str, Any]]


def read_results(path: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Return what was found last, by test; tests that are no longer there are left out."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: row for name, row in kept.items() if _is_there(name)}


def table(results: Results) -> str:
    """Return what is promised and what was found, as Markdown; tests of one promise share a row."""
    if not results:
        return "Nothing has been tried yet: `make trust` does."
    promises: dict[str, list[Mapping[str, Any]]] = {}
    for row in results.values():
        promises.setdefault(row["promise"], []).append(row)
    lines = ["| promise | tried and found | held | took | on |", "|---|---|---|---|---|"]
    for promise, rows in sorted(promises.items()):
        cells = (promise, _found(rows), _held(rows), _took(rows), _when(rows))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    held = sum(all(row["passed"] for row in rows) for rows in promises.values())
    seconds = sum(row["seconds"] for row in results.values())
    took = f"{seconds / 60:.0f} minutes of tests, two at a time on two cores"
    lines += ["", f"{held} of {len(promises)} promises hold; {took}."]
    return "\n".join(lines)


def with_section(readme: str, section: str) -> str:
    """Return a README whose part between the markers is this section.

    Raises
    ------
    ValueError
        The README has not one marker of each kind.
    """
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    made, count = pattern.subn(lambda _: f"{BEGIN}\n{section}\n{END}", readme)
    if count != 1:
        raise ValueError(f"README.md needs one {BEGIN} and one {END}; it has {count}.")
    return made


def _is_there(name: str) -> bool:
    """Return whether the file of a test still defines it."""
    path, _, test = name.partition("::")
    file = HERE.parent / path
    function = re.escape(test.rpartition("::")[2].partition("[")[0])
    return (
        file.exists()
        and re.search(rf"^\s*def {function}\(", file.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )


def _found(rows: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(dict.fromkeys(row["found"] for row in rows if row["found"]))


def _held(rows: list[Mapping[str, Any]]) -> str:
    held = sum(bool(row["passed"]) for row in rows)
    if held < len(rows):
        return f"**{held} of {len(rows)}**" if len(rows) > 1 else "**no**"
    return "yes" if len(rows) == 1 else f"{held} of {held}"


def _took(rows: Iterable[Mapping[str, Any]]) -> str:
    seconds = sum(row["seconds"] for row in rows)
    return f"{seconds} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _when(rows: Iterable[Mapping[str, Any]]) -> str:
    days = sorted({row["date"] for row in rows})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


if __name__ == "__main__":
    README.write_text(with_section(README.read_text(encoding="utf-8"), table(read_results())), encoding="utf-8")
