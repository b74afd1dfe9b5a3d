"""Branches of an environment: databases of its kind for one developer or one piece of work, named ``dev/my-branch``."""

from __future__ import annotations

import re
from dataclasses import replace

from datamask.config.settings import Environment
from datamask.errors import RefusedError, UsageError

# What people name branches of a repository, as far as a mark and a message can hold it.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")

# The names of databases that loads work with begin so behind the environment's name.
_RESERVED = "datamask"


def split_name(name: str) -> tuple[str, str | None]:
    """An environment's name and, behind the first slash, its branch."""
    environment, slash, branch = name.partition("/")
    return environment, branch if slash else None


def branch_of(parent: Environment, branch: str) -> Environment:
    """The branch as an environment: like its parent, disposable, and as small as can be on the server's disk.

    :raises UsageError: for a name that cannot be one.
    :raises RefusedError: for a branch of a protected environment.
    """
    if not _NAME.fullmatch(branch) or branch.lower().startswith(_RESERVED):
        raise UsageError(
            f"{branch!r} cannot be a branch's name",
            hint="use up to 100 letters, digits, '-', '_', '.' and '/', beginning with a letter or digit; "
            f"names that begin with {_RESERVED} are datamask's own",
        )
    if parent.tier == "protected":
        raise RefusedError(
            f"environment {parent.name} is protected: it has no branches",
            hint="make branches of an environment that loads may replace",
        )
    return replace(
        parent, name=f"{parent.name}/{branch}", tier="disposable", spare=False, keep_previous=False
    )
