"""The notebook in `reports/` runs from top to bottom, and is kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from iwm_bayes.simulate import simulate, write_study
from iwm_bayes.spec import read_model
from iwm_bayes.study import Design, Item

NOTEBOOK = Path(__file__).parents[2] / "reports" / "comparing_models.ipynb"


def test_the_notebook_is_kept_without_outputs() -> None:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IWM_NOTEBOOK_STUDY", str(small_study(tmp_path / "small")))
    monkeypatch.setenv("IWM_NOTEBOOK_DRAWS", "100")  # enough to see that every cell works, too few for an answer
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown)
    assert any("elpd difference" in output.get("data", {}).get("text/html", "") for output in shown)
    assert (tmp_path / "comparing_models.html").is_file()


def small_study(folder: Path) -> Path:
    """Write a study of few items and categories: importance sampling suffices to leave its persons out."""
    persons, items = 200, tuple(Item(str(n), "self" if n < 3 else "others", "+", 1, 3) for n in range(1, 5))
    design = Design(
        persons=tuple(str(n) for n in range(persons)),
        relationships=("mother", "father"),
        items=items,
        occasions=("1",),
        observed=np.ones((persons, 2, len(items)), bool),
        not_applicable=np.zeros((persons, 2), bool),
        clusters=None,
        name="small",
    )
    truth = {
        "general_share": [0.5, 0.5],
        "correlation_general": 0.3,
        "correlation_specific": 0.3,
        "relationship_mean": np.zeros((2, 2)),
        "relationship_sd": np.ones((2, 2)),
        "discrimination": np.full(len(items), 2.0),
        "thresholds": np.tile([-1.0, 1.0], (len(items), 1)),
    }
    return write_study(simulate(read_model("hierarchical"), design, truth, seed=1), folder)
