"""Section 12: what is needed to obtain the same numbers again, and whose methods were used."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from ...resources import folder
from .. import numbers
from ..citations import citations
from ..contents import ReportContents
from ..document import Block, Formula, Heading, Listing, Section, table

_ASKED = ("answers", "occasion", "control", "likelihood", "target_accept")


def reproduction(contents: ReportContents) -> Section:
    """Return the section on reproduction."""
    about = contents.fit.about
    rows = [
        ("Study digest (SHA-256)", about["study_digest"]),
        *((f"Model digest, {fit.name}", fit.about["model_digest"]) for fit in contents.fits),
        ("Seed", str(about["seed"])),
        ("Method, likelihood", f"{about['method']}, {about['likelihood']}"),
        ("Chains × draws", _draws(contents)),
        *((f"Version of {name}", version) for name, version in about["versions"].items()),
    ]
    blocks: list[Block] = [
        Formula(_commands(contents)),
        table("What the numbers depend on", ("what", "value"), rows, words=2),
        Heading("Methods used"),
        Listing(citations(contents)),
    ]
    return Section(12, "reproduction", "Reproduction", tuple(blocks))


def _draws(contents: ReportContents) -> str:
    sizes = contents.fit.posterior.sizes
    return f"{sizes['chain']} × {numbers.count(sizes['draw'])}"


def _commands(contents: ReportContents) -> tuple[str, ...]:
    sizes, about = contents.fit.posterior.sizes, contents.fit.about
    name = contents.fit.observed_design.name
    study = name if (folder("data") / name).is_dir() else "STUDY"
    options = f"--seed {about['seed']} --chains {sizes['chain']} --draws {sizes['draw']}{_asked(about)}"
    names = [fit.name for fit in contents.fits]
    method = "" if about["method"] == "nuts" else f" --method {about['method']}"
    if contents.comparison is not None:
        task = f" --task {contents.comparison.task}"
        return (f"iwm compare {' '.join(names)} {study} {options}{method}{task} --out RUNS", "iwm report RUNS")
    return (f"iwm fit {names[0]} {study} {options}{method} --out RUN", "iwm report RUN")


def _asked(about: Mapping[str, Any]) -> str:
    """Return the options that were given and are not usual, such as `` --occasion 2``; files by their names alone."""
    asked = about.get("asked", {})
    return "".join(f" --{name.replace('_', '-')} {shlex.quote(str(asked[name]))}" for name in _ASKED if name in asked)
