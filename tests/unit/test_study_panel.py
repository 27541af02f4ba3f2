"""A study over occasions gives a model what was observed of whom, when, and a digest that covers it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panel_files import CARE, DIARY, EVENTS, HEAD, LONG, LONG_SCORES, SCORES, THREE, WIDE, YEARS, panel, problem, write
from study_files import DATA, shared

from iwm_bayes.errors import DesignError
from iwm_bayes.study import check_study, over_time, read_study


def test_a_panel_of_scores_has_persons_with_an_answer_and_their_scores(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, YEARS))
    found, values = study.panel(), study.panel_values()
    assert found.persons == ("p1", "p2", "p3")
    assert found.occasions == ("first", "second", "third")
    assert found.items == ()
    assert [(s.name, s.dimension, s.low, s.high, s.sign) for s in found.scores] == [
        ("anx", "anxiety", None, None, 1),
        ("avo", "avoidance", None, None, 1),
    ]
    assert found.dimensions == ("anxiety", "avoidance")
    assert found.unit == "year"
    assert found.observed.shape == values.shape == (3, 1, 3, 2)
    assert np.array_equal(found.observed, ~np.isnan(values))
    assert np.array_equal(values[1, 0, :, 0], [4, np.nan, 5], equal_nan=True)
    assert np.array_equal(values[2, 0, :, 1], [np.nan, 3, 2], equal_nan=True)


def test_a_panel_of_items_has_categories_in_the_worded_direction(tmp_path: Path) -> None:
    book = HEAD + 'columns = "q{item}_{occasion}"\n' + THREE + "[instrument]\nrange = [1, 5]\nreversed_in_file = [2]\n"
    book += '[items]\n1 = { dimension = "self", keyed = "+" }\n2 = { dimension = "others", keyed = "-" }\n'
    answers = "id,q1_a,q2_a,q1_b,q2_b,q1_c,q2_c\np1,1,2,3,4,5,NA\np2,NA,NA,5,5,1,1\n"
    study = read_study(write(tmp_path, book, answers))
    values = study.panel_values()
    assert values.dtype == np.int16
    assert values[:, 0].tolist() == [[[0, 3], [2, 1], [4, -1]], [[-1, -1], [4, 0], [0, 4]]]
    assert [item.name for item in study.panel().items] == ["1", "2"]
    assert study.panel().scores == ()
    for number, label in enumerate(study.occasions):
        here = study.panel().observed[:, :, number].any(axis=(1, 2))
        assert np.array_equal(values[here][:, :, number], study.category(label))


def test_the_occasion_to_be_fitted_is_no_limit_of_the_panel(tmp_path: Path) -> None:
    assert panel(tmp_path, YEARS + 'use = "b"\n').occasions == ("first", "second", "third")


def test_arrays_of_a_panel_cannot_be_written_to(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, YEARS))
    for array in (study.panel().time, study.panel().observed, study.panel().not_applicable, study.panel_values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_scores_in_long_rows_are_the_same_panel_as_in_wide_ones(tmp_path: Path) -> None:
    book = LONG_SCORES + '[occasions]\ncolumn = "wave"\ncodes = { 1 = "first", 2 = "second", 3 = "third" }\n'
    rest = '[ignore]\ncolumns = ["when"]\n'
    long = read_study(write(tmp_path / "long", book + 'unit = "year"\ntimes = [0, 1, 3]\n' + rest, LONG))
    wide = read_study(write(tmp_path / "wide", YEARS))
    assert np.array_equal(long.panel_values(), wide.panel_values(), equal_nan=True)
    assert np.array_equal(long.panel().time, wide.panel().time)
    assert long.digest == wide.digest


def test_scores_stand_per_relationship_and_occasion_and_in_parcels(tmp_path: Path) -> None:
    book = HEAD + '[scores]\ncolumns = "{relationship}{dimension}{occasion}"\nrange = [1, 7]\n'
    book += '[scores.dimensions]\nx = { dimension = "self", keyed = "+" }\n'
    book += 'y = { dimension = "self", keyed = "+", range = [0, 10] }\n'
    book += '[relationships]\ncodes = { m = "mother", f = "father" }\n[occasions]\ncodes = { 1 = "1", 2 = "2" }\n'
    answers = "id,mx1,mx2,fx1,fx2,my1,my2,fy1,fy2\np1,1,2,3,4,5,6,7,8\np2,1,1,1,1,1,1,1,10\n"
    study = read_study(write(tmp_path, book, answers))
    assert [(s.dimension, s.low, s.high, s.sign) for s in study.panel().scores] == [
        ("self", 1, 7, -1),
        ("self", 0, 10, -1),
    ]
    assert study.panel_values()[0].tolist() == [[[1, 5], [2, 6]], [[3, 7], [4, 8]]]
    assert "D231" not in {p.code for p in study.problems}


def test_a_score_outside_its_range_is_named_with_the_range(tmp_path: Path) -> None:
    found = problem(tmp_path, "D210", YEARS.replace("[occasions]", "range = [1, 4.5]\n[occasions]"))
    assert "outside 1-4.5 (5 ×1)" in found.message


def test_a_score_of_self_without_a_key_is_asked_about(tmp_path: Path) -> None:
    found = problem(tmp_path, "D231", YEARS.replace('"anxiety"', '"self"'))
    assert found.severity == "warning"
    assert 'anx = { dimension = "self", keyed = "+" }' in found.fix


def test_one_occasion_is_a_panel_of_one(tmp_path: Path) -> None:
    book = HEAD + '[scores]\ncolumns = "{dimension}"\ndimensions = { anx = "anxiety" }\n'
    study = read_study(write(tmp_path, book, "id,anx\np1,1\np2,2\n"))
    assert study.panel().time.tolist() == [[0], [0]]
    assert study.panel().unit == "wave"
    assert over_time(study) == []


def test_scores_still_need_a_model_of_change(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="P303"):
        read_study(write(tmp_path, YEARS)).design()


def test_everything_wrong_over_time_is_found_in_one_pass(tmp_path: Path) -> None:
    book = EVENTS + f'[inputs.care]\nconvention = "since"\n{DIARY}\n'
    files = {"events": "id,t,what,d,c\np8,1,loss,1,1\n", "diary": "id,t,v\np1,1,much\n"}
    found = check_study(write(tmp_path, book, WIDE.replace("p1,1,", "p1,x,"), **files))
    assert [p.code for p in found.errors] == ["D212", "D270", "D271", "D273"]


def test_the_digest_covers_times_inputs_and_events(tmp_path: Path) -> None:
    events = "id,t,what,d,c\np1,1,loss,1,\n"

    def digest(book: str, events: str = events, answers: str = CARE) -> str:
        return read_study(write(tmp_path, book, answers, events=events)).digest

    rest = '[inputs.care]\nconvention = "hold"\ncolumns = "care_{occasion}"\n'
    spare = '[ignore]\ncolumns = ["care_*"]\n'
    seen = [
        digest(SCORES + THREE + spare),
        digest(YEARS + spare),
        digest(YEARS.replace("[0, 1, 3]", "[0, 1, 4]") + spare),
        digest(YEARS.replace('"year"', '"month"') + spare),
        digest(YEARS + rest),
        digest(YEARS + rest.replace("hold", "since")),
        digest(YEARS + rest, answers=CARE.replace("0.2", "0.25")),
        digest(EVENTS + spare),
        digest(EVENTS + spare, events.replace("p1,1", "p1,1.5")),
        digest(EVENTS + spare, events.replace("1,\n", "1,2\n")),
        digest(SCORES.replace('avo = "avoidance"', 'avo = { dimension = "avoidance", keyed = "+" }') + THREE + spare),
    ]
    assert len(set(seen)) == len(seen)
    assert digest(YEARS.replace("[0, 1, 3]", "[2, 3, 5]") + spare) == digest(YEARS + spare)


def test_the_answers_say_what_there_is_over_time(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, YEARS))
    assert study.answers.attrs["over_time"] == "3 occasions, median 2 years apart (1-3)"
    assert "median 2 years apart" in study._repr_html_()


def test_the_panel_of_anomia_and_authoritarianism() -> None:
    study = read_study(DATA / "authoritarianism_panel", answers=shared("authoritarianism-panel/AnomAuth.csv"))
    found, values = study.panel(), study.panel_values()
    assert found.observed.shape == (2722, 1, 5, 2)
    first = np.nanargmin(np.where(study.observed, 0, np.nan), axis=1)
    years = np.array([0, 1, 2, 4, 6])
    assert np.array_equal(found.time, years - years[first][:, None])
    assert [score.dimension for score in found.scores] == ["anomia", "authoritarianism"]
    assert found.unit == "year"
    assert values[0, 0, :2].tolist() == [[2.67, 3.5], [3.33, 3.5]]
    assert found.observed[:, 0].sum(axis=0).T.tolist() == [[2721, 1175, 826, 1024, 560], [2722, 1176, 826, 1298, 1047]]


def test_the_panel_of_couples() -> None:
    study = read_study(DATA / "couples_ecr_short", answers=shared("couples-ecr-short/SEC_DF.csv"))
    found, values = study.panel(), study.panel_values()
    assert found.occasions == ("wave 1", "wave 2", "wave 3")
    assert (found.unit, len(found.items), found.scores) == ("wave", 10, ())
    assert found.clusters is not None
    assert len(found.clusters) == len(found.persons) == len(values)
    here = found.observed[:, 0, 0].any(axis=1)
    assert np.array_equal(values[here][:, :, 0], study.category())
    assert study.design().observed.sum() == found.observed[:, :, 0].sum()
