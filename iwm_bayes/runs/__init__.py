"""Run folders: what is in one, how far it is, who is writing to it, and what has changed since; knows no model."""

from __future__ import annotations

from .changes import differences
from .files import LARGEST, digest_of, read_bounded, read_checked, write_atomically
from .folder import commit, discard, has_own, is_cut_short, read_own, refuse_files_of_others, settle
from .lock import holder, locked
from .manifest import (
    FIT,
    MANIFEST,
    PERSONS,
    SCHEMA,
    UNFINISHED,
    chains_kept,
    complete_in,
    find_runs,
    is_run,
    read_manifest,
    write_manifest,
)
from .signed import is_as_signed, signed
from .versions import lock_digest, versions
from .where import REFITS, Refit, RunFolder

__all__ = [
    "FIT",
    "LARGEST",
    "MANIFEST",
    "PERSONS",
    "REFITS",
    "SCHEMA",
    "UNFINISHED",
    "Refit",
    "RunFolder",
    "chains_kept",
    "commit",
    "complete_in",
    "differences",
    "digest_of",
    "discard",
    "find_runs",
    "has_own",
    "holder",
    "is_as_signed",
    "is_cut_short",
    "is_run",
    "lock_digest",
    "locked",
    "read_bounded",
    "read_checked",
    "read_manifest",
    "read_own",
    "refuse_files_of_others",
    "settle",
    "signed",
    "versions",
    "write_atomically",
    "write_manifest",
]
