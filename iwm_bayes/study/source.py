"""The word STUDY: a folder, its codebook, a data file beside it, or the name of a bundled study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import resources
from ..errors import DataError, did_you_mean
from .codebook import Codebook
from .document import read_codebook

CODEBOOK = "study.toml"


@dataclass(frozen=True)
class Source:
    """A codebook and the file of answers it is about."""

    codebook: Codebook
    codebook_path: Path
    answers: Path


def find_source(study: str | Path, answers: str | Path | None = None) -> Source:
    """Return the codebook and the answers that a STUDY stands for; `answers` overrides the file that it names.

    Raises
    ------
    DataError
        ``D101`` where there is no such study or no answers, ``D11x`` where the codebook cannot be used.
    """
    try:
        path = _codebook_path(study)
        codebook = read_codebook(path)
        return Source(codebook, path, _answers_path(path, codebook, answers))
    except (OSError, ValueError) as error:  # a name that no file can have
        said = getattr(error, "strerror", None) or error
        raise DataError(
            "D101", f"A path cannot be followed: {said}.", fix="Check the STUDY, and answers in it."
        ) from error


def bundled_studies() -> tuple[str, ...]:
    """Return the names of the studies that come with the toolkit."""
    return tuple(sorted(path.parent.name for path in resources.folder("data").glob(f"*/{CODEBOOK}")))


def _codebook_path(study: str | Path) -> Path:
    path = Path(study)
    if path.is_dir():
        if (path / CODEBOOK).is_file():
            return path / CODEBOOK
        raise DataError("D101", f"The folder {path} has no {CODEBOOK}.", fix=f"Make one: iwm init {path}/DATA")
    if path.is_file():
        return path if path.suffix.lower() == ".toml" else _beside(path)
    bundled = resources.folder("data") / str(study) / CODEBOOK
    if len(path.parts) == 1 and bundled.is_file():
        return bundled
    near = did_you_mean(str(study), bundled_studies())
    fix = f"A STUDY is a folder with {CODEBOOK}, that file, a data file beside it, or a bundled study. {near}"
    raise DataError("D101", f'There is no study "{study}".', fix=fix)


def _beside(data: Path) -> Path:
    """Return the codebook beside a data file, if it names the file."""
    path = data.with_name(CODEBOOK)
    if not path.is_file():
        raise DataError("D101", f"There is no {CODEBOOK} beside {data.name}.", fix=f"Make one: iwm init {data}")
    named = read_codebook(path).answers
    if named is None or (path.parent / named).resolve() != data.resolve():
        fix = f"Say it outright: iwm check {path} --answers {data}"
        raise DataError("D101", f"{path} is about {named or 'no file'}, not about {data.name}.", fix=fix)
    return path


def _answers_path(path: Path, codebook: Codebook, answers: str | Path | None) -> Path:
    if answers is not None:
        return Path(answers)
    if codebook.answers is None:
        fix = 'Say it there: answers = "FILE"; or give --answers FILE.'
        raise DataError("D101", f"{path} names no file of answers.", fix=fix)
    found = path.parent / codebook.answers
    if not found.exists():
        fix = "Say where they are: --answers FILE. Studies of others are not shipped; their README says where they are."
        raise DataError("D101", f'The answers "{codebook.answers}" are not beside {path}.', fix=fix)
    return found
