"""How the command line speaks: results on stdout, as text or JSON; problems and progress on stderr.

A problem is a mark (✗ error, ! warning, · note), its code, what was found, and below it what to do.
"""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..errors import IWMError, Problem, Severity, StorageError

_MARKS: dict[Severity, tuple[str, str]] = {"error": ("✗", "red"), "warning": ("!", "yellow"), "note": ("·", "blue")}


def prepare_streams() -> None:
    """Let a terminal that lacks a sign show a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print a message on stderr."""
    click.echo(visible(text), err=True)


def visible(text: str) -> str:
    """Return a text with all its signs visible: nothing in a file commands the terminal, or turns a line round."""
    return "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in text)


def show_error(error: IWMError) -> None:
    """Print an error on stderr; where it carries several problems, each of them."""
    if error.problems:
        show_problems(error.problems)
    else:
        show_lines("error", error.code, error.message, error.fix, error.rows)


def show_problems(problems: Iterable[Problem]) -> None:
    """Print problems on stderr."""
    sys.stdout.flush()
    for problem in problems:
        show_lines(problem.severity, problem.code, problem.message, problem.fix, problem.rows)


def show_lines(severity: Severity, code: str, message: str, fix: str = "", rows: Sequence[int] = ()) -> None:
    """Print one problem on stderr: mark, code and message, the first rows, and below them what to do."""
    mark, colour = _MARKS[severity]
    said = bool(rows) and (f"row {rows[0]}" in message or f"{rows[0]}/" in message)
    listed = f" {'Row' if len(rows) == 1 else 'First rows:'} {', '.join(map(str, rows))}."
    where = listed if rows and not said else ""
    click.echo(f"{click.style(mark, fg=colour, bold=True)} {code} {visible(message)}{where}", err=True)
    for line in visible(fix).splitlines():
        click.echo(f"    {line}", err=True)


def count_line(problems: Sequence[Problem]) -> str:
    """Return how many errors and warnings there are, in words."""
    counts = [(sum(p.severity == severity for p in problems), severity) for severity in ("error", "warning")]
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts)


def envelope(
    command: str, *, seed: int | None = None, study_digest: str | None = None, packages: Sequence[str] = ("numpy",)
) -> dict[str, Any]:
    """Return what every JSON object of the command line begins with."""
    versions = {"iwm_bayes": __version__, "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in packages}
    return {
        "schema": f"iwm/{command}/1",
        "command": command,
        "seed": seed,
        "versions": versions,
        "study_digest": study_digest,
    }


def write_json(content: Mapping[str, Any]) -> None:
    """Print an object as JSON on stdout; what is not finite is null."""
    click.echo(json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False))


def write_file(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole or not at all, in a folder that is made where there is none; `mode` are the file's rights.

    Raises
    ------
    StorageError
        S710 where it cannot be written.
    """
    from ..runs import write_atomically

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content, mode=mode)
    except OSError as error:
        raise StorageError("S710", f"Cannot write {path}: {error.strerror or error}.") from error


def plain(value: Any) -> Any:
    """Return a value made of what JSON knows: arrays and tuples as lists, NaN and infinity as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy, without importing it
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def problem_object(problem: Problem) -> dict[str, Any]:
    """Return a problem as it stands in JSON."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "fix": problem.fix,
        "count": problem.count,
        "rows": list(problem.rows),
    }
