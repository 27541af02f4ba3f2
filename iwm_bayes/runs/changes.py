"""What has changed between the fit that a folder holds and the one that is asked for, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def differences(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return which of the model, the answers, the seed, the settings and the versions differ, in words.

    Parameters
    ----------
    kept, wanted
        Manifests, of the second only what is asked for.
    """
    found = []
    if kept["model_digest"] != wanted["model_digest"]:
        found.append("the model")
    if kept["study_digest"] != wanted["study_digest"] or kept["occasions"] != wanted["occasions"]:
        found.append("the answers")
    if kept["seed"] != wanted["seed"]:
        found.append(f"the seed ({kept['seed']}, now {wanted['seed']})")
    settings = _changed(kept["settings"], wanted["settings"])
    if kept.get("likelihood") == wanted["settings"].get("likelihood"):
        settings.pop("likelihood", None)  # `auto` was asked for then, and what it chose is asked for now
    if settings:
        found.append(f"the settings ({_listed(settings)})")
    if changed := _changed(kept["versions"], wanted["versions"]):
        found.append(f"the versions ({_listed(changed)})")
    return found


def _changed(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys((*kept, *wanted))
    return {name: (kept.get(name), wanted.get(name)) for name in names if kept.get(name) != wanted.get(name)}


def _listed(changed: Mapping[str, tuple[Any, Any]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {old}, now {new}" for name, (old, new) in changed.items())
