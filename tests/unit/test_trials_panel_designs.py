"""The panels on which models of change are calibrated: complete, answerable, the same every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from iwm_bayes.errors import UsageError
from iwm_bayes.planning import inputs_of
from iwm_bayes.planning.events import count_occurrences
from iwm_bayes.simulate import parameter_shapes
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.trials.panel_designs import panel_design

FILES = sorted(path.stem for path in (Path(__file__).parents[2] / "models").glob("*.toml"))
OF_CHANGE = [name for name in FILES if read_model(name).change is not None]


def model(change: dict[str, object], law: str = "scores", **field: object) -> ModelSpec:
    return parse_model(
        {
            "format": 1,
            "name": "mine",
            "question": "Is it calibrated?",
            "field": {"structure": "single", **field},
            "change": change,
            "observation": {"law": law},
        }
    )


@pytest.mark.parametrize("name", OF_CHANGE)
def test_every_model_of_change_has_a_complete_panel_with_all_that_it_is_about(name: str) -> None:
    spec = read_model(name)
    panel = panel_design(spec)  # refuses what a fit would refuse
    assert panel.observed.all()
    assert np.isfinite(panel.time).all()
    assert min(min(shape, default=1) for shape in parameter_shapes(spec, panel).values()) > 0
    again = panel_design(spec)
    np.testing.assert_array_equal(panel.time, again.time)
    for one, other in zip((*panel.inputs, *panel.events), (*again.inputs, *again.events), strict=True):
        for word in vars(one):
            np.testing.assert_array_equal(getattr(one, word), getattr(other, word))


def test_inputs_spells_and_events_go_by_the_names_in_the_model() -> None:
    spec = model(
        {
            "process": "diffusion",
            "trait": True,
            "aftermath": True,
            "inputs": {"coaching": ["self"], "warmth": ["others"]},
            "events": {"classes": ["move", "loss"], "construal": True},
        },
        structure="hierarchical",
    )
    panel = panel_design(spec)
    assert set(inputs_of(spec, panel)) == {"coaching", "warmth"}
    assert {one.name for one in panel.inputs if one.convention == "spell"} == {"coaching"}
    assert [one.name for one in panel.events] == ["move", "loss"]
    assert all(one.within > 0 and one.without_construal == 0 for one in count_occurrences(panel))


@pytest.mark.parametrize("name", [name for name in OF_CHANGE if read_model(name).change.aftermath])
def test_persons_are_observed_during_spells_and_after_them(name: str) -> None:
    panel = panel_design(read_model(name))
    (spell,) = (one for one in panel.inputs if one.convention == "spell")
    time = panel.time[spell.person]
    during = ((time > spell.start[:, None]) & (time < spell.stop[:, None])).any(axis=1)
    persons = np.unique(spell.person)
    assert np.mean(np.isin(persons, spell.person[during])) > 0.5
    assert (panel.time[persons, -1] > spell.stop.max()).all()


@pytest.mark.parametrize("name", [name for name in OF_CHANGE if read_model(name).change.events is not None])
def test_persons_are_observed_soon_after_events_and_long_after(name: str) -> None:
    panel = panel_design(read_model(name))
    for event in panel.events:
        since = panel.time[event.person] - event.time[:, None]
        next_one = np.where(since > 0, since, np.inf).min(axis=1)
        assert np.median(next_one) < 2 and (next_one < 0.5).sum() > 5  # half-lives; persons, of 45
        assert np.median(since[:, -1]) > 10


def test_occasions_lie_as_far_apart_as_the_half_life_of_the_prior() -> None:
    document = model({"process": "diffusion"}).document()
    document["priors"]["half_life"] = {"lognormal": {"median": 0.1, "sigma": 1.0}}
    slow, fast = panel_design(model({"process": "diffusion"})), panel_design(parse_model(document))
    assert fast.time == pytest.approx(slow.time / 10)


def test_a_model_of_answers_over_occasions_is_not_calibrated() -> None:
    with pytest.raises(UsageError, match='U449 Model "mine" is about answers to items'):
        panel_design(model({"process": "diffusion"}, law="graded"))
