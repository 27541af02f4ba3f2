"""What many simulated studies of one design say of it: shares with their intervals, widths, and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from ..estimands import THRESHOLDS
from ..estimands.change import trait_verdict
from ..estimands.structure import share_verdict
from ..replications import Result

_NORMAL = 1.959963984540054  # within so many SD lie 95 % of a normal


@dataclass(frozen=True)
class Share:
    """How many of how many, with the 95 % Wilson interval of the share."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of none."""
        return self.count / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the interval; 0 and 1 of none."""
        if not self.of:
            return 0.0, 1.0
        share, of, z = self.value, self.of, _NORMAL
        middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
        half = z / (1 + z**2 / of) * sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def to_json(self) -> dict[str, Any]:
        """Return the share as it stands in JSON."""
        low, high = self.interval
        return {"count": self.count, "of": self.of, "share": self.value, "ci_low": low, "ci_high": high}


@dataclass(frozen=True)
class Verdicts:
    """How often each verdict on one quantity was given.

    Attributes
    ----------
    true
        Of the quantity.
    word
        The verdict that is right; None where the true value is on the border of two.
    right, undecided, wrong, none
        Of all studies; `none` is where no verdict was given, because the fit failed.
    """

    true: float
    word: str | None
    right: Share
    undecided: Share
    wrong: Share
    none: Share

    def to_json(self) -> dict[str, Any]:
        """Return the verdicts as they stand in JSON."""
        shares = {name: getattr(self, name).to_json() for name in ("right", "undecided", "wrong", "none")}
        return {"true": self.true, "verdict": self.word, **shares}


@dataclass(frozen=True)
class Quantity:
    """How well one headline quantity was known, over the fits that may be interpreted.

    Attributes
    ----------
    true
        None where it is not known by this name.
    width
        Median width of the 95 % interval; infinite where most are open above.
    open
        Intervals that reach beyond what the design can tell, so that no upper end is reported.
    covered
        Intervals that hold the true value; None without one.
    """

    true: float | None
    width: float
    open: Share
    covered: Share | None

    def to_json(self) -> dict[str, Any]:
        """Return the quantity as it stands in JSON."""
        covered = None if self.covered is None else self.covered.to_json()
        return {"true": self.true, "width": self.width, "open": self.open.to_json(), "covered": covered}


@dataclass(frozen=True)
class HalfLifeKnown:
    """How often a half-life was identified: the posterior SD of its logarithm is at most .7.

    Attributes
    ----------
    identified
        Of all studies; a fit that failed identifies nothing.
    sd
        Median posterior SD of the logarithm, over the fits that may be interpreted.
    expected_sd
        What the planner expects without simulation.
    """

    true: float
    identified: Share
    sd: float
    expected_sd: float

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in JSON."""
        shown = {"true": self.true, "identified": self.identified.to_json()}
        return {**shown, "sd": self.sd, "expected_sd": self.expected_sd}


@dataclass(frozen=True)
class Summary:
    """What the studies of one cell say.

    Attributes
    ----------
    studies
        How many were simulated.
    interpretable
        Those whose fit may be interpreted.
    do_not_interpret, raised
        Those whose fit may not, and those in which something went wrong, by what it was.
    codes
        Why fits may not be interpreted: how many of them each code was said of.
    again
        Those that were fitted a second time, with twice the draws.
    seconds
        Median seconds of one study, in one process, without compilation.
    """

    studies: int
    interpretable: Share
    do_not_interpret: int
    raised: Mapping[str, int]
    codes: Mapping[str, int]
    again: int
    verdicts: Mapping[str, Verdicts]
    quantities: Mapping[str, Quantity]
    half_lives: Mapping[str, HalfLifeKnown]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the summary as it stands in JSON."""
        plain = ("studies", "do_not_interpret", "raised", "codes", "again", "seconds")
        tables = ("verdicts", "quantities", "half_lives")
        return {
            **{name: getattr(self, name) for name in plain},
            "interpretable": self.interpretable.to_json(),
            **{name: {key: row.to_json() for key, row in getattr(self, name).items()} for name in tables},
        }


def right_verdict(name: str, value: float) -> str | None:
    """Return the verdict on a quantity that is right where its true value is this; None where there is none."""
    if name.startswith("general_share["):
        word = share_verdict(value, value)
    elif name.startswith("retest_in_the_end["):
        word = trait_verdict(value, value)
    else:
        return None
    return None if word == "undecided" else word


def summarise_cell(
    results: Sequence[Result], true: Mapping[str, float], half_lives: Mapping[str, tuple[float, float]]
) -> Summary:
    """Return what the results of a cell say.

    Parameters
    ----------
    true
        Headline quantities by name.
    half_lives
        The true one and the planner's expected SD of its logarithm, by dimension.
    """
    values = [result.value for result in results if result.value is not None]
    kept = [value for value in values if value["status"] != "do_not_interpret"]
    count = len(results)
    names = dict.fromkeys(name for value in kept for name in value["estimands"])
    judged = [name for name in true if name.startswith(("general_share[", "retest_in_the_end["))]
    return Summary(
        studies=count,
        interpretable=Share(len(kept), count),
        do_not_interpret=len(values) - len(kept),
        raised=Counter(result.failed for result in results if result.failed is not None),
        codes=Counter(code for value in values if value["status"] == "do_not_interpret" for code in value["codes"]),
        again=sum(value["again"] for value in values),
        verdicts={name: _verdicts(name, true[name], kept, count) for name in judged},
        quantities={name: _quantity(name, true.get(name), kept) for name in names},
        half_lives={
            dimension: _half_life(dimension, one, expected, kept, count)
            for dimension, (one, expected) in half_lives.items()
        },
        seconds=float(np.median([value["seconds"] for value in values])) if values else float("nan"),
    )


def _verdicts(name: str, true: float, kept: Sequence[Mapping[str, Any]], count: int) -> Verdicts:
    word = right_verdict(name, true)
    given = Counter(value["estimands"][name]["verdict"] for value in kept)
    right = given[word] if word is not None else 0
    wrong = len(kept) - right - given["undecided"] if word is not None else 0
    return Verdicts(
        true,
        word,
        Share(right, count),
        Share(given["undecided"], count),
        Share(wrong, count),
        Share(count - len(kept), count),
    )


def _quantity(name: str, true: float | None, kept: Sequence[Mapping[str, Any]]) -> Quantity:
    said = [value["estimands"][name] for value in kept if name in value["estimands"]]
    ends = [(one["low"], np.inf if one["high"] is None else one["high"]) for one in said if one["low"] is not None]
    widths = [high - low for low, high in ends]
    inside = None if true is None else Share(sum(low <= true <= high for low, high in ends), len(ends))
    return Quantity(
        true,
        float(np.median(widths)) if widths else float("nan"),
        Share(sum(np.isinf(width) for width in widths), len(widths)),
        inside,
    )


def _half_life(
    dimension: str, true: float, expected: float, kept: Sequence[Mapping[str, Any]], count: int
) -> HalfLifeKnown:
    sds = [value["log_half_life_sd"][dimension] for value in kept]
    known = Share(sum(sd <= THRESHOLDS.half_life_sd for sd in sds), count)
    return HalfLifeKnown(true, known, float(np.median(sds)) if sds else float("nan"), expected)
