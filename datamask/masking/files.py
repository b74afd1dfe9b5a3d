"""Files that a policy names: found when the policy is read, and known by their content from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue

_KEYS = frozenset(("file", "path", "sha256"))


def refer(written: str, folder: Path | None = None) -> dict[str, JSONValue]:
    """A file parameter in its normal form: ``{file, path, sha256}``.

    :param written: the path as the policy has it.
    :param folder: what it is relative to; the current folder by default.
    :raises PolicyError: there is no such file, or it cannot be read.
    """
    path = (folder or Path()) / written
    content = _read(path, written)
    return {"file": written, "path": str(path.absolute()), "sha256": hashlib.sha256(content).hexdigest()}


def is_reference(value: JSONValue) -> bool:
    """Whether a value is a file parameter in its normal form."""
    return (
        isinstance(value, dict)
        and set(value) == _KEYS
        and all(isinstance(one, str) for one in value.values())
    )


def content(params: Mapping[str, JSONValue], name: str) -> bytes:
    """What a file parameter's file holds.

    :raises PolicyError: it is gone, or is not what it was when the policy was read.
    """
    value = params[name]
    assert isinstance(value, dict)
    written = str(value["file"])
    found = _read(Path(str(value["path"])), written)
    if hashlib.sha256(found).hexdigest() != value["sha256"]:
        raise PolicyError(
            f"the file {written} has changed since the policy was read",
            hint="run the command again; nothing was masked with the new content",
        )
    return found


def portable(value: JSONValue) -> JSONValue:
    """Parameters without what depends on the machine: of a file, its name and content count, not its folder."""
    if isinstance(value, list):
        return [portable(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {"file", "sha256"} if is_reference(value) else set(value)
    return {name: portable(one) for name, one in value.items() if name in kept}


def _read(path: Path, written: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(
            f"the file {written} cannot be read: {error.strerror}",
            hint=f"a path is relative to the policy file; looked for {path}",
        ) from None
