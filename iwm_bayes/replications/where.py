"""Where pieces of work are done."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True)
class Where:
    """In this process, in several processes of this machine, or on a cluster; results do not depend on it.

    Parameters
    ----------
    workers
        How many processes of this machine; 0 for this process, one piece after the other; None for one a core.
    cluster
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; `workers` is then not used.

    Raises
    ------
    UsageError
        U416 fewer workers than none.
    """

    workers: int | None = None
    cluster: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.workers is not None and self.workers < 0:
            fix = "0 for this process alone, 1 or more for others, None for one a core."
            raise UsageError("U416", f"There cannot be {self.workers} workers.", fix=fix)

    @property
    def here(self) -> bool:
        """Whether all is done in this process."""
        return self.workers == 0 and self.cluster is None

    @property
    def processes(self) -> int:
        """How many processes of this machine."""
        return (os.cpu_count() or 1) if self.workers is None else self.workers
