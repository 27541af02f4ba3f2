"""The command line: one module per verb, imported when the verb is used, so that `iwm --help` is instant.

A verb's module defines ``command``, a `click.Command`. It calls the same functions as a notebook does, prints its
result on stdout, and raises an `IWMError` where something is wrong. `main` prints errors on stderr, without a
traceback, and turns each family of codes into its exit code.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

import click

from ..errors import IWMError, UsageError
from . import output

VERBS = {
    "init": "Write a commented study.toml for a file of answers.",
    "check": "Find every problem in a study's data, in one pass.",
    "plan": "Say which questions a study, or a planned design, can answer.",
    "power": "Say how often a planned design gives the right verdict, by simulation.",
    "models": "List the model files and the question each answers.",
    "instruments": "List the questionnaires whose keys are known.",
    "simulate": "Make a study from a model, with the truth recorded beside it.",
    "fit": "Fit a model to a study.",
    "diagnose": "Say whether a fit may be believed, and why.",
    "compare": "Compare models by leaving out persons, with a verdict in words.",
    "report": "Write one self-contained HTML report of a fit or a comparison.",
    "export": "Write persons' scores with their uncertainty, and the draws.",
    "calibrate": "Show by simulation whether a model file computes what it says.",
    "schema": "Print the JSON schema of model, study or design files.",
}

TRACEBACK = "IWM_TRACEBACK"
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


class Verbs(click.Group):
    """A group whose commands are modules of this package, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of an analysis."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb's command, importing its module."""
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f".{cmd_name}", __name__).command
        command.help = command.help or VERBS[cmd_name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that was asked for; a misspelt one names the nearest."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1)
            fix = f'Did you mean "iwm {near[0]}"?' if near else f"Verbs: {', '.join(VERBS)}."
            raise UsageError("U201", f'There is no verb "{args[0]}".', fix=fix)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs with their one line each, without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="iwm-bayes", prog_name="iwm")
def iwm() -> None:
    """One general working model of attachment, one for each relationship, or both?

    A STUDY is a folder with study.toml, that file, a data file beside it, or the name of a bundled study. A MODEL is
    a name from `iwm models`, or a path.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    output.prepare_streams()
    try:
        result = iwm.main(args=None if arguments is None else list(arguments), prog_name="iwm", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        output.say("Interrupted. What was complete is kept.")
        return 6
    except click.ClickException as error:
        return _misused(error)
    except IWMError as error:
        output.show_error(error)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output, such as `head`, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last resort: no user should meet a bare traceback
        return _unexpected(error)


def _misused(error: click.ClickException) -> int:
    """Print click's own complaint about the arguments with a code."""
    context = getattr(error, "ctx", None)
    fix = f"See: {context.command_path} --help" if context else ""
    output.show_error(UsageError("U200", error.format_message(), fix=fix))
    return UsageError.exit_code


def _unexpected(error: Exception) -> int:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        output.show_lines("error", "S700", f"The disk is full: {error}.", "Make room; nothing half-written is kept.")
        return 7
    said = f"{type(error).__name__}: {error}"
    fix = f"This is a fault of the program. Set {TRACEBACK}=1 to see where, and report it."
    output.show_lines("error", "X100", f"Something unexpected happened. {said}", fix)
    return 1
