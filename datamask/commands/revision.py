"""Files of a project as they were in a revision of its git repository."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from datamask.errors import DatamaskError, UsageError

_TIMEOUT_SECONDS = 60


@contextmanager
def files_at(revision: str, files: Sequence[Path]) -> Iterator[Callable[[Path], Path]]:
    """The folders of the files as a revision has them, in a temporary folder; the work tree is not touched.

    :returns: a function from a file's path to where its old version is, which may not be there.
    :raises UsageError: where there is no repository, no such revision, or git itself is missing.
    :raises DatamaskError: what the block raises, with places named as ``revision:path``.
    """
    top = Path(_git(files[0].parent, "rev-parse", "--show-toplevel").decode().strip())
    commit = _commit(top, revision)
    folders = sorted({_below(top, file.parent) for file in files})
    with tempfile.TemporaryDirectory(prefix="datamask-") as temporary:
        old = Path(temporary).resolve()
        for folder in folders:
            if folder == "." or _git(top, "ls-tree", commit, "--", folder):
                archive = _git(top, "archive", "--format=tar", commit, "--", folder)
                _unpack(archive, old)
        try:
            yield lambda file: old / _below(top, file)
        except DatamaskError as error:
            error.message = error.message.replace(f"{old}{os.sep}", f"{revision}:")
            raise


def _unpack(archive: bytes, folder: Path) -> None:
    """The plain files of an archive; links and whatever would stand outside of the folder are left out."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            target = (folder / member.name).resolve()
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None and target.is_relative_to(folder):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())


def _commit(top: Path, revision: str) -> str:
    if not revision.startswith("-"):
        found = _run(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.decode().strip()
    raise UsageError(
        f"{revision!r} is neither a file nor a revision of the repository {top}",
        hint="name a policy file, or a commit, branch or tag, such as HEAD or main",
    )


def _below(top: Path, path: Path) -> str:
    whole = path.resolve()
    if not whole.is_relative_to(top.resolve()):
        raise UsageError(f"{path} is not in the repository {top}, so no revision has it")
    return whole.relative_to(top.resolve()).as_posix()


def _git(folder: Path, *arguments: str) -> bytes:
    done = _run(folder, *arguments)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(
            f"git {arguments[0]} failed in {folder}" + (f": {said[-1]}" if said else ""),
            hint="a comparison with a revision needs the policy in a git repository; a file needs none",
        )
    return done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("the program git is not there", hint="compare with a file, or install git") from None
    except subprocess.TimeoutExpired:
        raise DatamaskError(f"git {arguments[0]} took longer than {_TIMEOUT_SECONDS} s") from None
