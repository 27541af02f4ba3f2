"""Arguments that several verbs share, so that a word means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError

if TYPE_CHECKING:
    from ..replications import Where

study_argument = click.argument("study", metavar="STUDY")

answers_option = click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of answers, if not the one in study.toml.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")

_WORKERS = (
    click.option(
        "--workers",
        type=click.IntRange(min=0),
        metavar="N",
        help="Processes that share the work; 0 for this one alone. The results do not depend on it.",
    ),
    click.option("--cluster", metavar="tcp://HOST:PORT", help="A Dask scheduler whose workers share the work."),
)


def workers_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where many pieces of work are done."""
    for option in reversed(_WORKERS):
        command = option(command)
    return command


def where_of(workers: int | None, cluster: str | None, *, usual: int | None = None) -> Where:
    """Return where the options ask for work to be done.

    Parameters
    ----------
    usual
        Processes where neither option is given; None for one a core.

    Raises
    ------
    UsageError
        U413 both processes of this machine and a cluster.
    """
    from ..replications import Where

    if workers is not None and cluster is not None:
        fix = "Leave out one; how many workers a cluster has is said where they are started."
        raise UsageError("U413", "Both --workers and --cluster are given.", fix=fix)
    return Where(usual if workers is None else workers, cluster)
