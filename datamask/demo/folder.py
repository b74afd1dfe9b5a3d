"""The demo's folder: a project like any other, claimed and written anew by each run."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path

from datamask.errors import DatamaskError, RefusedError
from datamask.masking.keys import new_key

STATE = ".datamask"

_MARK = "demo"
_KEY = "key"
_PRODUCTION = "production"
_FILES = ("datamask.yaml", "policies/staging.yaml")


def claim(folder: Path) -> None:
    """Make the folder the demo's, and remove what an earlier run left there but for its server and its key.

    :raises RefusedError: where it holds something that is not a demo's; nothing was touched.
    :raises DatamaskError: where it cannot be written.
    """
    mark = folder / STATE / _MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(
            f"{folder} is there already and is not a demo's",
            hint="name another folder with --folder; the demo makes it",
        )
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text("`datamask demo` may write this folder anew.\n", encoding="utf-8")
        for name in ("snapshots", "policies"):
            if (folder / name).exists():
                shutil.rmtree(folder / name)
    except OSError as error:
        raise _cannot_write(folder, error) from None


def write_project(folder: Path, production: str) -> None:
    """Write the configuration, the policy, the masking key and production's address.

    :param production: a connection string.
    """
    try:
        for name in _FILES:
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            target.write_text(
                files("datamask.demo").joinpath("project", name).read_text(encoding="utf-8"), encoding="utf-8"
            )
        _write_secret(folder / STATE / _PRODUCTION, production)
        key = folder / STATE / _KEY
        if not key.exists():
            # One key for all runs: the same person becomes the same other person each time.
            _write_secret(key, new_key())
    except OSError as error:
        raise _cannot_write(folder, error) from None


def _write_secret(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")


def _cannot_write(folder: Path, error: OSError) -> DatamaskError:
    return DatamaskError(f"the demo's folder {folder} cannot be written: {error.strerror}")
