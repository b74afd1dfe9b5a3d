"""Putting a new secret where a reference points, with the old one kept beside it."""

from __future__ import annotations

import os
from pathlib import Path

from datamask.config.secrets import SecretRef, keyring_module
from datamask.errors import DatamaskError, RefusedError


def replace_secret(reference: SecretRef, secret: str, *, old_name: str) -> str | None:
    """Store a new secret; whoever reads the reference sees the old one or the new one, whole.

    :param old_name: the old secret stays under the reference's name, a dot and this.
    :returns: where the old secret is now; None for a reference that only its owner can change (``env:``, ``command:``).
    :raises RefusedError: where something is kept under that name already; nothing was changed.
    :raises DatamaskError: where it cannot be written; nothing was changed.
    """
    match reference.scheme:
        case "file":
            return f"file:{_replace_file(reference.file_path(), secret, old_name)}"
        case "keyring":
            return _replace_in_keyring(reference, secret, old_name)
        case _:
            return None


def _replace_file(path: Path, secret: str, old_name: str) -> Path:
    kept = path.with_name(f"{path.name}.{old_name}")
    draft = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A second name for the old content: at no moment is there no key.
        os.link(path, kept)
        draft.replace(path)
    except FileExistsError:
        draft.unlink(missing_ok=True)
        raise _kept_already(f"the file {kept}") from None
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DatamaskError(f"the secret file {path} cannot be replaced: {error.strerror}") from None
    return kept


def _replace_in_keyring(reference: SecretRef, secret: str, old_name: str) -> str:
    keyring = keyring_module()
    service, name = reference.keyring_entry()
    kept = f"{name}.{old_name}"
    if keyring.get_password(service, kept) is not None:
        raise _kept_already(f"the keyring's entry {service}/{kept}")
    keyring.set_password(service, kept, reference.resolve_text())
    keyring.set_password(service, name, secret)
    return f"keyring:{service}/{kept}"


def _kept_already(what: str) -> RefusedError:
    return RefusedError(
        f"{what} is there already, and holds an old secret; nothing was changed",
        hint="move it away first",
    )
