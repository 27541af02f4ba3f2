"""What tests that show a promise leave behind, what is run again, and that the README says what they found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trust
import trust_report
from trust_report import BEGIN, END, README, read_results, table, with_section

TESTS = """
    import pytest

    @pytest.mark.trust("numbers are counted")
    @pytest.mark.parametrize("first", [1, 2])
    def test_count(first, extent):
        extent.found(f"{extent(short=3, full=30)} from {first}")

    @pytest.fixture
    def broken():
        raise RuntimeError("cannot be made")

    @pytest.mark.trust("what cannot be made does not hold")
    def test_broken(broken):
        pass

    @pytest.mark.trust("what is false does not hold")
    def test_false(extent):
        extent.found("1 of 2")
        assert False

    @pytest.mark.trust("what is skipped does not hold")
    def test_skipped():
        pytest.skip("no data")

    @pytest.mark.statistical
    @pytest.mark.parametrize("one", "ab")
    def test_long_ones_say_their_name(one):
        pass

    def test_that_promises_nothing():
        pass
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with tests of its own and its own results."""
    for module in (trust, trust_report):
        monkeypatch.setattr(module, "RESULTS", pytester.path / "trust.json")
    monkeypatch.setattr(trust, "read_results", lambda: kept(pytester))
    pytester.makeini("[pytest]\nmarkers =\n    statistical: long")
    pytester.makepyfile(test_promises=TESTS)
    return pytester


def kept(folder: pytest.Pytester) -> dict[str, dict[str, Any]]:
    path = folder.path / "trust.json"
    return json.loads(path.read_text()) if path.exists() else {}


def full(folder: pytest.Pytester, *more: str) -> pytest.RunResult:
    return folder.runpytest_inprocess("-p", "trust", "--full", "-m", "trust", *more)


def test_every_promise_leaves_what_was_found_and_whether_it_held(folder: pytest.Pytester) -> None:
    full(folder).assert_outcomes(passed=4, failed=1, errors=1, skipped=1, deselected=1)
    rows = {name.partition("::")[2]: row for name, row in kept(folder).items()}
    assert {name: (row["promise"], row["found"], row["passed"]) for name, row in rows.items()} == {
        "test_count[1]": ("numbers are counted", "30 from 1", True),
        "test_count[2]": ("numbers are counted", "30 from 2", True),
        "test_broken": ("what cannot be made does not hold", "", False),
        "test_false": ("what is false does not hold", "1 of 2", False),
        "test_skipped": ("what is skipped does not hold", "not tried: no data", False),
        "test_long_ones_say_their_name[a]": ("long ones say their name", "", True),
        "test_long_ones_say_their_name[b]": ("long ones say their name", "", True),
    }
    assert all(len(row["digest"]) == 16 and row["date"] for row in rows.values())


def test_what_held_is_not_run_again_until_it_changes_or_is_asked_for(folder: pytest.Pytester) -> None:
    full(folder)
    full(folder).assert_outcomes(passed=0, failed=1, errors=1, skipped=5, deselected=1)
    full(folder, "--again").assert_outcomes(passed=4, failed=1, errors=1, skipped=1, deselected=1)
    folder.makepyfile(test_promises=TESTS + "    # changed\n")
    full(folder).assert_outcomes(passed=4, failed=1, errors=1, skipped=1, deselected=1)


def test_a_short_run_leaves_nothing_behind(folder: pytest.Pytester) -> None:
    folder.runpytest_inprocess("-p", "trust", "-m", "not statistical")
    assert kept(folder) == {}


def test_a_digest_covers_the_modules_that_a_test_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "HERE", tmp_path)
    own, helper, deeper = (tmp_path / f"{name}.py" for name in ("test_one", "helper", "deeper"))
    own.write_text("from helper import made\n")
    helper.write_text("import deeper\n")
    deeper.write_text("made = 1\n")
    before = trust.digest_of(own)
    assert trust.digest_of(own) == before
    deeper.write_text("made = 2\n")
    assert trust.digest_of(own) != before


def row(
    promise: str, *, passed: bool = True, found: str = "", seconds: int = 10, date: str = "2026-01-02"
) -> dict[str, Any]:
    return {"promise": promise, "found": found, "passed": passed, "seconds": seconds, "date": date, "digest": "0" * 16}


def test_tests_of_one_promise_share_a_row() -> None:
    made = table(
        {
            "a[1]": row("b holds", found="3 of 3"),
            "a[2]": row("b holds", found="4 of 4", seconds=200, date="2026-01-03"),
            "c": row("a holds", found="x | y"),
        }
    ).splitlines()
    assert made[2:4] == [
        "| a holds | x \\| y | yes | 10 s | 2026-01-02 |",
        "| b holds | 3 of 3; 4 of 4 | 2 of 2 | 4 min | 2026-01-02 to 2026-01-03 |",
    ]
    assert made[-1] == "2 of 2 promises hold; 4 minutes of tests, two at a time on two cores."


def test_a_promise_of_which_one_part_did_not_hold_does_not_hold() -> None:
    made = table({"a[1]": row("b holds"), "a[2]": row("b holds", passed=False), "c": row("d holds", passed=False)})
    assert "| b holds |  | **1 of 2** | 20 s | 2026-01-02 |" in made
    assert "| d holds |  | **no** |" in made
    assert "0 of 2 promises hold" in made


def test_tests_that_are_gone_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    there = "tests/unit/test_trust.py::test_tests_that_are_gone_are_left_out"
    names = (there, f"{there}[a]", "tests/unit/test_trust.py::test_gone", "tests/gone.py::test_gone")
    path.write_text(json.dumps({name: row("a holds") for name in names}))
    assert list(read_results(path)) == [there, f"{there}[a]"]


def test_a_readme_without_its_markers_is_refused() -> None:
    assert with_section(f"a\n{BEGIN}\nold\n{END}\nz", "new") == f"a\n{BEGIN}\nnew\n{END}\nz"
    with pytest.raises(ValueError, match="needs one"):
        with_section("a", "new")


def test_the_readme_holds_what_make_trust_found_last() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_section(text, table(read_results())) == text, "python tests/trust_report.py brings it up to date"
