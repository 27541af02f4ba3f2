"""A verb that lists what there is and shows one of it: `iwm models`, `iwm models show NAME`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from ..errors import UsageError, nearest


class Listing(click.Group):
    """A group whose only command is ``show``; a NAME without it is answered with what to type.

    Parameters
    ----------
    known
        Returns the names that can be shown; called only where a word is refused.
    """

    def __init__(self, *arguments: object, known: Callable[[], Iterable[str]], **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self._known = known

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was asked for; another word may be the NAME of what is to be shown."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            names = sorted(self._known())
            near = nearest(args[0], names)
            fix = f"To see one: {ctx.command_path} show {near or 'NAME'}" + ("" if near else f" ({', '.join(names)}).")
            raise UsageError("U201", f'There is no verb "{ctx.command_path} {args[0]}".', fix=fix)
        return super().resolve_command(ctx, args)
