"""From contents to one page: the template prints, everything is escaped, and the page may fetch nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .contents import ReportContents
from .document import Banner, Section
from .sections import change
from .sections.answer import answer
from .sections.comparison import comparison
from .sections.computation import computation
from .sections.data import data
from .sections.fit import fit
from .sections.limits import limits
from .sections.measurement import measurement
from .sections.model import model
from .sections.reproduction import reproduction
from .sections.results import results
from .sections.sensitivity import sensitivity
from .sections.verdict import verdict

_SECTIONS = (
    answer,
    data,
    model,
    computation,
    measurement,
    results,
    fit,
    comparison,
    sensitivity,
    limits,
    reproduction,
)
_SECTIONS_OF_CHANGE = (
    change.answer,
    change.data,
    change.model,
    computation,
    change.measurement,
    change.results,
    change.fit,
    comparison,
    change.sensitivity,
    change.limits,
    reproduction,
)


def sections(contents: ReportContents) -> tuple[Section, ...]:
    """Return the sections after the verdict, in order."""
    chosen = _SECTIONS if contents.change is None else _SECTIONS_OF_CHANGE
    return tuple(section(contents) for section in chosen)


def render(contents: ReportContents) -> str:
    """Return the report as HTML."""
    study = contents.study.title if contents.study is not None else contents.fit.observed_design.name
    return render_page(
        title=f"Working models of attachment: {study}",
        heading=study,
        models=", ".join(fit.name for fit in contents.fits),
        banner=verdict(contents),
        sections=sections(contents),
    )


def render_page(*, title: str, heading: str, models: str, banner: Banner, sections: Sequence[Section]) -> str:
    """Return a page of a verdict and sections as HTML."""
    style = files(__package__).joinpath("templates/report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html")
        .render(
            title=title,
            study=heading,
            models=models,
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            style=Markup(style),
            banner=banner,
            sections=sections,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("iwm_bayes.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
