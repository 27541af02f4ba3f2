"""One piece of work in whatever process it is done; what the pieces share is prepared once and kept."""

from __future__ import annotations

import json
from threading import Lock
from typing import Any

from ..errors import IWMError
from .work import Result, Work

_ELSEWHERE = (MemoryError, OSError)
_SHORT_OF_MEMORY = "RESOURCE_EXHAUSTED"  # as XLA says it
"""What says more of the machine than of the piece."""

_kept: dict[tuple[str, Any], Any] = {}
_preparing = Lock()


def do(work: Work, state: Any, piece: int) -> Result:
    """Return the result of a piece; what it raises is a result as well, lost where the machine is the reason."""
    try:
        return Result(piece, json.loads(json.dumps(work.do(state, piece))), None)
    except Exception as error:  # of whatever kind: one that fails must not end the others
        of_the_machine = isinstance(error, _ELSEWHERE) or _SHORT_OF_MEMORY in str(error)
        return Result(piece, None, f"{type(error).__name__}: {error}", lost=of_the_machine)


def do_elsewhere(work: Work, piece: int) -> Result | Exception:
    """Return the result of a piece in a process that does nothing else, or why nothing can be done there."""
    try:
        state = _prepared(work)
    except IWMError as error:
        return error
    except Exception as error:  # not every exception survives the way to another process
        return RuntimeError(f"{work.name} could not be prepared: {type(error).__name__}: {error}")
    return do(work, state, piece)


def _prepared(work: Work) -> Any:
    """Return what the pieces of a work share; of the last work only, since it may be large."""
    key = work.digest, work.prepare
    with _preparing:
        if key not in _kept:
            _kept.clear()
            _kept[key] = work.prepare(work.recipe)
        return _kept[key]
