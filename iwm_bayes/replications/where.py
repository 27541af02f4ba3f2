"""Where pieces of work are done."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """In this process, in several processes of this machine, or on a cluster; results do not depend on it.

    Parameters
    ----------
    workers
        How many processes of this machine; 0 for this process, one piece after the other; None for one a core.
    cluster
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; `workers` is then not used.
    """

    workers: int | None = None
    cluster: str | None = None

    @property
    def processes(self) -> int:
        """How many processes of this machine."""
        return (os.cpu_count() or 1) if self.workers is None else self.workers
