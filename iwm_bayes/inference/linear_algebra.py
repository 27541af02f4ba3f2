"""Linear algebra on one thread: the last digits of its results depend on how many there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from threadpoolctl import threadpool_limits


def on_one_thread[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, during which BLAS runs on one thread, so that its results do not depend on the machine's."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
