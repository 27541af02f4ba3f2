"""Inputs act by their convention, events are read by class, and what is wrong with either is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panel_files import (
    BY_DATE,
    CARE,
    DIARY,
    EVENTS,
    LONG,
    WIDE,
    YEARS,
    care,
    panel,
    problem,
    triples,
    with_column,
    write,
)

from iwm_bayes.study import check_study, over_time, read_study


def test_hold_is_valid_until_the_next_value(tmp_path: Path) -> None:
    (found,) = panel(tmp_path, care("hold"), CARE).inputs
    assert (found.name, found.convention) == ("care", "hold")
    assert triples(found)[:3] == [(0, 0, 1, 0.1), (0, 1, 3, 0.2), (0, 3, 3, 0.3)]
    assert triples(found)[6:] == [(2, -1, 0, 3.1), (2, 0, 2, 3.2), (2, 2, 2, 3.3)]


def test_since_is_about_the_interval_before(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, care("since"), CARE))
    (found,) = study.panel().inputs
    assert triples(found) == [
        (0, 0, 1, 0.2),
        (0, 1, 3, 0.3),
        (1, 0, 1, 2.2),
        (1, 1, 3, 2.3),
        (2, -1, 0, 3.2),
        (2, 0, 2, 3.3),
    ]
    (note,) = [p for p in study.problems if p.code == "D277"]
    assert "3 values with no occasion or value before" in note.message
    assert over_time(study) == ["3 occasions, median 2 years apart (1-3)", "inputs: care (since, 6 values)"]


def test_a_pulse_starts_and_stops_at_once(tmp_path: Path) -> None:
    (found,) = panel(tmp_path, care("pulse"), CARE.replace("0.2", "NA")).inputs
    assert triples(found)[:2] == [(0, 0, 0, 0.1), (0, 3, 3, 0.3)]


def test_a_column_of_a_row_per_occasion_holds_an_input(tmp_path: Path) -> None:
    answers = with_column("care", 1, 2, 3, 4, 5, 6, 7, answers=LONG)
    (found,) = panel(tmp_path, BY_DATE + '[inputs.care]\nconvention = "hold"\ncolumn = "care"\n', answers).inputs
    assert found.value.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found.stop[3] == pytest.approx(1094 / 365.25)


def test_a_spell_is_read_from_a_file_in_its_own_unit(tmp_path: Path) -> None:
    rest = 'file = "therapy.csv"\nperson = "who"\ntime = "from"\nstop = "to"\nvalue = "sessions"\nunit = "month"'
    therapy = "who,from,to,sessions\np3,18,24,2\np1,24,30,1\np1,6,12,1\np1,30,,4\n"
    study = read_study(write(tmp_path, care("spell", rest), WIDE, therapy=therapy))
    (found,) = study.panel().inputs
    assert triples(found) == [(0, 0.5, 1, 1), (0, 2, 2.5, 1), (0, 2.5, 3, 4), (2, 0.5, 1, 2)]
    assert [(p.severity, p.rows) for p in study.problems if p.code == "D277"] == [("note", (5,))]


def test_dates_of_an_input_become_the_persons_own_time(tmp_path: Path) -> None:
    rest = '[inputs.loss]\nconvention = "pulse"\nfile = "loss.csv"\nperson = "id"\ntime = "on"\n'
    (found,) = panel(tmp_path, BY_DATE + rest, LONG, loss="id,on\np3,2020-06-11\n").inputs
    assert triples(found) == [(2, round(10 / 365.25, 6), round(10 / 365.25, 6), 1)]


@pytest.mark.parametrize(
    ("convention", "diary", "code", "severity", "said", "rows"),
    [
        ("hold", "p1,0,1\np2,0,1\np3,2,1", "D273", "error", "(hold): 1 person has no value at or before", (4,)),
        ("since", "p1,1,1\np1,3,1\np2,3,1\np3,1,1", "D273", "error", "(since): 1 person has no value for an int", (4,)),
        ("since", "p1,3,1\np2,3,1\np3,3,1", "D273", "error", "(since): 1 person has no value for an int", (2,)),
        ("pulse", "p1,1,1\np9,1,1", "D271", "error", '1 row names a person in "id"', (3,)),
        ("pulse", "p1,1,1\np4,1,1", "D278", "note", "1 row is about persons without answers", (3,)),
        ("pulse", "p1,1,1\np1,1,2", "D272", "error", "1 value at the same time as another", (3,)),
        ("pulse", "p1,1,much", "D270", "error", '1 value is not a number ("much")', (2,)),
        ("pulse", "p1,1,", "D275", "warning", "1 value is missing; not used", (2,)),
        ("pulse", "p1,,1", "D261", "error", "1 row has no time", (2,)),
        ("pulse", "p1,2020-01-01,1", "D260", "error", "holds dates, but the times of the occasions are numbers", (2,)),
        ("pulse", "p1,2020-01-01,1\np2,1,1", "D260", "error", "1 date mixed with 1 number", (3,)),
        ("pulse", "p1,5,1", "D276", "warning", "1 value wholly outside the occasions of the person", (2,)),
    ],
)
def test_what_a_file_of_an_input_gets_wrong_is_named(
    tmp_path: Path, convention: str, diary: str, code: str, severity: str, said: str, rows: tuple[int, ...]
) -> None:
    found = problem(tmp_path, code, care(convention, DIARY), diary=f"id,t,v\n{diary}\n")
    assert found.severity == severity
    assert said in found.message
    assert found.rows == rows


def test_since_is_about_the_time_since_the_value_before_where_values_stand_between_occasions(tmp_path: Path) -> None:
    rows = ["id,t,v", *(f"{p},{t},{t}" for p in ("p1", "p2", "p3") for t in (0.5, 1.5, 3))]
    (found,) = panel(tmp_path, care("since", DIARY), diary="\n".join(rows)).inputs
    assert triples(found)[:3] == [(0, 0, 0.5, 0.5), (0, 0.5, 1.5, 1.5), (0, 1.5, 3, 3)]
    gap = [row for row in rows if not row.endswith("1.5,1.5")]
    assert problem(tmp_path, "D273", care("since", DIARY), diary="\n".join(gap)).rows == (2,)


def test_an_unknown_person_is_told_by_the_row(tmp_path: Path) -> None:
    found = problem(tmp_path, "D271", care("pulse", DIARY), diary="id,t,v\np22,1,1\n")
    assert found.rows == (2,) and "p2" not in found.message + found.fix


def test_spells_neither_overlap_nor_stop_before_they_start(tmp_path: Path) -> None:
    book = care("spell", DIARY.replace("value", "stop"))
    assert problem(tmp_path, "D272", book, diary="id,t,v\np1,0,1.5\np1,1,2\n").rows == (3,)
    assert problem(tmp_path, "D274", book, diary="id,t,v\np1,2,1\n").rows == (2,)
    assert panel(tmp_path, book, diary="id,t,v\np1,0,1\np1,1,2\n").inputs[0].stop.tolist() == [1, 2]


def test_a_missing_value_that_an_earlier_one_stands_in_for_is_said(tmp_path: Path) -> None:
    found = problem(tmp_path, "D275", care("hold"), CARE.replace("0.2", "NA"))
    assert found.rows == (2,)
    assert "the value before it holds on" in found.message


def test_a_missing_code_may_be_declared_for_an_input(tmp_path: Path) -> None:
    answers = CARE.replace("0.1", "-9").replace("0.2", "-9")
    book = care("since", 'columns = "care_{occasion}"\nmissing = [-9]')
    assert "(since): 1 person has no value" in problem(tmp_path, "D273", book, answers).message


@pytest.mark.parametrize(
    ("rest", "code", "said"),
    [
        ('columns = "care_{occasion}"', "D112", "convention is missing: say"),
        ('convention = "holds"\ncolumns = "care_{occasion}"', "D112", "'hold'"),
        ('convention = "hold"\ncolums = "care_{occasion}"', "D111", 'Did you mean "columns"?'),
        ('convention = "hold"\ncolumns = "care"', "D112", "columns needs {occasion}"),
        ('convention = "hold"\ncolumn = "care"', "D112", "needs {occasion}, because no column tells the occasion"),
        ('convention = "hold"\ncolumns = "care_{occasio}_{occasion}"', "D112", 'Did you mean "occasion"?'),
        ('convention = "spell"\ncolumns = "care_{occasion}"', "D112", "a spell has a start and a stop"),
        ('convention = "hold"\nfile = "diary.csv"\nperson = "id"\ntime = "t"', "D112", "value is missing"),
        (f'convention = "hold"\n{DIARY}\nunit = "wave"', "D112", "a wave has no length"),
        (f'convention = "hold"\n{DIARY}'.replace('"v"', '"values"'), "D202", 'has no column "values"'),
        (f'convention = "hold"\n{DIARY}'.replace("diary.csv", "diaries.csv"), "D101", 'Did you mean "diary.csv"?'),
        (f'convention = "hold"\n{DIARY}'.replace("diary.csv", "../diary.csv"), "D117", "outside the folder"),
        ('convention = "hold"\ncolumns = "love_{occasion}"', "D202", 'names the column "love_{occasion}"'),
    ],
)
def test_what_the_codebook_says_wrongly_of_an_input_is_named(tmp_path: Path, rest: str, code: str, said: str) -> None:
    study = write(tmp_path, YEARS + f"[inputs.care]\n{rest}\n", CARE, diary="id,t,v\np1,0,1\n")
    errors = check_study(study).errors
    assert code in {p.code for p in errors}
    assert said in " ".join(f"{p.message} {p.fix}" for p in errors)


def test_a_file_of_two_inputs_is_read_once_and_its_other_columns_are_named(tmp_path: Path) -> None:
    book = YEARS + f'[inputs.a]\nconvention = "pulse"\n{DIARY}\n[inputs.b]\nconvention = "pulse"\n'
    book += DIARY.replace('"v"', '"w"') + "\n"
    found = check_study(write(tmp_path, book, diary="id,t,v,w,note\np1,1,5,6,x\n"))
    assert found.study is not None
    assert [i.value.tolist() for i in found.study.panel().inputs] == [[5], [6]]
    assert [p.message for p in found.problems if p.code == "D201"] == [
        'diary.csv: 1 column is not in the codebook and not read: "note".'
    ]


def test_events_are_read_by_class(tmp_path: Path) -> None:
    events = "id,t,what,d,c\np3,2,loss,2,-1\np1,1.5,breakup,,\np1,0.5,loss,3,1\n"
    study = read_study(write(tmp_path, EVENTS, events=events))
    breakup, loss = study.panel().events
    assert (breakup.name, loss.name) == ("breakup", "loss")
    assert breakup.dose.tolist() == [1]
    assert np.isnan(breakup.construal).all()
    assert (loss.person.tolist(), loss.time.tolist()) == ([0, 2], [0.5, 1])
    assert (loss.dose.tolist(), loss.construal.tolist()) == ([3, 2], [1, -1])
    assert over_time(study)[1] == "events: breakup ×1, loss ×2"


@pytest.mark.parametrize(
    ("rest", "events", "code", "severity", "said", "rows"),
    [
        ('classes = ["loss"]', "p1,1,los,1,1", "D280", "error", '1 event of the class "los"', (2,)),
        ("", "p1,1,,1,1", "D280", "error", "1 event has no class", (2,)),
        ("", "p1,4,loss,1,1\np3,0,loss,1,1", "D281", "warning", "2 events outside the occasions", (2, 3)),
        ("", "p1,1,loss,,1\np2,1,loss,2,1", "D282", "warning", "1 event has no dose; taken as 1", (2,)),
        ("", "p1,1,loss,1,1\np1,1,loss,1,1", "D283", "warning", "1 event repeats", (3,)),
        ("", "p8,1,loss,1,1", "D271", "error", "1 row names a person", (2,)),
        ("", "p1,soon,loss,1,1", "D260", "error", "neither a number nor a date", (2,)),
        ("", "p1,1,loss,much,1", "D270", "error", '"d": 1 value is not a number', (2,)),
    ],
)
def test_what_a_file_of_events_gets_wrong_is_named(
    tmp_path: Path, rest: str, events: str, code: str, severity: str, said: str, rows: tuple[int, ...]
) -> None:
    found = problem(tmp_path, code, EVENTS + rest + "\n", events=f"id,t,what,d,c\n{events}\n")
    assert found.severity == severity
    assert said in found.message
    assert found.rows == rows


def test_an_unknown_class_has_the_nearest_name(tmp_path: Path) -> None:
    book = EVENTS + 'classes = ["loss", "breakup"]\n'
    assert problem(tmp_path, "D280", book, events="id,t,what,d,c\np1,1,los,1,1\n").fix == 'Did you mean "loss"?'


def test_a_misspelled_word_of_events_is_offered_class(tmp_path: Path) -> None:
    found = check_study(write(tmp_path, EVENTS.replace("class =", "clas ="), events="id,t,what,d,c\n")).errors
    assert 'Did you mean "class"?' in " ".join(p.fix for p in found)
