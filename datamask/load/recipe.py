"""What hooks make of a snapshot before anyone sees it: the part that is kept in the golden, and the rest.

A reset takes about a second only where hooks ran in advance, and is right only where running them again would give
the same. SQL is decided by its text. A program is decided by more than its arguments, so it runs in every reset unless
its ``inputs`` say which files decide it. Order is kept: what stands behind a step that is not kept is not kept either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datamask.config.hooks import CommandStep, Hooks, SqlStep, Step
from datamask.db.session import Session
from datamask.errors import UsageError


@dataclass(frozen=True, slots=True)
class SqlScript:
    """SQL that was read: what is run is what its digest was made of.

    :param name: the file, for messages.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Routine:
    """Work of datamask's own in the new database, such as a scenario's rows.

    :param name: for messages.
    :param digest: of all that decides what it does; empty where it may do something else the next time.
    :param run: works in the open transaction of a session.
    """

    name: str
    digest: str
    run: Callable[[Session], None]


_Hook = SqlScript | CommandStep
Task = _Hook | Routine


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hooks that are ready to run.

    :param kept: what the golden is made with.
    :param always: what runs in every load and reset, before the swap.
    :param afterwards: what runs once the swap is done.
    :param digest: of all that decides what the golden holds besides the snapshot; empty where nothing does.
    :param scenario: what the last of it is called, where it is a scenario's.
    """

    kept: tuple[Task, ...] = ()
    always: tuple[Task, ...] = ()
    afterwards: tuple[Task, ...] = ()
    digest: str = ""
    scenario: str = ""

    @property
    def programs(self) -> tuple[CommandStep, ...]:
        """Every program that runs before the swap."""
        return tuple(task for task in (*self.kept, *self.always) if isinstance(task, CommandStep))


NO_RECIPE = Recipe()


def read_recipe(hooks: Hooks, *, environment: str) -> Recipe:
    """Read the hooks' files.

    :param environment: programs are told its name, so it is part of what decides them.
    :raises UsageError: where a file cannot be read, or inputs name none.
    """
    first = [_read(step) for step in hooks.after_load]
    border = next((index for index, task in enumerate(first) if not _decided(task)), len(first))
    kept = tuple(first[:border])
    parts = [part for task in kept for part in _parts(task, environment)]
    return Recipe(
        kept=kept,
        always=(*first[border:], *(_read(step) for step in hooks.before_swap)),
        afterwards=tuple(_read(step) for step in hooks.after_swap),
        digest=_digest(parts) if parts else "",
    )


def with_routines(recipe: Recipe, routines: Sequence[Routine], scenario: str) -> Recipe:
    """The recipe with a scenario's work behind what its hooks do before the swap."""
    kept, always, parts = list(recipe.kept), list(recipe.always), []
    for routine in routines:
        if routine.digest and not always:
            kept.append(routine)
            parts.append(routine.digest)
        else:
            always.append(routine)
    if not parts:
        return replace(recipe, always=tuple(always))
    return replace(
        recipe,
        kept=tuple(kept),
        always=tuple(always),
        digest=_digest([recipe.digest, *parts]),
        scenario=scenario,
    )


def task_name(task: Task) -> str:
    """The task as messages name it; a program without its arguments, which may be anything."""
    return Path(task.arguments[0]).name if isinstance(task, CommandStep) else task.name


def _read(step: Step) -> _Hook:
    if isinstance(step, CommandStep):
        return step
    return SqlScript(step.file.name, _content(step))


def _content(step: SqlStep) -> str:
    try:
        return step.file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{step.file}: there is no such file, and a hook runs it") from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{step.file}: cannot be read as UTF-8 text, and a hook runs it") from None


def _decided(task: _Hook) -> bool:
    return isinstance(task, SqlScript) or bool(task.inputs)


def _parts(task: _Hook, environment: str) -> Iterable[str]:
    if isinstance(task, SqlScript):
        yield f"sql {_digest([task.text])}"
        return
    yield f"program of {environment} {_digest(task.arguments)}"
    for pattern in task.inputs:
        files = sorted(path for path in task.folder.glob(pattern) if path.is_file())
        if not files:
            raise UsageError(f"no file in {task.folder} is {pattern}, which a hook's inputs name")
        for path in files:
            yield f"input {path.relative_to(task.folder).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # With its length before it, so that no two lists read alike.
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
