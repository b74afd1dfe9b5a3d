"""What all verbs have in common: their options, how results are printed, how failures end."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from datamask.cli.groups import VerbCommand
from datamask.cli.options import COMMON, Options
from datamask.errors import DatamaskError
from datamask.report.json_text import Object, dumps
from datamask.report.problem import problem_code, problem_json, problem_text
from datamask.report.style import Style, style_for

if TYPE_CHECKING:
    from datamask.commands.project import Project
    from datamask.progress import Progress

DEBUG_VARIABLE = "DATAMASK_DEBUG"

FAILED = 1
USAGE = 2

_INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Output:
    """What a verb has to say.

    :param data: for ``--json``.
    :param text: for people.
    """

    data: Object
    text: str
    exit_code: int = 0


@dataclass(frozen=True)
class Call:
    """One call of a verb: what was asked for, and where to look."""

    options: Options

    @cached_property
    def project(self) -> Project:
        """The project of the configuration in use."""
        from datamask.commands.project import open_project

        return open_project(self.options.config)

    @property
    def style(self) -> Style:
        """Colours of the result."""
        return style_for(sys.stdout)

    @property
    def verbose(self) -> bool:
        """True where details are wanted."""
        return self.options.verbose

    def progress(self) -> AbstractContextManager[Progress]:
        """Where work tells how far it is: stderr, or nowhere."""
        from datamask.report.progress import watched

        return watched(sys.stderr, quiet=self.options.quiet)

    def message(self, text: str) -> None:
        """A line for people beside the result; nothing with ``--quiet`` or ``--json``."""
        if not (self.options.quiet or self.options.json):
            print(text, file=sys.stderr)


Verb = Callable[..., Output]


def add_verb(app: typer.Typer, name: str, verb: Verb, *, interrupted: str = _INTERRUPTED) -> None:
    """Make a function a verb of the command line.

    :param verb: takes a ``Call`` and then its own annotated parameters; its docstring is its help.
    :param interrupted: what Ctrl-C leaves behind, in words.
    """
    signature = inspect.signature(verb, eval_str=True)
    own = list(signature.parameters.values())[1:]
    defaults = Options()
    common = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(defaults, field.name),
            annotation=COMMON[field.name],
        )
        for field in fields(Options)
    ]
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own]

    def command(**given: Any) -> int:
        ctx: typer.Context = given.pop("ctx")
        after = Options(**{field.name: given.pop(field.name) for field in fields(Options)})
        options = ctx.find_root().params.get("options", Options())
        call = Call((options if isinstance(options, Options) else Options()).joined(after))
        return carry_out(lambda: verb(call, **given), call.options, interrupted)

    every = [context, *parameters, *common]
    command.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    command.__annotations__ = {item.name: item.annotation for item in every}
    app.command(name, cls=VerbCommand, help=inspect.getdoc(verb))(command)


def carry_out(work: Callable[[], Output], options: Options, interrupted: str = _INTERRUPTED) -> int:
    """Do it, print the result, and give the exit code. Nothing leaves it but the ends of the process."""
    try:
        output = work()
        print(dumps(output.data) if options.json else output.text, flush=True)
        return output.exit_code
    except DatamaskError as error:
        return fail(problem_code(error), error.message, error.hint, error.exit_code, json=options.json)
    except KeyboardInterrupt:
        return fail(_INTERRUPTED, interrupted, None, FAILED, json=options.json)
    except BrokenPipeError:
        # Whoever read the result has seen enough; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        return fail("internal", *_internal(error), FAILED, json=options.json)


def fail(code: str, message: str, hint: str | None, exit_code: int, *, json: bool) -> int:
    """Tell a failure: to people on stderr, to programs on stdout."""
    print(problem_text(message, hint, style_for(sys.stderr)), file=sys.stderr, flush=True)
    if json:
        print(dumps(problem_json(code, message, hint, exit_code)), flush=True)
    return exit_code


def _internal(error: Exception) -> tuple[str, str]:
    """What can be said of an error that nobody expected: its text may quote values, its place cannot."""
    frames = traceback.extract_tb(error.__traceback__)
    package = Path(__file__).parents[1]
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(package)]
    place = ""
    if own:
        file = Path(own[-1].filename).relative_to(package.parent)
        place = f" in {file.as_posix()}:{own[-1].lineno}"
    return (
        f"internal error: {type(error).__name__}{place}",
        f"please report it; {DEBUG_VARIABLE}=1 shows the traceback, which may quote data",
    )
