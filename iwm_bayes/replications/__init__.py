"""Many independent pieces of one kind of work: in this process, in several, or on a cluster, kept as they come."""

from .run import run
from .where import Where
from .work import Result, Work, digest_of

__all__ = ["Result", "Where", "Work", "digest_of", "run"]
