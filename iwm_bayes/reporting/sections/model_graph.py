"""Part of section 4: the model as a graph, from what persons share down to their answers."""

from __future__ import annotations

from dataclasses import dataclass

from ...spec import ModelSpec
from .. import numbers
from ..contents import ReportContents
from ..document import Figure, table
from ..figures.model_graph import Arrow, Node, Plate, model_graph

_SHARED, _SHARED_WIDTH = 92.0, 158.0
_INSIDE, _COLUMN, _WIDE = 190.0, 190.0, 152.0  # where persons begin, and how far apart and how wide dimensions are
_METHOD = 144.0
_STEP = 84.0
_GENERAL, _SPECIFIC, _WORKING, _ANSWERS = "general", "specific", "working", "answers"
_ROWS = {
    "single": (_GENERAL, _WORKING, _ANSWERS),
    "independent": (_SPECIFIC, _WORKING, _ANSWERS),
    "correlated": (_SPECIFIC, _WORKING, _ANSWERS),
    "hierarchical": (_GENERAL, _SPECIFIC, _WORKING, _ANSWERS),
}
type Row = tuple[str, str, str]  # what, how often, on what it depends


@dataclass(frozen=True)
class _Layout:
    """Where things stand: the height of each row, the middle of each dimension, and the right ends of the plates."""

    rows: dict[str, float]
    columns: tuple[float, ...]
    relationships: float
    persons: float
    nested: float  # the top of the plate of relationships

    @property
    def middle(self) -> float:
        return sum(self.columns) / len(self.columns)

    @property
    def items(self) -> tuple[float, float]:
        return self.rows[_ANSWERS] - 34, self.rows[_ANSWERS] + 50


def graph_figure(contents: ReportContents) -> Figure:
    """Return the graph of the model that is shown in full."""
    spec, design = contents.fit.spec, contents.fit.design
    at = _layout(spec)
    latent = _latent(spec, at)
    answers = Node(
        ("Answers to the items",), (at.middle, at.rows[_ANSWERS]), at.columns[-1] - at.columns[0] + _WIDE, "seen"
    )
    shared, method = _shared(spec, at), _method(spec, at)
    arrows = [*_paths(spec, at, latent, answers), *_from_shared(shared, latent, answers)]
    for node in method.values():
        start = node.left if node.at[1] == answers.at[1] else node.bottom(node.at[0] - 40)
        arrows.append(Arrow(start, answers.right if node.at[1] == answers.at[1] else answers.top(answers.right[0] - 8)))
    plates = _plates(at, [len(design.persons), len(design.relationships), len(design.items)])
    nodes = [*(node for row in latent.values() for node in row), answers, *shared.values(), *method.values()]
    rows = _rows(spec)
    alt = f"Graph of the model {spec.name}. " + " ".join(f"{what} ({often}): {source}." for what, often, source in rows)
    size = (at.persons + 8, plates[0].bottom + 8)
    return Figure(
        model_graph(size, plates, nodes, arrows, alt),
        alt,
        "The model as a graph. An arrow leads to what depends on it, a double arrow is a correlation. Dashed boxes are "
        "estimated once for all persons and hold for the models of self and of others alike; grey boxes are not "
        "observed; the blue box is. A frame is repeated as often as it says.",
        table("What the graph shows", ("what", "how often", "depends on"), rows, words=3),
    )


def _layout(spec: ModelSpec) -> _Layout:
    names = _ROWS[spec.field.structure]
    general = _GENERAL in names
    rows, y = {}, 66.0 if general else 76.0
    for name in names:
        rows[name] = y
        y += _STEP + (24 if name == _GENERAL else 0)
    columns = tuple(_INSIDE + 24 + _WIDE / 2 + _COLUMN * d for d in range(len(spec.field.dimensions)))
    relationships = columns[-1] + _WIDE / 2 + 14
    method = spec.observation.acquiescence or spec.observation.person_item
    persons = relationships + (_METHOD + 36 if method else 12)
    return _Layout(rows, columns, relationships, persons, 100.0 if general else 36.0)


def _latent(spec: ModelSpec, at: _Layout) -> dict[str, list[Node]]:
    """Return the boxes of the general, specific and working models, by row, one per dimension."""
    words = {_GENERAL: "General model", _SPECIFIC: "Specific model", _WORKING: "Working model"}
    middle, found = (at.columns[0] + at.columns[-1]) / 2, {}
    for name in _ROWS[spec.field.structure][:-1]:
        beside = name == _SPECIFIC and _GENERAL in at.rows  # leaves the outer side to the arrow of the general model
        found[name] = [
            Node(
                (words[name], f"of {dimension}"),
                (x + (18 if x <= middle else -18) * beside, at.rows[name]),
                _WIDE - 36 * beside,
            )
            for x, dimension in zip(at.columns, spec.field.dimensions, strict=True)
        ]
    return found


