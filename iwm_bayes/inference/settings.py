"""How to fit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .nuts import Schedule

Method = Literal["nuts", "laplace"]
METHODS = ("nuts", "laplace")

_USUAL = {"nuts": Schedule(), "laplace": Schedule(draws=200)}  # draws of an approximation are nearly independent


def usual_schedule(method: str) -> Schedule:
    """Return the chains and draws of a method where none are asked for."""
    return _USUAL.get(method, _USUAL["nuts"])


@dataclass(frozen=True)
class Settings:
    """How to fit.

    Parameters
    ----------
    method
        ``nuts``, or ``laplace`` for a quick look with a certificate.
    likelihood
        ``auto``, ``quadrature``, ``propagation``, ``adaptive`` or ``explicit``.
    seed
        Decides every random number.
    schedule
        Chains and draws; None for those that are usual with the method.
    threads
        Chains that run at the same time; the draws do not depend on it.
    """

    method: Method = "nuts"
    likelihood: str = "auto"
    seed: int = 1
    schedule: Schedule = None  # type: ignore[assignment]  # filled in below
    threads: int = os.cpu_count() or 1

    def __post_init__(self) -> None:
        """Fill in the usual schedule."""
        if self.schedule is None:
            object.__setattr__(self, "schedule", usual_schedule(self.method))

    @property
    def unusual(self) -> dict[str, Any]:
        """What was asked for otherwise than is usual and cannot be told from the draws."""
        target, usual = self.schedule.target_accept, usual_schedule(self.method).target_accept
        return {
            "likelihood": None if self.likelihood == "auto" else self.likelihood,
            "target_accept": None if target == usual else target,
        }


def settings_record(settings: Settings) -> dict[str, Any]:
    """Return the settings as they stand in a manifest, without the seed, which stands beside them, or the threads."""
    schedule = settings.schedule
    return {
        "method": settings.method,
        "likelihood": settings.likelihood,
        "chains": schedule.chains,
        "warmup": schedule.warmup,
        "draws": schedule.draws,
        "target_accept": schedule.target_accept,
    }


def settings_from(record: Mapping[str, Any], seed: int, threads: int) -> Settings:
    """Return the settings that `settings_record` wrote down."""
    schedule = Schedule(**{name: record[name] for name in ("chains", "warmup", "draws", "target_accept")})
    return Settings(record["method"], record["likelihood"], seed, schedule, threads)
