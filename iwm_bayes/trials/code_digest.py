"""A digest of the code that computes models, by what it means: comments, docstrings and layout do not count."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

ROOMS = ("build", "field", "likelihood", "observation")
"""Where a model is built and its likelihood computed."""

_PACKAGE = Path(__file__).resolve().parents[1]


def code_digest(package: Path = _PACKAGE) -> str:
    """Return the SHA-256 of the syntax of these rooms."""
    found = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (package / room).rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode())
        found.update("\0".join(syntax(path.read_text(encoding="utf-8"))).encode())
    return found.hexdigest()


def syntax(source: str) -> list[str]:
    """Return the abstract syntax of a program, without docstrings; the same under every version of Python."""
    words: list[str] = []
    _say(ast.parse(source), words)
    return words


def _say(node: object, words: list[str]) -> None:
    if isinstance(node, list):
        words.append("[")
        for entry in node:
            if not _is_documentation(entry):
                _say(entry, words)
        words.append("]")
    elif isinstance(node, ast.AST):
        words.append(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            if value is not None and value != []:  # fields that newer versions add are empty in older programs
                words.append(name)
                _say(value, words)
        words.append(")")
    else:
        words.append(repr(node))


def _is_documentation(node: object) -> bool:
    """Whether a statement is a string that stands by itself, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
