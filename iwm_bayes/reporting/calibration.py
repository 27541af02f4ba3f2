"""The report of a calibration: the verdict, what it means, the quantities, and their ranks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..trials.calibration_ranks import DRAWS, band, counts_below
from ..trials.calibration_study import ALPHA, MOST_FAILED, describe
from . import numbers
from .document import Banner, Block, Figure, Listing, Paragraph, Reason, Section, table
from .figures.ranks import RankPanel, rank_panels
from .render import render_page
from .write import write_page

if TYPE_CHECKING:
    from ..trials.calibration_study import Calibration

_WORDS = {
    "calibrated": ("✓", "Calibrated", "trustworthy"),
    "not_calibrated": ("✗", "Not calibrated", "do_not_interpret"),
    "too_few": ("!", "Too few replications", "caution"),
}
_SHOWN = 60  # panels


def write_calibration_report(calibration: Calibration, path: str | Path) -> Path:
    """Write the report of a calibration, and return the path of the file.

    Raises
    ------
    StorageError
        S711 where the file cannot be written.
    """
    return write_page(render_calibration(calibration), Path(path))


def render_calibration(calibration: Calibration) -> str:
    """Return the report as HTML."""
    return render_page(
        title=f"Calibration of {calibration.spec.name}",
        heading=f"Calibration of {calibration.spec.name}",
        models=calibration.spec.name,
        banner=_banner(calibration),
        sections=(_what_was_done(calibration), _quantities(calibration), _figures(calibration)),
    )


def _banner(calibration: Calibration) -> Banner:
    icon, word, status = _WORDS[calibration.verdict]
    smallest = min(one.p for one in calibration.found.values()) * len(calibration.found)
    said = {
        "calibrated": "Parameters drawn from the prior come back as often as the posterior says.",
        "not_calibrated": "What is computed is not what is simulated: fits of this model must not be relied on.",
        "too_few": "Nothing speaks against it, but there are too few replications to say more.",
    }[calibration.verdict]
    reasons = [
        Reason(
            f"{len(calibration.failed)} of {calibration.replications} fits failed; "
            f"{numbers.share(MOST_FAILED)} of them may."
        ),
        Reason(
            f"{len(calibration.uneven)} of {len(calibration.found)} quantities have uneven ranks; the smallest p, "
            f"corrected for their number, is {numbers.share(min(1.0, smallest), 3)}, and {numbers.share(ALPHA)} is "
            "needed."
        ),
        *(Reason(f"{name} is uneven (p = {calibration.found[name].p:.1g}).") for name in calibration.uneven[:5]),
    ]
    question = "Is what the model computes what it says?"
    return Banner(status, icon, word, "What this rests on", tuple(reasons), question, said, (), (), first=False)


def _what_was_done(calibration: Calibration) -> Section:
    per_fit = calibration.seconds / max(1, calibration.replications)
    blocks: list[Block] = [
        Paragraph(
            f"{calibration.replications} times, parameters were drawn from the prior, data were simulated from them "
            f"({describe(calibration.design)}), and the model was fitted. The simulator and the likelihood share no "
            f"code. The true value of each quantity was ranked among {DRAWS} draws. Where the computation is right, "
            "every rank is equally probable, for parameters, for what is derived from them, and for the joint "
            "log-likelihood, which is computed a second time, independently of the model."
        ),
        Listing(
            (
                f"Seed {calibration.seed}; {per_fit:.1f} s a fit; {calibration.again} made once more with twice as "
                "many draws.",
                "A fit fails where it raises an error or must not be interpreted after that.",
                "Each p-value is multiplied by the number of quantities, so that one right model in a hundred is "
                "called wrong.",
                "A model that passes computes what it says; whether that is true of people is another question.",
            )
        ),
    ]
    if calibration.failed:
        rows = [(str(piece), said) for piece, said in list(calibration.failed.items())[:20]]
        blocks.append(table("Fits that failed", ("Replication", "Why"), rows, words=2))
    return Section(2, "done", "What was done", tuple(blocks))


def _quantities(calibration: Calibration) -> Section:
    rows = [
        (name, f"{one.p:.2g}", numbers.correlation(one.difference), numbers.share(one.at), _meaning(one.p, calibration))
        for name, one in sorted(calibration.found.items(), key=lambda entry: entry[1].p)
    ]
    head = ("Quantity", "p", "Largest difference", "at", "")
    note = "A positive difference on the left: the truth is too often small. Both ends: posteriors are too narrow."
    return Section(3, "quantities", "Quantities", (table("How even the ranks are", head, rows, note=note),))


def _meaning(p: float, calibration: Calibration) -> str:
    return "uneven" if p * len(calibration.found) < ALPHA else ""


def _figures(calibration: Calibration) -> Section:
    count = calibration.replications - len(calibration.failed)
    at = np.linspace(0, 1, DRAWS + 2)
    low, high = (_ended(part / count) - at for part in band(1 - ALPHA / len(calibration.found), count))
    by_p = sorted(calibration.found, key=lambda name: calibration.found[name].p)[:_SHOWN]
    panels = [
        RankPanel(name, _ended(counts_below(calibration.ranks[name]) / count) - at, name in calibration.uneven)
        for name in by_p
    ]
    alt = f"Differences of the distribution of ranks from an even one, of {len(panels)} quantities, inside their band."
    caption = (
        "Difference of the distribution of ranks from the even one, by rank. The band holds all even ranks of all "
        f"quantities together with a probability of {numbers.share(1 - ALPHA)}."
    )
    rows = [(name, f"{calibration.found[name].p:.2g}") for name in by_p]
    drawing = Figure(rank_panels(panels, low, high, alt), alt, caption, table("p-values", ("Quantity", "p"), rows))
    return Section(4, "ranks", "Ranks", (drawing,))


def _ended(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], values, [1.0]])
