"""A digest of the code that computes models, by what it means: comments, docstrings and layout do not count."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

ROOMS = ("build", "field", "likelihood", "observation")
_PACKAGE = Path(__file__).resolve().parents[1]
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_digest(package: Path = _PACKAGE) -> str:
    """Return the SHA-256 of the syntax of the rooms in which a model is built and its likelihood computed."""
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
            _say(entry, words)
        words.append("]")
    elif isinstance(node, ast.AST):
        words.append(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            said = _without_docstring(node, value) if name == "body" else value
            if said is not None and said != []:  # fields that newer versions add are empty in older programs
                words.append(name)
                _say(said, words)
        words.append(")")
    else:
        words.append(repr(node))


def _without_docstring(node: ast.AST, body: object) -> object:
    if not isinstance(node, _DOCUMENTED) or not isinstance(body, list):
        return body
    return body[1:] if ast.get_docstring(node, clean=False) is not None else body
