"""Whatever has no meaning leaves the joint log density as it is: the order of things, the layout of a file."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
from collections.abc import Mapping
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytest
from small_studies import as_parameters, small_design, small_parameters, spec_of

from iwm_bayes.build import assemble, build_model
from iwm_bayes.inference.program import Program, compile_program
from iwm_bayes.likelihood import choose_route, density_route
from iwm_bayes.simulate import simulate
from iwm_bayes.spec import ModelSpec, read_model
from iwm_bayes.study import Design, read_study

RELATIONSHIPS = ("mother", "father", "friend")
PERSONS = 12
TIERS = ["single", "independent", "hierarchical"]

type Point = dict[str, np.ndarray]


def answered(spec: ModelSpec, persons: int = PERSONS) -> tuple[Design, np.ndarray]:
    """Return a design and answers, a few of them missing."""
    design = small_design(persons, relationships=RELATIONSHIPS)
    category = simulate(spec, design, seed=4).category.copy()
    category[1, 2], category[2, 0, 1], category[3, 1, 2:] = -1, -1, -1
    return design, category


def program_of(spec: ModelSpec, design: Design, category: np.ndarray, likelihood: str = "auto") -> tuple:
    model = assemble(spec, design, category, choose_route(spec, design, likelihood))
    return model, compile_program(model)


@functools.cache
def base(structure: str) -> tuple:
    """Return design, answers, model and program of a structure, which several tests compare something with."""
    spec = spec_of(structure)
    design, category = answered(spec)
    return design, category, *program_of(spec, design, category)


def random_point(model: pm.Model) -> Point:
    """Return unconstrained values of everything that is sampled, by the name of the variable."""
    start, rng = model.initial_point(), np.random.default_rng(9)
    values = {rv.name: start[model.rvs_to_values[rv].name] for rv in model.free_RVs}
    return {name: np.asarray(value) + 0.3 * rng.standard_normal(np.shape(value)) for name, value in values.items()}


def log_density(model: pm.Model, program: Program, point: Point, weights: np.ndarray | None = None) -> float:
    vector = np.concatenate([np.ravel(point[rv.name]) for rv in model.free_RVs])
    data = program.data if weights is None else program.with_weights(weights)
    return float(program.log_density(jnp.asarray(vector), data))


def permuted(model: pm.Model, point: Point, order: Mapping[str, np.ndarray]) -> Point:
    """Return a point whose axes of these dimensions are taken in another order."""
    moved = dict(point)
    for name in point:
        for axis, dimension in enumerate(model.named_vars_to_dims.get(name, ())):
            if dimension in order:
                moved[name] = np.take(moved[name], order[dimension], axis=axis)
    return moved


# The same sum of a few hundred terms of order 1 to 10 in another order: relative rounding of about 1e-15 x 100.
SAME = {"rel": 1e-10}


@pytest.mark.parametrize("structure", TIERS)
def test_persons_in_another_order_have_the_same_joint_density(structure: str) -> None:
    design, category, model, program = base(structure)
    order = np.random.default_rng(1).permutation(PERSONS)
    other = dataclasses.replace(design, persons=tuple(np.array(design.persons)[order]))
    _, turned = program_of(spec_of(structure), other, category[order])
    point = random_point(model)
    assert log_density(model, turned, point) == pytest.approx(log_density(model, program, point), **SAME)


@pytest.mark.parametrize("structure", TIERS)
def test_items_and_relationships_in_another_order_have_the_same_joint_density(structure: str) -> None:
    design, category, model, program = base(structure)
    items, others = np.array([2, 0, 3, 1]), np.array([1, 0])
    relationships = np.array([0, *(others + 1)])  # the reference stays where it is
    turned = dataclasses.replace(
        design,
        items=tuple(design.items[j] for j in items),
        relationships=tuple(design.relationships[c] for c in relationships),
        observed=design.observed[:, relationships][:, :, items],
    )
    turned_category = category[:, relationships][:, :, items]
    turned_model, turned_program = program_of(spec_of(structure), turned, turned_category)
    point = random_point(model)
    moved = permuted(model, point, {"item": items, "other_relationship": others})
    assert any(not np.array_equal(moved[name], point[name]) for name in point)
    expected = log_density(model, program, point)
    assert log_density(turned_model, turned_program, moved) == pytest.approx(expected, **SAME)
    assert log_density(turned_model, turned_program, point) != pytest.approx(expected, rel=1e-4)


def test_correlated_cells_in_another_order_have_the_same_density() -> None:
    # The reference goes last here, with its mean and SD: for the likelihood alone no relationship is special.
    spec, design = spec_of("correlated"), small_design(PERSONS)
    values = small_parameters(spec, design)
    category = simulate(spec, design, values, seed=4).category
    cells = np.array([2, 3, 0, 1])
    turned = values | {
        "correlations": values["correlations"][np.ix_(cells, cells)],
        "relationship_mean": values["relationship_mean"][:, ::-1],
        "relationship_sd": values["relationship_sd"][:, ::-1],
    }
    route = choose_route(spec, design, "quadrature")
    found = [
        np.asarray(route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(own)))
        for answers, own in ((category, values), (category[:, ::-1].copy(), turned))
    ]
    # The two relationships are integrated by different grids, each exact to .02 of a nat at most.
    np.testing.assert_allclose(*found, atol=0.02)


@pytest.mark.parametrize("structure", TIERS)
def test_a_person_with_weight_0_is_as_good_as_absent(structure: str) -> None:
    design, category, model, program = base(structure)
    kept = np.arange(PERSONS) != 5
    fewer = dataclasses.replace(design, persons=tuple(np.array(design.persons)[kept]))
    _, without = program_of(spec_of(structure), fewer, category[kept])
    point = random_point(model)
    expected = log_density(model, without, point)
    assert log_density(model, program, point, kept.astype(float)) == pytest.approx(expected, **SAME)
    assert log_density(model, program, point) != pytest.approx(expected, rel=1e-4)


def test_a_person_with_weight_0_is_absent_from_the_explicit_likelihood_but_for_the_prior_of_its_factors() -> None:
    spec = spec_of("hierarchical")
    design, category = answered(spec)
    model, program = program_of(spec, design, category, "explicit")
    point = random_point(model)
    whole = log_density(model, program, point)
    nobody = log_density(model, program, point, np.zeros(PERSONS))
    alone = [log_density(model, program, point, row) for row in np.eye(PERSONS)]
    assert sum(alone) - (PERSONS - 1) * nobody == pytest.approx(whole, **SAME)


def test_a_person_without_any_answer_changes_nothing() -> None:
    design, category, model, program = base("hierarchical")
    empty = category.copy()
    empty[5] = -1
    _, without = program_of(spec_of("hierarchical"), design, empty)
    point = random_point(model)
    weights = (np.arange(PERSONS) != 5).astype(float)
    # The weights of a grid sum to 1 but for rounding, so that no answers have log density 0.
    assert log_density(model, without, point) == pytest.approx(log_density(model, program, point, weights), rel=1e-9)


CODEBOOK = """format = 1
name = "made"
answers = "answers.csv"
person = "id"
{columns}
[relationships]
reference = "mother"
{column}
codes = {{ m = "mother", f = "father" }}
[instrument]
use = "ecr-rs"
{reversed}
"""
WIDE, LONG = 'columns = "{relationship}{item}"', 'layout = "long"\ncolumns = { item = "item", answer = "answer" }'


def write(folder: Path, rows: list[list[object]], columns: str, column: str = "", turned: str = "") -> Path:
    folder.mkdir()
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    (folder / "answers.csv").write_text(buffer.getvalue())
    # Braces of the columns belong to the file, those of the template are doubled.
    text = CODEBOOK.replace("{columns}", "COLUMNS").format(column=column, reversed=turned).replace("COLUMNS", columns)
    (folder / "study.toml").write_text(text)
    return folder


def recorded(reverse: tuple[int, ...] = ()) -> np.ndarray:
    """Return answers 1-7 (person, relationship, item), those of some items turned around as a scoring script does."""
    answers = np.random.default_rng(6).integers(1, 8, (15, 2, 9))
    columns = [item - 1 for item in reverse]
    answers[:, :, columns] = 8 - answers[:, :, columns]
    return answers


def wide(answers: np.ndarray) -> list[list[object]]:
    header = ["id", *(f"{code}{item}" for code in "mf" for item in range(1, 10))]
    return [header, *([f"p{n}", *row.ravel().tolist()] for n, row in enumerate(answers))]


def density_of(folder: Path) -> tuple[float, str]:
    study = read_study(folder)
    model = build_model(read_model("hierarchical"), study)
    return log_density(model, compile_program(model), random_point(model)), study.digest


def test_a_wide_and_a_long_file_of_the_same_answers_have_the_identical_joint_density(tmp_path: Path) -> None:
    answers = recorded()
    long: list[list[object]] = [["id", "target", "item", "answer"]]
    for person, c, j in np.ndindex(answers.shape):
        long.append([f"p{person}", "mf"[c], j + 1, answers[person, c, j]])
    folders = (
        write(tmp_path / "wide", wide(answers), WIDE),
        write(tmp_path / "long", long, LONG, column='column = "target"'),
    )
    of_wide, of_long = (density_of(folder) for folder in folders)
    assert of_wide == of_long


def test_a_file_that_was_reversed_has_the_identical_joint_density_as_the_raw_one(tmp_path: Path) -> None:
    turned = 'reversed_in_file = ["1", "2", "3", "4"]'
    raw = write(tmp_path / "raw", wide(recorded()), WIDE)
    scored = write(tmp_path / "scored", wide(recorded(reverse=(1, 2, 3, 4))), WIDE, turned=turned)
    unsaid = write(tmp_path / "unsaid", wide(recorded(reverse=(1, 2, 3, 4))), WIDE)
    densities = [density_of(folder)[0] for folder in (raw, scored, unsaid)]
    assert densities[0] == densities[1]
    assert densities[2] != pytest.approx(densities[0], rel=1e-4)  # undeclared, it would not have been noticed


def test_turning_every_item_around_turns_the_working_models_around() -> None:
    # Answers K - 1 - y with thresholds -c in reverse order: the same density with means of the opposite sign.
    spec, design = spec_of("hierarchical"), small_design(PERSONS)
    values = small_parameters(spec, design)
    category = simulate(spec, design, values, seed=4).category
    turned = values | {
        "thresholds": -values["thresholds"][:, ::-1],
        "relationship_mean": -values["relationship_mean"],
    }
    route = density_route(choose_route(spec, design))
    exact = dataclasses.replace(route, single_precision=False)  # type: ignore[type-var]
    found = [
        np.asarray(exact.log_likelihood(exact.encode(jnp.asarray(answers)), as_parameters(own)))
        for answers, own in ((category, values), (3 - category, turned))
    ]
    np.testing.assert_allclose(*found, rtol=1e-10)  # grids are symmetric
