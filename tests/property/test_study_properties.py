"""Whatever the answers: wide is long, reversed is raw, and what was read is what stands in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iwm_bayes.study import CheckResult, check_study

_HEAD = 'format = 1\nname = "made"\nanswers = "answers.csv"\nperson = "id"\n'
_RELATIONSHIPS = '[relationships]\nreference = "mother"\n{column}codes = {{ m = "mother", f = "father" }}\n'
_INSTRUMENT = "[instrument]\nrange = [1, 5]\nreversed_in_file = TURNED\n[items]\n" + "".join(
    f'{n} = {{ dimension = "{"self" if n < 3 else "others"}", keyed = "{"+" if n % 2 else "-"}" }}\n'
    for n in range(1, 5)
)
# (person, relationship, item); 0 stands for a missing answer
_ANSWERS = arrays(np.int16, st.tuples(st.integers(2, 6), st.just(2), st.just(4)), elements=st.integers(0, 5))


def wide(answers: np.ndarray) -> tuple[str, str]:
    lines = ["id," + ",".join(f"{code}{item}" for code in "mf" for item in range(1, 5))]
    lines += [f"p{n}," + ",".join(str(a or "") for a in row.ravel()) for n, row in enumerate(answers)]
    return 'columns = "{relationship}{item}"\n' + _RELATIONSHIPS.format(column=""), "\n".join(lines)


def long(answers: np.ndarray) -> tuple[str, str]:
    lines = ["id,target,item,answer"]
    for (person, relationship, item), answer in np.ndenumerate(answers):
        lines.append(f"p{person},{'mf'[relationship]},{item + 1},{answer or ''}")
    head = 'layout = "long"\ncolumns = { item = "item", answer = "answer" }\n'
    return head + _RELATIONSHIPS.format(column='column = "target"\n'), "\n".join(lines)


def read(folder: Path, form: tuple[str, str], turned: str = "[]") -> CheckResult:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(_HEAD + form[0] + _INSTRUMENT.replace("TURNED", turned))
    (folder / "answers.csv").write_text(form[1])
    return check_study(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("property")


@settings(max_examples=60, deadline=None)
@given(answers=_ANSWERS)
def test_wide_and_long_are_one_study_and_give_back_the_answers(folder: Path, answers: np.ndarray) -> None:
    one, other = read(folder / "wide", wide(answers)), read(folder / "long", long(answers))
    assert [p.code for p in one.errors] == [p.code for p in other.errors]
    if one.study is None or other.study is None:
        return
    assert one.study.digest == other.study.digest
    kept = answers[(answers > 0).any(axis=(1, 2))]
    assert np.array_equal(one.study.category(), kept - 1)
    assert np.array_equal(other.study.category(), kept - 1)


@settings(max_examples=40, deadline=None)
@given(answers=_ANSWERS, items=st.sets(st.integers(1, 4)))
def test_a_file_with_any_items_reversed_is_the_raw_study(folder: Path, answers: np.ndarray, items: set[int]) -> None:
    columns = [item - 1 for item in items]
    turned = answers.copy()
    turned[:, :, columns] = np.where(answers[:, :, columns] > 0, 6 - answers[:, :, columns], 0)
    raw = read(folder / "raw", wide(answers))
    undone = read(folder / "turned", wide(turned), turned=str(sorted(items)))
    assert (raw.study is None) == (undone.study is None)
    if raw.study is not None and undone.study is not None:
        assert np.array_equal(raw.study.category(), undone.study.category())
        assert raw.study.digest == undone.study.digest
