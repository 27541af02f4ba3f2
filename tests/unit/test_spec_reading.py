"""Model files are read strictly, and what is refused is named."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iwm_bayes.errors import ModelFileError
from iwm_bayes.spec import list_models, parse_model, read_model

CONTRACT = """
# models/hierarchical.toml
format = 1
name = "hierarchical"
question = "One general working model, one per relationship, or both?"
references = ["Overall, Fletcher & Friesen 2003"]
needs = { relationships = 2, items_per_scale = 2 }

[field]
dimensions = ["self", "others"]
structure = "hierarchical"       # single | independent | correlated | hierarchical
relationship_means = "free"      # the reference relationship of the study is 0, 1
relationship_sds = "free"

[observation]
law = "graded"                   # graded | scores
items = "shared"                 # item parameters over relationships
acquiescence = false
person_item = false

[priors]                         # NAME or NAME.self / NAME.others
general_share        = { beta = [1, 1] }
correlation_general  = { symmetric_beta = [2, 2] }    # 2 · Beta − 1
correlation_specific = { symmetric_beta = [2, 2] }
relationship_mean    = { normal = [0, 1] }
relationship_log_sd  = { normal = [0, 0.3] }
discrimination       = { lognormal = { median = 2, sigma = 0.5 } }
item_location        = { normal = [0, 1.5] }          # mean of an item's thresholds
threshold_gap        = { lognormal = { total = 5, sigma = 0.5 } }   # median total / (categories − 2)
"""
SHORTEST = {"format": 1, "name": "m", "question": "Why?", "field": {"structure": "hierarchical"}}


def changed(**values: Any) -> dict[str, Any]:
    """Return the hierarchical model as a document with some entries replaced; `__` goes one table down."""
    document = copy.deepcopy(read_model("hierarchical").document())
    for path, value in values.items():
        *tables, word = path.split("__")
        table = document
        for name in tables:
            table = table[name]
        table[word] = value
    return document


def refusal(document: dict[str, Any]) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        parse_model(document, source="m.toml")
    return caught.value


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_of_the_documentation_is_accepted_unchanged(tmp_path: Path) -> None:
    spec = read_model(write(tmp_path, CONTRACT))
    assert spec.field.structure == "hierarchical"
    assert spec.needs.relationships == 2
    assert spec.prior("discrimination").numbers == (2.0, 0.5)


def test_the_curated_models_are_listed_and_each_is_found_by_its_name() -> None:
    names = [spec.name for spec in list_models()]
    assert {"single", "hierarchical", "prototype", "revisionist"} < set(names) and names == sorted(names)
    assert [read_model(name).name for name in names] == names


@pytest.mark.parametrize("spec", list_models(), ids=lambda spec: spec.name)
def test_a_curated_model_asks_a_question_and_writes_out_all_its_priors(spec: Any) -> None:
    assert spec.question.endswith("?")
    assert spec.references
    assert tuple(prior.parameter for prior in spec.priors) == spec.parameters()


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("single", {"general_share", "correlation_specific", "correlations"}),
        ("context_specific", {"general_share", "correlation_general", "correlations"}),
        ("context_correlated", {"general_share", "correlation_general", "correlation_specific"}),
        ("hierarchical", {"correlations", "acquiescence_sd", "person_item_sd"}),
        ("hierarchical_method_effects", {"correlations"}),
    ],
)
def test_a_structure_has_the_parameters_it_needs_and_no_others(name: str, absent: set[str]) -> None:
    assert not absent & set(read_model(name).parameters())


def test_one_dimension_has_no_correlation_between_dimensions() -> None:
    spec = parse_model({**SHORTEST, "field": {"structure": "hierarchical", "dimensions": ["self"]}})
    assert not any(name.startswith("correlation") for name in spec.parameters())


def test_pooled_item_parameters_replace_the_prior_of_each_item_by_those_of_all() -> None:
    names = parse_model({**SHORTEST, "observation": {"item_parameters": "pooled"}}).parameters()
    assert "discrimination" not in names
    assert "threshold_gap" not in names
    assert [name for name in names if name.startswith("item_log_")] == [
        "item_log_discrimination_mean",
        "item_log_discrimination_sd",
        "item_log_gap_mean",
        "item_log_gap_sd",
    ]


def test_what_a_file_does_not_say_has_the_default() -> None:
    spec = parse_model(SHORTEST)
    assert spec.field.dimensions == ("self", "others")
    assert spec.observation.law == "graded"
    assert spec.prior("threshold_gap").numbers == (5.0, 0.5)


def test_a_prior_of_one_dimension_replaces_the_common_one_there_alone() -> None:
    spec = parse_model(
        {**SHORTEST, "priors": {"general_share.self": {"beta": [2, 5]}, "general_share": {"beta": [3, 3]}}}
    )
    assert spec.prior("general_share", "self").numbers == (2.0, 5.0)
    assert spec.prior("general_share", "others").numbers == (3.0, 3.0)
    assert spec.prior("general_share").numbers == (3.0, 3.0)


def test_toml_may_write_a_prior_of_one_dimension_with_a_dot_or_in_quotes(tmp_path: Path) -> None:
    line = "general_share        = { beta = [1, 1] }"
    dotted = read_model(write(tmp_path, CONTRACT.replace(line, "general_share.self = { beta = [2, 5] }")))
    quoted = read_model(write(tmp_path, CONTRACT.replace(line, f'{line}\n"general_share.self" = {{ beta = [2, 5] }}')))
    assert dotted.digest == quoted.digest
    assert dotted.prior("general_share", "self").numbers == (2.0, 5.0)


def test_writing_a_default_out_does_not_change_the_digest() -> None:
    hierarchical = read_model("hierarchical")
    assert parse_model(changed(priors={})).digest == hierarchical.digest
    assert parse_model(changed(priors__general_share={"self": {"beta": [1, 1]}})).digest == hierarchical.digest


def test_changing_a_prior_changes_the_digest() -> None:
    assert parse_model(changed(priors__general_share={"beta": [1, 2]})).digest != read_model("hierarchical").digest


@pytest.mark.parametrize("spec", list_models(), ids=lambda spec: spec.name)
def test_a_model_survives_being_written_as_a_document(spec: Any) -> None:
    assert parse_model(spec.document()) == spec
    assert parse_model(spec.document()).digest == spec.digest


def test_a_model_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_model("single").name = "other"


def test_a_misspelt_model_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(ModelFileError, match='There is no model "hierarchcal"') as caught:
        read_model("hierarchcal")
    assert caught.value.code == "M410"
    assert caught.value.fix == 'Did you mean "hierarchical"?'


def test_a_name_unlike_any_model_is_answered_with_the_known_names() -> None:
    with pytest.raises(ModelFileError, match=r"M410") as caught:
        read_model("zzz")
    assert caught.value.fix.startswith("Known: algebraic, confirmation_bias,")


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"M411 .* is a folder"):
        read_model(tmp_path)


def test_noise_is_not_a_model(tmp_path: Path) -> None:
    path = tmp_path / "noise.toml"
    path.write_bytes(bytes(range(128, 256)))
    with pytest.raises(ModelFileError, match=r"M411 .*noise.toml is not text in UTF-8"):
        read_model(path)


def test_an_empty_file_lacks_everything(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"M413 mine.toml has 4 faults") as caught:
        read_model(write(tmp_path, ""))
    assert [problem.message for problem in caught.value.problems] == [
        "mine.toml: format is missing.",
        "mine.toml: name is missing.",
        "mine.toml: question is missing.",
        "mine.toml: field is missing.",
    ]


def test_a_line_that_is_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"M411 .*mine.toml is not TOML: .*line 2"):
        read_model(write(tmp_path, "format = 1\nname = hierarchical\n"))


def test_a_common_and_a_dotted_prior_together_are_answered_with_the_quotes_that_toml_needs(tmp_path: Path) -> None:
    text = CONTRACT + "general_share.self = { beta = [2, 2] }\n"
    with pytest.raises(ModelFileError, match=r"M411") as caught:
        read_model(write(tmp_path, text))
    assert '"NAME.self" = { … }' in caught.value.fix


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"fild": {}}, 'M412 m.toml: fild: unknown word "fild". Did you mean "field"?'),
        ({"field__structur": "x"}, 'M412 m.toml: field.structur: unknown word "structur". Did you mean "structure"?'),
        (
            {"needs": {"relationship": 2}},
            'needs.relationship: unknown word "relationship". Did you mean "relationships"?',
        ),
        (
            {"field__structure": "hierarchicl"},
            'M413 m.toml: field.structure: "hierarchicl" is not one of the words here. Did you mean "hierarchical"?',
        ),
        (
            {"priors__general_shair": {"beta": [1, 1]}},
            'M412 m.toml: priors.general_shair: unknown prior "general_shair". Did you mean "general_share"?',
        ),
        (
            {"priors__general_share": {"betta": [1, 1]}},
            'M412 m.toml: priors.general_share.betta: unknown family "betta". Did you mean "beta"?',
        ),
        (
            {"priors__general_share": {"slef": {"beta": [1, 1]}}},
            'M412 m.toml: priors.general_share.slef: no dimension "slef". Did you mean "self"?',
        ),
        (
            {"priors__discrimination": {"lognormal": {"medain": 2, "sigma": 0.5}}},
            'M412 m.toml: priors.discrimination.lognormal.medain: unknown word "medain". Did you mean "median"?',
        ),
    ],
)
def test_an_unknown_word_is_refused_with_its_path_and_the_nearest_word(values: dict[str, Any], message: str) -> None:
    assert message in str(refusal(changed(**values)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"format": 2}, "format: 2 is a format that this version does not read; it reads format = 1."),
        ({"name": "My model"}, "name: 'My model' must be small letters, digits and _."),
        ({"question": 3}, "question: 3 should be text in quotes."),
        ({"references": "Bowlby"}, "references: 'Bowlby' should be a list in [ ]."),
        ({"observation": 3}, "observation: 3 should be a table."),
        ({"observation__acquiescence": "yes"}, "observation.acquiescence: 'yes' should be true or false."),
        ({"needs": {"relationships": 0}}, "needs.relationships: 0 should be greater than or equal to 1."),
        ({"field__dimensions": ["self", "self"]}, "['self', 'self'] must name one or two different dimensions"),
        ({"field__dimensions": ["self", "others", "world"]}, "must name one or two different dimensions"),
        ({"field__dimensions": ["beta"]}, '"beta" cannot name a dimension'),
        ({"priors": []}, "priors: [] is not a table."),
        ({"priors__general_share": 3}, "priors.general_share: 3 is not one prior. Write { beta = [a, b] }."),
        ({"priors__general_share": {"beta": [1]}}, "priors.general_share.beta: [1] is not what this prior takes."),
        ({"priors__general_share": {"beta": [1, -1]}}, "priors.general_share.beta: b is -1, but must be above 0."),
        ({"priors__general_share": {"beta": [1, float("nan")]}}, "[1, nan] is not what this prior takes."),
        ({"priors__general_share": {"beta": [True, 1]}}, "[True, 1] is not what this prior takes."),
        (
            {"priors__general_share": {"normal": [0, 1]}},
            "priors.general_share.normal: the prior of general_share is written { beta = [a, b] }.",
        ),
        ({"priors__correlation_general": {"symmetric_beta": [1, 2]}}, "[1, 2] is not symmetric."),
        (
            {"priors__correlation_general": {"self": {"symmetric_beta": [2, 2]}}},
            "priors.correlation_general.self: correlation_general is not one per dimension",
        ),
        ({"priors__correlations": {"lkj": 2}}, "priors.correlations: this model has no correlations. Its parameters:"),
        ({"priors__acquiescence_sd": {"half_normal": 1}}, "this model has no acquiescence_sd."),
    ],
)
def test_a_bad_value_is_refused_with_its_path(values: dict[str, Any], message: str) -> None:
    error = refusal(changed(**values))
    assert error.code == "M413"
    assert message in str(error)


def test_the_same_prior_given_twice_is_refused() -> None:
    priors = {"general_share.self": {"beta": [1, 1]}, "general_share": {"self": {"beta": [2, 2]}}}
    assert "priors.general_share.self: given twice." in str(refusal(changed(priors=priors)))


def test_scores_have_no_items_to_agree_with() -> None:
    document = changed(observation={"law": "scores", "acquiescence": True}, priors={})
    assert 'acquiescence = true is about items, which law = "scores" does not have' in str(refusal(document))


def test_all_faults_are_found_in_one_pass() -> None:
    error = refusal(changed(fild=1, format=3, priors__general_shair=1))
    assert [problem.code for problem in error.problems] == ["M413", "M412", "M412"]
    assert "has 3 faults" in str(error)


def test_asking_for_a_parameter_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(ModelFileError, match='M414 Model "single" has no parameter "general_share"'):
        read_model("single").prior("general_share")
    with pytest.raises(ModelFileError, match='M414 Model "hierarchical" has no dimension "slef"'):
        read_model("hierarchical").prior("general_share", "slef")


def test_reading_a_model_needs_none_of_the_slow_packages() -> None:
    code = (
        "import sys; from iwm_bayes.spec import read_model; read_model('hierarchical');"
        "print(*({'pymc', 'jax', 'xarray', 'pandas', 'arviz', 'scipy'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == ""


def change_refused(**change: Any) -> str:
    """Return what is said of a prototype with these words in its table of change."""
    document = read_model("prototype").document()
    return str(refusal({**document, "change": {**document["change"], **change}}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"proces": "ode"}, 'M412 m.toml: change.proces: unknown word "proces". Did you mean "process"?'),
        ({"inputs": "all"}, """M413 m.toml: change.inputs: 'all' is neither "every" nor a table of inputs"""),
        ({"inputs": {"care": "self"}}, 'is neither "every" nor a table of inputs'),
        ({"events": {"varry": True}}, 'change.events.varry: unknown word "varry". Did you mean "vary"?'),
        ({"events": {"vary": 1}}, "change.events.vary: 1 should be true or false."),
        ({"events": {"classes": "loss"}}, """change.events.classes: 'loss' is neither "every" nor a list of classes"""),
        ({"events": {"classes": []}}, "change.events.classes: no class of events"),
        ({"events": {"classes": ["loss", "loss"]}}, "names a class twice"),
        ({"events": {"immediate": False, "enduring": False}}, "change.events: events do nothing"),
        ({"events": {}, "process": "static"}, 'process = "static" has no state that an event could move'),
        ({"aftermath": True, "inputs": {}}, "with inputs = {} none acts"),
    ],
)
def test_what_change_cannot_be_is_refused_with_its_path(change: dict[str, Any], message: str) -> None:
    assert message in change_refused(**change)


def test_a_model_without_events_is_the_document_that_it_always_was() -> None:
    written = read_model("prototype").document()["change"]
    assert "events" not in written
    assert "aftermath" not in written
    assert parse_model(read_model("life_events").document()).change == read_model("life_events").change
