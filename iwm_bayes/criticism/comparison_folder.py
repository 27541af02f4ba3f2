"""A comparison in a folder: ``comparison.json``, the predictive densities by unit, and a run folder for each model.

The JSON holds its own digest, that of the densities, and what tells each fit from any other; what does not match is
refused.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StorageError
from ..estimands import estimate
from ..inference import Fit, load
from ..runs import digest_of, is_as_signed, is_run, read_bounded, read_checked, signed, write_atomically
from .comparison import Comparison, Row
from .diagnose import diagnose
from .diagnosis import Check, Diagnosis
from .prior_refits import fit_key

COMPARISON, POINTWISE = "comparison.json", "elpd.csv"
_COMPARE_AGAIN = "Compare again with the same command; fits that are there are read."
_KEPT = ("task", "seed", "study_digest", "persons", "answers", "verdict", "timing")


def is_comparison(folder: str | Path) -> bool:
    """Return whether a folder holds a comparison."""
    return (Path(folder) / COMPARISON).is_file()


def save_comparison(comparison: Comparison, folder: str | Path, envelope: Mapping[str, Any]) -> Path:
    """Write a comparison beside the runs that it names, and return the path of its JSON.

    Parameters
    ----------
    envelope
        What the JSON object begins with: schema, command, seed, versions, study digest.

    Raises
    ------
    StorageError
        S710 where something cannot be written.
    """
    folder = Path(folder)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["unit", *(row.model for row in comparison.rows)])
    writer.writerows([unit, *map(repr, map(float, values))] for unit, values in enumerate(comparison.pointwise))
    densities = table.getvalue().encode()
    keys = [fit_key(fit) for fit in comparison.fits]
    content = {**envelope, **comparison.to_json(), "fits": keys, "sha256": {POINTWISE: digest_of(densities)}}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / POINTWISE, densities)
        write_atomically(folder / COMPARISON, signed(content))
    except OSError as error:
        raise StorageError("S710", f"Cannot write the comparison to {folder}: {error.strerror or error}.") from error
    return folder / COMPARISON


def load_comparison(folder: str | Path) -> Comparison:
    """Return the comparison of a folder without computing densities again; runs are found beside the JSON.

    Raises
    ------
    StorageError
        S730 where there is no comparison, S731 where a run that it names is missing or holds another fit by now; S721
        where a file is not what was written.
    """
    folder = Path(folder)
    try:
        content, densities = _read(folder)
        rows = tuple(Row(**{**row, "dse": _number(row["dse"]), "se": _number(row["se"])}) for row in content["models"])
        kept = {key: content[key] for key in _KEPT}
        shares, notes, keys = content["general_share"], content["notes"], tuple(content["fits"])
        pointwise = np.loadtxt(io.StringIO(densities.decode()), delimiter=",", skiprows=1, ndmin=2)[:, 1:]
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = "A comparison folder is what iwm compare … --out DIR makes."
        raise StorageError("S730", f"{folder} holds no complete comparison.", fix=fix) from error
    fits = tuple(_compared(folder, row, key) for row, key in zip(rows, keys, strict=True))
    estimands = tuple(estimate(fit) for fit in fits)
    of_persons = kept["task"] == "leave_one_person_out"
    repaired = [of_persons and row.repaired == row.pareto_k_bad for row in rows]
    diagnoses = tuple(
        _as_compared(diagnose(fit, found, repaired=mended), row)
        for fit, found, mended, row in zip(fits, estimands, repaired, rows, strict=True)
    )
    source = next((e for e in estimands if shares and all(f"general_share[{d}]" in e for d in shares)), {})
    return Comparison(
        **kept,
        fits=fits,
        rows=rows,
        diagnoses=diagnoses,
        estimands=estimands,
        pointwise=pointwise,
        general_share=None if shares is None else {d: source[f"general_share[{d}]"] for d in shares},
        notes=tuple(notes),
        repairs=tuple(content.get("repairs", ())),
    )


def _read(folder: Path) -> tuple[dict[str, Any], bytes]:
    """Return what was written about a comparison, and the file of its predictive densities."""
    if not is_comparison(folder):
        raise FileNotFoundError(folder / COMPARISON)
    written = read_bounded(folder / COMPARISON)
    content = json.loads(written)
    if "sha256" not in content or not is_as_signed(content, written):
        message = f"{folder / COMPARISON} is not the file that was written."
        raise StorageError("S721", message, fix=_COMPARE_AGAIN)
    try:
        return content, read_checked(folder / POINTWISE, content["sha256"][POINTWISE])
    except StorageError as error:
        raise StorageError(error.code, error.message, fix=_COMPARE_AGAIN) from error


def _compared(folder: Path, row: Row, key: str) -> Fit:
    """Return the fit that was compared: it lies beside the comparison where it still does, else where it was."""
    for run in run_folders(folder, row):
        if is_run(run) and fit_key(fit := load(run)) == key:
            return fit
    message = f"{folder} compares a fit of {row.model} that is not there any more, or was made again since."
    raise StorageError("S731", message, fix=_COMPARE_AGAIN)


def _as_compared(diagnosis: Diagnosis, row: Row) -> Diagnosis:
    """Return the diagnosis with the status that was written; where it differs now, a check says so."""
    if diagnosis.status == row.status:
        return diagnosis
    note = Check("F590", "note", f"The status was {row.status} when the models were compared.")
    return Diagnosis(row.status, (*diagnosis.checks, note), diagnosis.computation, diagnosis.p_loo, row.pareto_k_bad)


def run_folders(folder: Path, row: Row) -> tuple[Path, ...]:
    """Return where the run of a row may be: beside the comparison, or where it was."""
    beside = folder / Path(row.run or row.model).name
    return (beside,) if row.run is None else (beside, Path(row.run))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
