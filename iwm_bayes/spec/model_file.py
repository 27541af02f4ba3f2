"""A model as a document: what it asks, what it needs, the field of working models, the observation law, the priors.

A `ModelSpec` is frozen and complete: every prior can be looked up, whether the file wrote it or not. Its digest covers
the resolved content, so that writing out a default changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from ..errors import ModelFileError, did_you_mean
from .change_table import UNSAID, ChangeSpec
from .prior_table import check_priors, parse_priors, write_priors
from .priors import Prior, default_prior
from .vocabulary import FAMILIES, PARAMETERS, Structure

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Needs(_Table):
    """What a study must have before this model can answer its question."""

    relationships: Annotated[StrictInt, Field(ge=1)] = 1
    occasions: Annotated[StrictInt, Field(ge=1)] = 1
    items_per_scale: Annotated[StrictInt, Field(ge=1)] = 2


class FieldSpec(_Table):
    """The Gaussian field of working models over dimensions and relationships.

    Parameters
    ----------
    dimensions
        One or two; ``self`` and ``others`` unless declared otherwise.
    structure
        ``single``: one model for all relationships. ``independent``: unrelated models, one per relationship.
        ``correlated``: one per relationship, with any correlations. ``hierarchical``: a general model and deviations.
    relationship_means, relationship_sds
        Whether relationships other than the study's reference have their own mean and SD.
    """

    dimensions: tuple[str, ...] = ("self", "others")
    structure: Structure
    relationship_means: Literal["free", "zero"] = "free"
    relationship_sds: Literal["free", "one"] = "free"

    @field_validator("dimensions")
    @classmethod
    def _one_or_two_names(cls, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        if not 1 <= len(set(dimensions)) == len(dimensions) <= 2:
            raise ValueError(f"{list(dimensions)} must name one or two different dimensions")
        for name in dimensions:
            if not _NAME.fullmatch(name) or name in FAMILIES:
                raise ValueError(f'"{name}" cannot name a dimension: small letters, digits and _, no prior family')
        return dimensions


class ObservationSpec(_Table):
    """How working models show in answers.

    Parameters
    ----------
    law
        ``graded``: ordered answers by Samejima's graded response model. ``scores``: scale scores. ``as_recorded``:
        whichever the study has.
    items
        ``shared``: an item has the same parameters in every relationship.
    item_parameters
        ``independent`` priors, or ``pooled`` over items, for studies with few persons and many items.
    acquiescence
        A person's tendency to agree with any item; needs items of both keys.
    person_item
        A person's own reading of an item, the same in every relationship.
    """

    law: Literal["graded", "scores", "as_recorded"] = "graded"
    items: Literal["shared"] = "shared"
    item_parameters: Literal["independent", "pooled"] = "independent"
    acquiescence: StrictBool = False
    person_item: StrictBool = False

    @model_validator(mode="after")
    def _scores_have_no_items(self) -> Self:
        item_words = {
            'item_parameters = "pooled"': self.item_parameters == "pooled",
            "acquiescence = true": self.acquiescence,
            "person_item = true": self.person_item,
        }
        for word, asked in item_words.items():
            if self.law == "scores" and asked:
                raise ValueError(f'{word} is about items, which law = "scores" does not have')
        return self


class ModelSpec(_Table):
    """A model: a field of working models plus an observation law, with all its priors.

    `priors` are those that differ from the defaults or were written out; `prior` finds any of them.
    """

    format: Literal[1]
    name: Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]
    question: Annotated[str, Field(min_length=1)]
    references: tuple[str, ...] = ()
    needs: Needs = Needs()
    field: FieldSpec
    change: ChangeSpec | None = None
    observation: ObservationSpec = ObservationSpec()
    priors: Annotated[tuple[Prior, ...], BeforeValidator(parse_priors), PlainSerializer(write_priors)] = ()

    @model_validator(mode="after")
    def _priors_belong(self) -> Self:
        check_priors(self.priors, self)
        return self

    @model_validator(mode="after")
    def _change_fits_the_field(self) -> Self:
        if self.change is None:
            return self
        if self.field.structure not in ("single", "hierarchical"):
            raise ValueError(f'[change] goes with structure = "single" or "hierarchical", not "{self.field.structure}"')
        if self.change.congruence and self.field.structure != "single":
            raise ValueError(f'[change] congruence goes with structure = "single", not "{self.field.structure}"')
        if self.change.inputs != "every":
            for name, acted_on in self.change.inputs.items():
                for dimension in acted_on:
                    if dimension not in self.field.dimensions:
                        near = did_you_mean(dimension, self.field.dimensions)
                        raise ValueError(f'[change] inputs.{name}: no dimension "{dimension}". {near}')
        return self

    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters that this model has, as ``[priors]`` spells them."""
        return tuple(name for name, entry in PARAMETERS.items() if entry.used(self))

    def prior(self, name: str, dimension: str | None = None) -> Prior:
        """Return the prior of a parameter, for one dimension or for all of them.

        Raises
        ------
        ModelFileError
            M414 where the model has no such parameter or dimension.
        """
        if name not in self.parameters():
            raise ModelFileError(
                "M414", f'Model "{self.name}" has no parameter "{name}".', fix=did_you_mean(name, self.parameters())
            )
        if dimension is not None and dimension not in self.field.dimensions:
            raise ModelFileError(
                "M414",
                f'Model "{self.name}" has no dimension "{dimension}".',
                fix=did_you_mean(dimension, self.field.dimensions),
            )
        written = {prior.dimension: prior for prior in self.priors if prior.parameter == name}
        return written.get(dimension) or written.get(None) or default_prior(PARAMETERS[name])

    def resolved_priors(self) -> tuple[Prior, ...]:
        """Return every prior of the model: one entry per parameter, or one per dimension where these differ."""
        return tuple(prior for name in self.parameters() for prior in self._resolved(name))

    def _resolved(self, name: str) -> tuple[Prior, ...]:
        if not PARAMETERS[name].by_dimension:
            return (self.prior(name),)
        family = PARAMETERS[name].family
        by_dimension = {dimension: self.prior(name, dimension).numbers for dimension in self.field.dimensions}
        if len(set(by_dimension.values())) == 1:
            return (Prior(name, None, family, next(iter(by_dimension.values()))),)
        return tuple(Prior(name, dimension, family, numbers) for dimension, numbers in by_dimension.items())

    def document(self) -> dict[str, Any]:
        """Return the model as a plain document with nothing left to defaults; `parse_model` reads it back."""
        written = self.model_dump(mode="json")
        if self.change is None:
            written.pop("change")
        else:
            written["change"] = {w: said for w, said in written["change"].items() if said or w not in UNSAID}
        if self.needs.occasions == 1:
            written["needs"].pop("occasions")
        return {**written, "priors": write_priors(self.resolved_priors())}

    @property
    def digest(self) -> str:
        """The SHA-256 of the document in canonical JSON, in hexadecimal digits."""
        canonical = json.dumps(self.document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def _repr_html_(self) -> str:
        from .explain import explain

        return explain(self).as_html()
