"""Progress on stderr: a bar with the remaining time on a terminal, else one line every thirty seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import interruption, output

Progress = Callable[[str, float], None]
_EVERY = 30.0  # seconds


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Give a function that is told the stage and the share of it that is done, from any thread.

    It raises KeyboardInterrupt where the program was asked to stop, so that every thread that reports ends.
    """
    if sys.stderr.isatty():
        with _bars() as tell:
            yield interruption.heeded(tell)
    else:
        yield interruption.heeded(_lines(time.monotonic))


def prefixed(tell: Progress, name: str) -> Progress:
    """Return a progress function whose stages begin with a name, such as that of a model."""
    return lambda stage, share: tell(f"{name}: {stage}", share)


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, object] = {}
        lock = threading.Lock()

        def tell(stage: str, share: float) -> None:
            with lock:
                if stage not in tasks:
                    for finished in tasks.values():
                        bars.remove_task(finished)  # type: ignore[arg-type]
                    tasks.clear()
                    tasks[stage] = bars.add_task(stage, total=1.0)
                bars.update(tasks[stage], completed=share, total=1.0 if share else None)  # type: ignore[arg-type]

        yield tell


def _lines(clock: Callable[[], float]) -> Progress:
    """Return a progress function that says where it is every thirty seconds, with the remaining time of the stage."""
    lock = threading.Lock()
    said = clock()
    stage_now, begun = "", said

    def tell(stage: str, share: float) -> None:
        nonlocal said, stage_now, begun
        with lock:
            now = clock()
            if stage != stage_now:
                stage_now, begun = stage, now
            if now - said < _EVERY:
                return
            said = now
            left = f", about {(now - begun) * (1 - share) / share:.0f} s left" if share > 0 else ""
            output.say(f"{stage}: {100 * share:.0f} %{left}")

    return tell
