"""Persons over time in a report: means, a few persons by a stated rule, and counts that give nobody away."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from change_fits import change_panel, made_change

from iwm_bayes.inference import Fit, add_trajectories
from iwm_bayes.reporting import write_report
from iwm_bayes.reporting.contents_of_trajectories import chosen_persons, collect_trajectories
from iwm_bayes.reporting.figures.trajectories import TrajectoryPanel, trajectory_panels
from iwm_bayes.reporting.palette import dimension_look


@pytest.fixture(scope="module")
def smoothed() -> Fit:
    return add_trajectories(made_change())


@pytest.fixture(scope="module")
def page(smoothed: Fit, tmp_path_factory: pytest.TempPathFactory) -> str:
    return text_of(smoothed, tmp_path_factory.mktemp("page"))


def text_of(fit: Fit, folder: Path) -> str:
    source = write_report(fit, folder / "report.html").read_text(encoding="utf-8")
    body = re.sub(r"<style>.*?</style>", "", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_persons_nearest_to_the_quantiles_of_change_are_drawn() -> None:
    change = np.random.default_rng(2).permutation(np.linspace(-1, 1, 101))
    change[change.argsort()[3]] = np.nan
    chosen = chosen_persons(change)
    np.testing.assert_allclose(np.sort(change[chosen]), [-0.9, -0.48, 0.02, 0.5, 0.9], atol=0.021)
    assert len(chosen_persons(np.full(80, 0.3))) == 1


def test_of_fewer_than_fifty_persons_nobody_is_drawn() -> None:
    assert len(chosen_persons(np.linspace(-1, 1, 49))) == 0
    assert len(chosen_persons(np.append(np.linspace(-1, 1, 49), np.nan))) == 0
    assert len(chosen_persons(np.linspace(-1, 1, 50))) == 5
    shown = collect_trajectories(add_trajectories(made_change(panel=change_panel(49))))
    assert shown is not None
    assert shown.curves == ()


def test_means_are_those_of_the_persons_seen_at_an_occasion(smoothed: Fit) -> None:
    shown = collect_trajectories(smoothed)
    assert shown is not None
    models = smoothed.tree["trajectories"].to_dataset()["working_model"].values.astype(float)
    assert shown.mean[1, 1, 3] == pytest.approx(np.median(np.nanmean(models[..., 1, 0, 3], axis=2)))
    assert shown.middle[0, 0, 2] == pytest.approx(np.quantile(models[..., 0, 0, 2], 0.1))
    assert shown.time.tolist() == [0, 0.5, 1, 2]
    assert (shown.mean[0] < shown.mean[1]).all()
    assert (shown.mean[2] - shown.mean[0] < 0.5).all()  # of a mean over 60 persons, not of a person
    assert sum(shown.counts[0][2]) == 60


def test_an_occasion_with_few_persons_has_no_mean() -> None:
    shown = collect_trajectories(add_trajectories(made_change(panel=change_panel(60, missing=41))))
    assert shown is not None
    assert shown.occasions == ("0", "1", "2")


def test_the_page_says_who_is_drawn_and_how_change_is_counted(page: str) -> None:
    assert "were drawn 200 times from their distribution given all of a person's scores" in page
    assert "nearest to the 5, 25, 50, 75, 95% quantiles" in page
    assert "by more than 0.5 latent SD from the first to the last occasion with a probability of at least .95" in page
    assert "a change of style in the scores says nothing unless it is more frequent" in page


def test_counts_of_persons_below_five_are_not_told(page: str) -> None:
    rows = re.findall(r"(self|others) general (\S+) (\S+) (\S+) \.\d\d \[", page)
    assert len(rows) == 2
    told = [cell for row in rows for cell in row[1:] if cell.isdigit()]
    assert all(cell == "0" or int(cell) >= 5 for cell in told)


def test_without_drawn_working_models_the_section_is_not_there(tmp_path: Path) -> None:
    assert "Persons over time" not in text_of(made_change(), tmp_path)


def test_what_must_not_be_interpreted_shows_no_persons(smoothed: Fit, tmp_path: Path) -> None:
    far = add_trajectories(made_change(spread=3.0))
    page = text_of(far, tmp_path)
    assert "Do not interpret" in page
    assert "have changed reliably" not in page


def test_the_drawing_has_a_line_for_each_person_and_the_mean() -> None:
    time, zero = np.array([0.0, 1.0]), np.zeros(2)
    person = (time, zero - 0.5, zero, zero + 0.5)
    panel = TrajectoryPanel("model of self", dimension_look(0), time, np.zeros((3, 2)), np.zeros((2, 2)), (person,) * 3)
    drawing = trajectory_panels([panel], 1.0, "years", "Working models")
    lines = [part for part in re.findall(r"<path[^>]*>", drawing) if 'fill="none"' in part]
    assert len(lines) == 4
    assert 'aria-label="Working models"' in drawing
