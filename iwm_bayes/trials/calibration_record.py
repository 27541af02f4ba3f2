"""What is on record about the calibration of model files, and whether it still holds of the model and the code.

Results lie beside the curated model files, in `models/calibration/NAME.json`, with the digests of the model file and of
the code that builds models and computes their likelihoods: where either has changed since, the record says nothing
about what a fit would compute now. How a posterior is sampled, and what is made of its draws, has tests of its own and
no part in these digests.
Reading them needs neither PyMC nor JAX.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..resources import folder
from .code_digest import code_digest

if TYPE_CHECKING:
    from ..spec import ModelSpec

SCHEMA = "iwm/calibration/1"
FEWEST = 100  # replications from which a record says anything


@dataclass(frozen=True)
class Standing:
    """How a model stands: ``calibrated``, ``changed``, ``not_calibrated`` or ``never``, and in words.

    Attributes
    ----------
    word
    short
        In a few words, for a list.
    sentence
        When it was calibrated and how, or what has changed since.
    """

    word: str
    short: str
    sentence: str


def standing(spec: ModelSpec, records: Path | None = None) -> Standing:
    """Return how a model stands by the records in a folder, or by those of the curated models."""
    record = read_record(spec.name, records)
    again = f"iwm calibrate {spec.name} --record"
    if record is None:
        said = f"To do so: {again}" if _is_curated(spec) else "To do so: iwm calibrate, with this file."
        return Standing("never", "not calibrated", f"Not calibrated. {said}")
    how = f"{record['replications']} replications on {record['date']}, {record['failed']} failed"
    changed = _changed(spec, record)
    if changed:
        said = f"Calibrated before {' and '.join(changed)} changed ({how}). Again: {again}"
        return Standing("changed", f"not calibrated (changed since {record['date']})", said)
    if record["verdict"] != "calibrated":
        return Standing("not_calibrated", f"failed on {record['date']}", f"Not calibrated: failed in {how}.")
    quantities = len(record["quantities"])
    said = f"Calibrated: {quantities} quantities in {how}; smallest p {min_p(record):.2g}."
    return Standing("calibrated", f"calibrated {record['date']}", said)


def read_record(name: str, records: Path | None = None) -> dict[str, Any] | None:
    """Return the record of a model; None where there is none.

    Raises
    ------
    UsageError
        U442 where it cannot be read as that.
    """
    path = (records or folder("models") / "calibration") / f"{name}.json"
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["schema"] != SCHEMA:
            raise ValueError(record["schema"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = f"Remove it, or make it again: iwm calibrate {name} --record"
        raise UsageError("U442", f"{path} is not the record of a calibration.", fix=fix) from error
    return record


def place_of_record(spec: ModelSpec) -> Path:
    """Return where the record of a curated model is kept.

    Raises
    ------
    UsageError
        U441 where the model is no curated one.
    """
    if _is_curated(spec):
        return folder("models") / "calibration" / f"{spec.name}.json"
    fix = "Leave out --record; --out FOLDER keeps the result of any model file."
    raise UsageError("U441", f'"{spec.name}" is none of the curated models, which alone have records.', fix=fix)


def _is_curated(spec: ModelSpec) -> bool:
    from ..spec import read_model

    curated = folder("models") / f"{spec.name}.toml"
    return curated.is_file() and read_model(curated).digest == spec.digest


def min_p(record: dict[str, Any]) -> float:
    """Return the smallest p-value of a record."""
    return min((entry["p"] for entry in record["quantities"].values()), default=1.0)


def _changed(spec: ModelSpec, record: dict[str, Any]) -> list[str]:
    found = {"the model": record["model_digest"] != spec.digest, "the code": record["code_digest"] != _code()}
    return [name for name, has_changed in found.items() if has_changed]


@cache
def _code() -> str:
    return code_digest()
