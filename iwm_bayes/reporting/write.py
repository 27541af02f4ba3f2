"""The verb: one self-contained HTML file of a fit or a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StorageError
from ..inference.storage import write_atomically
from .contents import ReportContents, collect
from .render import render
from .sections.change.results import retest_figure
from .sections.results import working_model_map

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


def write_main_figure(contents: ReportContents, path: str | Path) -> Path | None:
    """Write the main figure as an SVG file of its own; None where the result has none.

    It is the map of self and others; of a model of change the test-retest correlation by lag.
    """
    if contents.interpretable and contents.change is not None:
        figure = retest_figure(contents)
        return None if figure is None else write_page(str(figure.svg), Path(path))
    if not contents.interpretable or contents.styles is None:
        return None
    return write_page(str(working_model_map(contents, contents.styles).svg), Path(path))


def write_contents(contents: ReportContents, path: str | Path) -> Path:
    """Write the report of contents that are collected already, whole or not at all, and return the path of the file."""
    return write_page(render(contents), Path(path))


def write_page(text: str, path: Path) -> Path:
    """Write a page or a figure, whole or not at all, and return the path of the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    except OSError as error:
        raise StorageError("S711", f"Cannot write the report to {path}: {error.strerror or error}.") from error
    return path
