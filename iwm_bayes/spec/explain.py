"""A model in words: its question, its equations, every prior with what it permits, and where the ideas come from."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape

from .explain_change import change_equations, score_equations
from .model_file import ModelSpec
from .vocabulary import PARAMETERS

_WIDTH = 110
_STRUCTURE = {
    "single": (
        "model[d, r] = mean[d, r] + sd[d, r] · G[d]",
        "One general model G per dimension d serves every relationship r; relationships differ in mean and SD only.",
    ),
    "independent": (
        "model[d, r] = mean[d, r] + sd[d, r] · D[d, r]",
        "Each relationship r has a model D of its own, unrelated to those of the other relationships.",
    ),
    "correlated": (
        "model[d, r] = mean[d, r] + sd[d, r] · D[d, r],   D ~ normal(0, correlations)",
        "Each relationship r has a model D of its own; all dimensions and relationships may correlate as they like.",
    ),
    "hierarchical": (
        "model[d, r] = mean[d, r] + sd[d, r] · (√share[d] · G[d] + √(1 − share[d]) · D[d, r])",
        "A general model G per dimension d, and a deviation D for each relationship r; "
        "share is the general share: 1 is one model, 0 is one per relationship.",
    ),
}
_CORRELATION = {
    "correlation_general": "corr(G[self], G[others]) = correlation_general",
    "correlation_specific": "corr(D[self, r], D[others, r]) = correlation_specific",
}


@dataclass(frozen=True)
class PriorRow:
    """One line of the prior table: the parameter, what it means, its prior as written, and what that permits."""

    name: str
    meaning: str
    prior: str
    reason: str


@dataclass(frozen=True)
class Explanation:
    """A model in words; `text` is for a terminal, `as_html` for a notebook."""

    name: str
    question: str
    needs: str
    equations: tuple[str, ...]
    priors: tuple[PriorRow, ...]
    references: tuple[str, ...]
    digest: str

    def text(self) -> str:
        """Return the explanation as plain text."""
        lines = [self.name, *_wrapped(2, self.question, self.needs), "", "Equations", *_wrapped(2, *self.equations)]
        lines += ["", "Priors"]
        for row in self.priors:
            lines += [f"  {row.name} = {{ {row.prior} }}", *_wrapped(6, row.meaning, row.reason)]
        lines += ["", "References", *_wrapped(2, *self.references)] if self.references else []
        return "\n".join([*lines, "", f"Digest {self.digest[:12]}"])

    def as_html(self) -> str:
        """Return the explanation as a fragment of HTML, every cell escaped."""
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in (row.name, row.meaning, row.prior, row.reason))}</tr>"
            for row in self.priors
        )
        return (
            f"<h4>{escape(self.name)}</h4><p>{escape(self.question)}</p>"
            f"<pre>{escape(chr(10).join(self.equations))}</pre>"
            "<table><thead><tr><th>parameter</th><th>meaning</th><th>prior</th><th>permits</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def explain(spec: ModelSpec) -> Explanation:
    """Return the model in words."""
    field = _field_equations(spec) if spec.change is None else change_equations(spec)
    return Explanation(
        name=spec.name,
        question=spec.question,
        needs=_needs(spec),
        equations=(*field, *_observation_equations(spec)),
        priors=tuple(
            PriorRow(
                _shown_name(prior.parameter, prior.dimension),
                PARAMETERS[prior.parameter].meaning,
                str(prior),
                prior.reason,
            )
            for prior in spec.resolved_priors()
        ),
        references=spec.references,
        digest=spec.digest,
    )


def _needs(spec: ModelSpec) -> str:
    relationships, items = spec.needs.relationships, spec.needs.items_per_scale
    if spec.change is not None:
        return f"Needs {_count(spec.needs.occasions, 'occasion')} and {_count(relationships, 'relationship')}."
    return f"Needs {_count(relationships, 'relationship')} and {_count(items, 'item')} per scale."


def _field_equations(spec: ModelSpec) -> list[str]:
    equation, words = _STRUCTURE[spec.field.structure]
    correlations = [line for name, line in _CORRELATION.items() if name in spec.parameters()]
    reference = "mean = 0 and sd = 1 in the study's reference relationship"
    fixed = [
        *(["mean = 0 in every relationship"] if spec.field.relationship_means == "zero" else []),
        *(["sd = 1 in every relationship"] if spec.field.relationship_sds == "one" else []),
    ]
    return [
        equation,
        *correlations,
        "; ".join([reference, *fixed]),
        words,
        "High is positive: self is −anxiety, others is −avoidance.",
    ]


def _observation_equations(spec: ModelSpec) -> list[str]:
    law = spec.observation
    if spec.change is not None and law.law != "graded":
        items = _item_equations(spec) if law.law == "as_recorded" else []
        heads = (
            [["Where the study has scale scores:"], ["Where the study has answers to items:"]] if items else [[], []]
        )
        return [*heads[0], *score_equations(), *heads[1], *items]
    if law.law == "scores":
        return ["score[d, r] = intercept[d] + model[d, r] + error[d, r]"]
    return _item_equations(spec)


def _item_equations(spec: ModelSpec) -> list[str]:
    law, time = spec.observation, "" if spec.change is None else ", t"
    acquiescence = " + A" if law.acquiescence else ""
    person_item = " + U[j]" if law.person_item else ""
    lines = [
        f"P(answer to item j ≤ k) = logistic(threshold[j, k] − predictor[j, r{time}])",
        f"predictor[j, r{time}] = ± discrimination[j] · model[d(j), r{time}]{acquiescence}{person_item}",
        "+ where agreement with item j means a more positive model, − where it means a less positive one.",
    ]
    if law.acquiescence:
        lines.append("A ~ normal(0, acquiescence_sd): a person agrees with everything a little more, or less.")
    if law.person_item:
        lines.append(
            "U[j] ~ normal(0, person_item_sd): a person's own reading of item j, the same in every relationship."
        )
    if law.item_parameters == "pooled":
        lines.append("Discriminations and threshold gaps of the items are drawn from common lognormal distributions.")
    return lines


def _shown_name(parameter: str, dimension: str | None) -> str:
    return parameter if dimension is None else f"{parameter}[{dimension}]"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _wrapped(indent: int, *paragraphs: str) -> list[str]:
    """Return paragraphs as indented lines; a line that goes on is indented further."""
    margin = " " * indent
    wrapper = textwrap.TextWrapper(
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin + "  ",
        break_long_words=False,  # an address stays whole
        break_on_hyphens=False,
    )
    return [wrapper.fill(paragraph) for paragraph in paragraphs]
