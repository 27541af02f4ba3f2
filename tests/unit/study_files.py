"""Small studies made for the tests: nine items of the ECR-RS about mother and father."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(__file__).parents[2] / "data"
CODES = ("m", "f")
HEADER = ["id", *(f"{code}{item}" for code in CODES for item in range(1, 10))]
CODEBOOK = """
format = 1
name = "made"
answers = "answers.csv"
person = "id"
columns = "{relationship}{item}"
missing = ["NA"]

[relationships]
reference = "mother"
codes = { m = "mother", f = "father" }

[instrument]
use = "ecr-rs"
"""
LONG_CODEBOOK = (
    CODEBOOK.replace('"{relationship}{item}"', '{ item = "item", answer = "answer" }')
    .replace('person = "id"', 'layout = "long"\nperson = "id"')
    .replace("[relationships]", '[relationships]\ncolumn = "target"')
)

type Rows = list[list[str]]


def wide_rows(persons: int = 40, seed: int = 1) -> Rows:
    """Return rows of a wide file whose answers follow the key of the ECR-RS, under a header."""
    rng = np.random.default_rng(seed)
    minus = np.array([item <= 4 for item in range(1, 10)] * 2)
    latent = rng.normal(size=(persons, 1)) + 0.7 * rng.normal(size=(persons, 18))
    answers = np.clip(np.round(4 + 1.6 * np.where(minus, -latent, latent)), 1, 7).astype(int)
    return [HEADER, *([f"p{person}", *map(str, row)] for person, row in enumerate(answers, start=1))]


def long_rows(wide: Rows) -> Rows:
    """Return the same answers with one row each."""
    rows = [["id", "target", "item", "answer"]]
    for person, *answers in wide[1:]:
        for name, answer in zip(HEADER[1:], answers, strict=True):
            rows.append([person, name[0], name[1:], answer])
    return rows


def csv_text(rows: Rows, separator: str = ",") -> str:
    """Return rows as text."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def write_study(folder: Path, rows: Rows | str | bytes, codebook: str = CODEBOOK, answers: str = "answers.csv") -> Path:
    """Write a codebook and a file of answers into a folder, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(codebook.replace("answers.csv", answers), encoding="utf-8")
    content = csv_text(rows) if isinstance(rows, list) else rows
    (folder / answers).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def changed(rows: Rows, change: Callable[[Rows], object]) -> Rows:
    """Return a copy of rows after a change."""
    copy = [list(row) for row in rows]
    change(copy)
    return copy


def shared(path: str) -> Path:
    """Return a file of the shared studies, or skip the test where they are not on this machine."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the shared studies are not beside the project ({found} does not exist)")
    return found
