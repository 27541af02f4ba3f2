"""Small studies over three occasions made for the tests: two scale scores of a few persons, wide and long."""

from __future__ import annotations

from pathlib import Path

from iwm_bayes.errors import Problem
from iwm_bayes.study import Input, Panel, check_study, read_study

HEAD = 'format = 1\nname = "made"\nanswers = "answers.csv"\nperson = "id"\nmissing = ["NA", "-99"]\n'
SCORES = HEAD + '[scores]\ncolumns = "{dimension}_{occasion}"\ndimensions = { anx = "anxiety", avo = "avoidance" }\n'
THREE = '[occasions]\ncodes = { a = "first", b = "second", c = "third" }\n'
YEARS = SCORES + THREE + 'unit = "year"\ntimes = [0, 1, 3]\n'
WIDE = """id,anx_a,anx_b,anx_c,avo_a,avo_b,avo_c
p1,1,2,3,1.5,2.5,3.5
p2,4,NA,5,4.5,NA,NA
p3,NA,2,1,NA,3,2
p4,NA,NA,NA,NA,NA,NA
"""
LONG_SCORES = HEAD + '[scores]\ncolumns = "{dimension}"\ndimensions = { anx = "anxiety", avo = "avoidance" }\n'
LONG = """id,wave,when,anx,avo
p1,1,2020-01-01,1,1.5
p1,2,2020-12-31,2,2.5
p1,3,2022-12-31,3,3.5
p2,1,2021-01-01,4,4.5
p2,3,2023-12-31,5,NA
p3,2,2020-06-01,2,3
p3,3,2022-06-01,1,2
"""


def write(folder: Path, codebook: str, answers: str = WIDE, **files: str) -> Path:
    """Write a study; files beside it are named by their stem."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(codebook)
    (folder / "answers.csv").write_text(answers)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def panel(folder: Path, codebook: str, answers: str = WIDE, **files: str) -> Panel:
    return read_study(write(folder, codebook, answers, **files)).panel()


def problem(folder: Path, code: str, codebook: str, answers: str = WIDE, **files: str) -> Problem:
    """Return the one problem of a code that a study has; where it is an error, it has no other error."""
    found = check_study(write(folder, codebook, answers, **files))
    chosen = [p for p in found.problems if p.code == code]
    assert len(chosen) == 1, found.problems
    assert {p.code for p in found.errors} <= {code}
    assert (found.study is None) == bool(found.errors)
    return chosen[0]


def with_column(name: str, *values: object, answers: str = WIDE) -> str:
    head, *rows = answers.splitlines()
    return "\n".join([f"{head},{name}", *(f"{row},{value}" for row, value in zip(rows, values, strict=True))]) + "\n"


def triples(found: Input) -> list[tuple[int, float, float, float]]:
    return [
        (int(p), *map(float, rest))
        for p, *rest in zip(found.person, found.start.round(6), found.stop.round(6), found.value, strict=True)
    ]


def care(convention: str, rest: str = 'columns = "care_{occasion}"') -> str:
    return YEARS + f'[inputs.care]\nconvention = "{convention}"\n{rest}\n'


CARE = with_column(
    "care_c",
    0.3,
    2.3,
    3.3,
    9,
    answers=with_column("care_b", 0.2, 2.2, 3.2, 9, answers=with_column("care_a", 0.1, 2.1, 3.1, 9)),
)
DIARY = 'file = "diary.csv"\nperson = "id"\ntime = "t"\nvalue = "v"'
EVENTS = (
    YEARS + '[events]\nfile = "events.csv"\nperson = "id"\ntime = "t"\nclass = "what"\ndose = "d"\nconstrual = "c"\n'
)
BY_DATE = LONG_SCORES + '[occasions]\ncolumn = "wave"\nunit = "year"\ntime = "when"\n'