def _paths(spec: ModelSpec, at: _Layout, latent: dict[str, list[Node]], answers: Node) -> list[Arrow]:
    """Return the arrows from each model of a person to what follows from it, and the correlations of dimensions."""
    arrows, middle = [], (at.columns[0] + at.columns[-1]) / 2
    for name in (_GENERAL, _SPECIFIC):
        for node, working in zip(latent.get(name, ()), latent[_WORKING], strict=False):
            outer = (-64 if working.at[0] <= middle else 64) * (name == _GENERAL and _SPECIFIC in latent)
            x = working.at[0] + outer if name == _GENERAL else node.at[0]
            arrows.append(Arrow(node.bottom(x), working.top(x)))
        if len(latent.get(name, ())) == 2:
            first, second = latent[name]
            arrows.append(Arrow(first.right, second.left, double=True))
    return [*arrows, *(Arrow(node.bottom(node.at[0]), answers.top(node.at[0])) for node in latent[_WORKING])]


def _shared(spec: ModelSpec, at: _Layout) -> dict[str, Node]:
    """Return the boxes of what persons share, by the row that they lead to."""
    words: dict[str, tuple[str, ...]] = {_ANSWERS: ("Item: thresholds", "and discrimination")}
    if "correlation_general" in spec.parameters():
        words[_GENERAL] = ("Correlation", "of general models")
    if spec.field.structure == "correlated":
        words[_SPECIFIC] = ("All correlations, also", "over relationships")
    elif "correlation_specific" in spec.parameters():
        words[_SPECIFIC] = ("Correlation", "of specific models")
    moments = _moments(spec)
    if spec.field.structure == "hierarchical":
        words[_WORKING] = ("General share", *([f"{moments} of relationship"] if moments else []))
    elif moments:
        words[_WORKING] = (moments.capitalize().replace("sd", "SD"), "of the relationship")
    return {row: Node(lines, (_SHARED, at.rows[row]), _SHARED_WIDTH, "shared") for row, lines in words.items()}


def _moments(spec: ModelSpec) -> str:
    mean, sd = spec.field.relationship_means == "free", spec.field.relationship_sds == "free"
    return " and ".join([*(["mean"] if mean else []), *(["SD"] if sd else [])]).replace("mean and SD", "mean, SD")


def _from_shared(shared: dict[str, Node], latent: dict[str, list[Node]], answers: Node) -> list[Arrow]:
    return [Arrow(node.right, answers.left if row == _ANSWERS else latent[row][0].left) for row, node in shared.items()]


def _method(spec: ModelSpec, at: _Layout) -> dict[str, Node]:
    x, found = at.relationships + 18 + _METHOD / 2, {}
    if spec.observation.acquiescence:
        found["acquiescence"] = Node(("Tendency to agree", "with any item"), (x, at.rows[_WORKING]), _METHOD)
    if spec.observation.person_item:
        found["person_item"] = Node(("Own reading", "of the item"), (x, at.rows[_ANSWERS]), _METHOD)
    return found


def _plates(at: _Layout, counts: list[int]) -> list[Plate]:
    persons, relationships, items = counts
    top, bottom = at.items
    return [
        Plate(numbers.number_of_persons(persons), _INSIDE, 8, at.persons, bottom + 36, "above"),
        Plate(numbers.counted(relationships, "relationship"), _INSIDE + 12, at.nested, at.relationships, bottom + 26),
        Plate(numbers.counted(items, "item"), 6, top, at.persons - 8, bottom, dashes="7 4"),
    ]


def _rows(spec: ModelSpec) -> list[Row]:
    """Return what stands behind the graph: every box, how often it is there, and on what it depends."""
    structure, two = spec.field.structure, len(spec.field.dimensions) == 2
    each = "for each person"
    rows: list[Row] = []
    if _GENERAL in _ROWS[structure]:
        with_other = (
            ", correlated with that of the other dimension" if "correlation_general" in spec.parameters() else ""
        )
        rows.append(("General model", each, f"varies between persons{with_other}"))
    if _SPECIFIC in _ROWS[structure]:
        how = {
            "correlated": "varies between persons, with any correlations over dimensions and relationships",
        }.get(structure, "varies between persons" + (", correlated between the dimensions" if two else ""))
        rows.append(("Specific model", f"{each} and relationship", how))
    sources = [
        *(["the general model"] if _GENERAL in _ROWS[structure] else []),
        *(["the specific model"] if _SPECIFIC in _ROWS[structure] else []),
        *(["the general share"] if structure == "hierarchical" else []),
        *([f"the {_moments(spec).replace(', ', ' and ')} of the relationship"] if _moments(spec) else []),
    ]
    rows.append(("Working model", f"{each} and relationship", ", ".join(sources)))
    effects = []
    if spec.observation.acquiescence:
        effects.append("the tendency to agree")
        rows.append(("Tendency to agree with any item", each, "varies between persons"))
    if spec.observation.person_item:
        effects.append("the person's own reading of the item")
        rows.append(("Own reading of the item", f"{each} and item", "varies between persons"))
    pooled = (
        "a distribution common to all items" if spec.observation.item_parameters == "pooled" else "their priors alone"
    )
    rows.append(("Thresholds and discrimination", "for each item", pooled))
    on = ["the working model that the item measures", "thresholds and discrimination of the item", *effects]
    rows.append(("Answer", f"{each}, relationship and item", ", ".join(on)))
    return rows
