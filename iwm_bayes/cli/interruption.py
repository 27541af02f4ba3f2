"""Ctrl-C and SIGTERM end the program in order, with exit code 6: what is done is kept, and nothing looks complete."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SOON = 0.05  # seconds: when that code has ended
_asked = threading.Event()  # whether the program was asked to stop; a process has one set of signal handlers


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM interrupt as Ctrl-C does, and let threads know that they should end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _asked.clear()
    said = sys.unraisablehook

    def not_lost(unraisable: sys.UnraisableHookArgs) -> None:
        """Interrupt again where the first time was in code that Python lets nothing out of, such as a finaliser."""
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            threading.Timer(_SOON, _interrupt_main_thread).start()
        else:
            said(unraisable)

    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    sys.unraisablehook = not_lost
    try:
        yield
    finally:
        sys.unraisablehook = said
        for number, handler in before.items():
            signal.signal(number, handler)


def heeded(tell: Callable[[str, float], None]) -> Callable[[str, float], None]:
    """Return a progress function that raises KeyboardInterrupt once the program was asked to stop."""

    def tell_or_stop(stage: str, share: float) -> None:
        if _asked.is_set():
            raise KeyboardInterrupt
        tell(stage, share)

    return tell_or_stop


def _interrupt(number: int, frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt


def _interrupt_main_thread() -> None:
    """Interrupt the main thread, also where it waits."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
