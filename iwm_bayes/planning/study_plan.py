"""The plan of a study: before anything is fitted, which questions it can answer, which not and why."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DesignError
from ..spec import list_models
from ..study import Design, Panel, Study, design_of
from .answer import WORDS, Answer, refused
from .change import answer_of_change
from .counts import Counts, count
from .relationships import answer_of_structure
from .rules import RULES, Rules

if TYPE_CHECKING:
    from ..spec import ModelSpec


@dataclass(frozen=True)
class Plan:
    """What a study can answer.

    Attributes
    ----------
    name
        Of the study or the design.
    counts
        What it has.
    answers
        One for each model: those that can be answered first, then in the order of the models.
    rules
        The numbers on which the answers rest.
    """

    name: str
    counts: Counts
    answers: tuple[Answer, ...]
    rules: Rules

    def of(self, model: str) -> Answer:
        """Return the answer for the model of a name."""
        return next(answer for answer in self.answers if answer.model == model)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{answer.word}</td><td>{html.escape(answer.model)}</td><td>{html.escape(answer.question)}</td>"
            f"<td>{html.escape(' '.join(filter(None, (answer.code, answer.reason))))}</td>"
            f"<td>{html.escape(answer.fix)}</td></tr>"
            for answer in self.answers
        )
        head = "<tr><th>answer</th><th>model</th><th>question</th><th>reason</th><th>way out</th></tr>"
        return f"<h4>{html.escape(self.name)}</h4><table>{head}{rows}</table>"


def plan(
    study: Study | Panel | Design,
    models: Sequence[ModelSpec] | None = None,
    *,
    occasion: str | None = None,
    rules: Rules = RULES,
) -> Plan:
    """Return which questions a study, or a design that is only planned, can answer.

    Parameters
    ----------
    study
        As `read_study` returns it, or a panel or a design as `make_panel` and `make_design` return them.
    models
        As `read_model` returns them; None for all that are curated.
    occasion
        The occasion to which models without change would be fitted, for a study of several.
    rules
        The numbers on which the answers rest.

    Notes
    -----
    ``no`` is said exactly where a fit would be refused, with the code of the refusal. The expected SDs of half-lives
    take the shares of the variance in `rules` for granted.
    """
    panel = study.panel() if isinstance(study, Study) else _as_panel(study) if isinstance(study, Design) else study
    found = [_answer(spec, study, panel, occasion, rules) for spec in (list_models() if models is None else models)]
    answers = tuple(sorted(found, key=lambda answer: WORDS.index(answer.word)))
    return Plan(study.name, count(panel), answers, rules)


def _answer(spec: ModelSpec, study: Study | Panel | Design, panel: Panel, occasion: str | None, rules: Rules) -> Answer:
    try:
        if spec.change is not None:
            return answer_of_change(spec, panel, rules)
        return answer_of_structure(spec, _at_one_occasion(study, occasion), rules)
    except DesignError as error:
        return refused(spec, error)


def _at_one_occasion(study: Study | Panel | Design, occasion: str | None) -> Design:
    if isinstance(study, Design):
        return study
    return study.design(occasion) if isinstance(study, Study) else design_of(study, occasion)


def _as_panel(design: Design) -> Panel:
    """Return a design of one occasion as a panel."""
    return Panel(
        persons=design.persons,
        relationships=design.relationships,
        occasions=design.occasions,
        items=design.items,
        scores=(),
        unit="wave",
        time=np.zeros((len(design.persons), 1)),
        observed=design.observed[:, :, None],
        not_applicable=design.not_applicable[:, :, None],
        clusters=design.clusters,
        inputs=(),
        events=(),
        name=design.name,
    )
