"""What a fit owes to its priors as JSON, and as a file beside the run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StorageError
from ..runs import is_as_signed, read_bounded, signed, write_atomically
from ..spec import COLUMNS
from .prior_refits import Found, fit_key
from .prior_weight import PowerScaling
from .sensitivity import PriorRow, Refit, Sensitivity

if TYPE_CHECKING:
    from ..inference import Fit

SENSITIVITY = "sensitivity.json"
_LARGEST = 256 << 20  # bytes
_SCHEMA = "iwm_bayes/sensitivity/1"


def sensitivity_json(found: Sensitivity) -> dict[str, Any]:
    """Return what a fit owes to its priors as it stands in JSON."""
    return {
        "model": found.model,
        "control": found.control,
        "priors": [asdict(row) for row in found.priors],
        "status": {column: found.refits[column].status for column in COLUMNS},
        "why": {column: found.refits[column].why for column in COLUMNS},
        "estimands": {name: _estimand(found, name) for name in found.default},
        "changed": list(found.changed),
        "words": list(found.words),
    }


def _estimand(found: Sensitivity, name: str) -> dict[str, Any]:
    """Return one estimand under all priors; None under those of a fit that lacks it."""
    refits = {column: found.refits[column].found.get(name) for column in COLUMNS}
    return {
        "power_scaling": asdict(found.power[name]) if name in found.power else None,
        "default": asdict(found.default[name]),
        **{column: None if told is None else asdict(told) for column, told in refits.items()},
    }


def save_sensitivity(found: Sensitivity, folder: str | Path) -> Path:
    """Write what a fit owes to its priors beside the fit, and return the path of the file.

    Raises
    ------
    StorageError
        S710 where it cannot be written.
    """
    path = Path(folder) / SENSITIVITY
    elpd = {"default": found.elpd} | {column: found.refits[column].elpd for column in COLUMNS}
    content = {"schema": _SCHEMA, "fit": found.fit, **sensitivity_json(found), "elpd": elpd}
    try:
        write_atomically(path, signed(content))
    except OSError as error:
        raise StorageError("S710", f"Cannot write {path}: {error.strerror or error}.") from error
    return path


def load_sensitivity(folder: str | Path, fit: Fit) -> Sensitivity | None:
    """Return what is kept beside a fit of its sensitivity; None where there is nothing, or only of another fit.

    Raises
    ------
    StorageError
        S720, S734 where the file cannot be read, S721 where it is not what was written.
    """
    path = Path(folder) / SENSITIVITY
    if not path.exists():
        return None
    try:
        written = read_bounded(path, _LARGEST)
        content = json.loads(written)
        if content["schema"] != _SCHEMA or not is_as_signed(content, written):
            raise ValueError("another schema, or not what was written")
        if content["fit"] != fit_key(fit):
            return None
        told, elpd = content["estimands"], content["elpd"]
        return Sensitivity(
            model=content["model"],
            fit=content["fit"],
            control=content["control"],
            priors=tuple(PriorRow(**row) for row in content["priors"]),
            power={n: PowerScaling(**e["power_scaling"]) for n, e in told.items() if e["power_scaling"] is not None},
            default={name: Found(**entry["default"]) for name, entry in told.items()},
            elpd=tuple(elpd["default"]),
            refits={
                column: Refit(
                    content["status"][column],
                    content["why"][column],
                    {name: Found(**entry[column]) for name, entry in told.items() if entry[column] is not None},
                    tuple(elpd[column]),
                )
                for column in COLUMNS
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        fix = "Ask for it again: iwm fit … --sensitivity full, after removing the file."
        raise StorageError("S721", f"{path} is not the file that was written.", fix=fix) from error
