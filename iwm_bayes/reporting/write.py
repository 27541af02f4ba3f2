"""The verb: one self-contained HTML file of a fit or a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StorageError
from ..inference.storage import write_atomically
from .contents import ReportContents, collect
from .render import render

if TYPE_CHECKING:
    from ..criticism import Comparison
    from ..inference import Fit
    from ..study import Study


def write_report(result: Fit | Comparison, path: str | Path, *, study: Study | None = None) -> Path:
    """Write the report of a fit or of a comparison, and return the path of the file.

    Parameters
    ----------
    result
        A fit, or a comparison, whose preferred model is shown in full.
    path
        The HTML file to write. It fetches nothing from anywhere and holds no identifiers of persons.
    study
        The study that was fitted. Without it the report leaves out what only the file of answers can tell: the flow
        from the file to the analysis, the item-rest correlations, and the problems that the check found.

    Raises
    ------
    ComparisonError
        C630 where `study` is not the study that was fitted.
    StorageError
        S711 where the file cannot be written.
    """
    return write_contents(collect(result, study), path)


def write_contents(contents: ReportContents, path: str | Path) -> Path:
    """Write the report of contents that are collected already, whole or not at all, and return the path of the file."""
    path = Path(path)
    page = render(contents)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, page.encode())
    except OSError as error:
        raise StorageError("S711", f"Cannot write the report to {path}: {error.strerror or error}.") from error
    return path
