"""JSON that holds its own digest, so that whatever happens to a file of it is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .files import digest_of


def signed(content: Mapping[str, Any]) -> bytes:
    """Return an object as it is written, with the digest of all the rest as its last entry."""
    rest = {name: value for name, value in content.items() if name != "digest"}
    digest = digest_of(_text(rest).encode())
    return (_text(rest | {"digest": digest}) + "\n").encode()


def is_as_signed(content: Mapping[str, Any], written: bytes) -> bool:
    """Return whether what was read from a file is, to the last byte, what `signed` wrote."""
    return signed(content) == written


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
