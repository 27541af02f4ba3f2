"""Any table at all through the check: what is read stands in the file, and the file is as it was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trust import Extent

from iwm_bayes.cli import main
from iwm_bayes.study import check_study

_CODED = re.compile(r"^[A-Z]\d{3}$")
_ITEMS = [f"{code}{item}" for code in "mf" for item in (1, 2, 3)]
_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_ANSWERS = st.integers(1, 5)
_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(),
    _WORDS,
    st.dates().map(str),
    st.sampled_from(["NA", "", "9", "99", "1,5", "=1", "'", '"', "\t", "\n", ";", "inf", "1_0", "\x00", "\u2028"]),
)
_BOOK = """format = 1
name = "made"
answers = "ANSWERS"
person = PERSON
columns = "{relationship}{item}"
missing = ["NA", ""]
[relationships]
reference = "mother"
codes = { m = "mother", f = "father" }
[instrument]
range = [1, 5]
[items]
1 = { dimension = "self", keyed = "+" }
2 = { dimension = "self", keyed = "-" }
3 = { dimension = "others", keyed = "+" }
[covariates]
age = { column = "age", unit = "year" }
"""


@st.composite
def frames(draw: Any) -> tuple[pd.DataFrame, str, str]:
    """Return a table whose columns are right, odd or missing, the suffix of its file, and who tells persons apart."""
    size = draw(st.integers(0, 8))
    names = [*draw(st.sampled_from([_ITEMS, _ITEMS, _ITEMS[:4], []])), "id", "age"]
    names += draw(st.lists(_WORDS, max_size=2))
    oddness = draw(st.sampled_from([0.0, 0.0, 0.05, 0.5]))
    columns = {}
    for name in dict.fromkeys(names):
        usual = st.integers(1, 9) if name == "id" else st.floats(0, 110) if name == "age" else _ANSWERS
        cell = st.one_of(*[usual] * (1 if oddness == 0.5 else 19), *[_ODD] * (oddness > 0))
        once = name == "id" and oddness < 0.5  # or persons would be there twice, and the table refused
        columns[name] = draw(st.lists(cell, min_size=size, max_size=size, unique_by=str if once else None))
    suffix, person = draw(st.sampled_from([".csv", ".tsv", ".parquet"])), draw(st.sampled_from(['"row"', '"id"']))
    return pd.DataFrame(columns, dtype=object), suffix, person


def written(frame: pd.DataFrame, path: Path) -> bytes:
    """Write a table and return the bytes of the file."""
    if path.suffix == ".parquet":
        frame.map(lambda cell: None if cell is None else str(cell)).to_parquet(path)
    else:
        frame.to_csv(path, sep="\t" if path.suffix == ".tsv" else ",", index=False, errors="surrogatepass")
    return path.read_bytes()


@pytest.mark.trust("whatever the table, check ends with a code or with all answers of the file, which stays as it was")
def test_any_table_is_checked_without_a_fault_and_left_as_it_was(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    count, least, read, held = extent(short=100, full=2000), extent(short=1, full=200), 0, 0

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(frames())
    def checked(made: tuple[pd.DataFrame, str, str]) -> None:
        nonlocal read, held
        frame, suffix, person = made
        before, book = frame.copy(deep=True), tmp_path / "study.toml"
        words = _BOOK.replace("ANSWERS", f"answers{suffix}").replace("PERSON", person)
        book.write_text(words, encoding="utf-8")
        answers = tmp_path / f"answers{suffix}"
        content = written(frame, answers)
        result = check_study(tmp_path)
        assert all(_CODED.fullmatch(problem.code) for problem in result.problems)
        assert main(["check", str(tmp_path)]) == (3 if result.errors else 0)
        assert "X100" not in capsys.readouterr().err
        assert answers.read_bytes() == content
        assert book.read_text(encoding="utf-8") == words
        pd.testing.assert_frame_equal(frame, before)
        if result.study is not None:
            assert_same_answers(result.study, frame, person)
            read += len(result.study.cells) > 0
            held += len(result.study.cells)

    checked()
    extent.found(f"{count:,} tables, {read:,} of them read, with {held:,} answers; no answer lost, changed or added")
    assert read >= least


def assert_same_answers(study: Any, frame: pd.DataFrame, person: str) -> None:
    """See that the study holds each answer of the table, at its place and as it was given, and no other."""
    cells = study.cells
    found = Counter(
        (study.persons[cells.person[n]], f"{'mf'[cells.relationship[n]]}{cells.item[n] + 1}", float(cells.value[n]))
        for n in range(len(cells))
    )
    assert found == Counter(answers_of(frame, person))


def answers_of(frame: pd.DataFrame, person: str) -> Iterator[tuple[str, str, float]]:
    """Return who answered what to which item, as the cells of a table say."""
    for row in range(len(frame)):
        for column in frame.columns.intersection(_ITEMS):
            if is_answer(cell := frame[column].iloc[row]):
                yield label(frame, row, person), column, number_of(cell)


def label(frame: pd.DataFrame, row: int, person: str) -> str:
    if person == '"row"':
        return str(row + 1)
    return str(frame["id"].iloc[row]).strip()


def number_of(cell: object) -> float:
    return float(str(cell).replace(",", ".").strip())


def is_answer(cell: object) -> bool:
    try:
        return 1 <= number_of(cell) <= 5
    except ValueError:
        return False
